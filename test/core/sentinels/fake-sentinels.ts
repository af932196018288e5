/** Sentinels in memory: what each watches and says, whether it answers, and what it was told. */
import { accepted, type Result, refused } from '../../../src/core/primitives/refusal.ts';
import type { MasterSeen, SentinelPort, SlaveSeen } from '../../../src/core/sentinels/sentinel-port.ts';

export const slaveSeen = (address: string, change: Partial<SlaveSeen> = {}): SlaveSeen => ({
  address,
  flags: ['slave'],
  follows: '10.1.0.1:6379',
  linkUp: true,
  priority: 100,
  ...change,
});

export type FakeSentinel = {
  readonly id: string;
  isUp: boolean;
  /** It watches this, and says so; null once it was told to stop. */
  word: Omit<MasterSeen, 'sentinel' | 'others'> | null;
};

/** Three Sentinels that watch master `orders` with two slaves, and agree. */
export class FakeSentinels implements SentinelPort {
  readonly all = new Map<string, FakeSentinel>();
  /** `10.0.0.1:26379 remove`, in order; looks are not told of. */
  readonly told: string[] = [];
  /** Runs before a Sentinel does what it is told. */
  beforeRemove: (address: string) => void = () => undefined;
  looks = 0;
  beforeLook: () => void = () => undefined;

  constructor(count = 3) {
    for (let number = 1; number <= count; number += 1) this.add(number);
  }

  add(number: number): FakeSentinel {
    const sentinel: FakeSentinel = {
      id: String(number).repeat(40).slice(0, 40),
      isUp: true,
      word: {
        address: '10.1.0.1:6379',
        flags: ['master'],
        quorum: 2,
        settings: [
          ['down-after-milliseconds', '3000'],
          ['parallel-syncs', '1'],
        ],
        slaves: [slaveSeen('10.1.0.2:6379'), slaveSeen('10.2.0.3:6379')],
      },
    };
    this.all.set(`10.0.0.${number}:26379`, sentinel);
    return sentinel;
  }

  of(number: number): FakeSentinel {
    const found = this.all.get(`10.0.0.${number}:26379`);
    if (found === undefined) throw new Error(`no Sentinel ${number}`);
    return found;
  }

  /** Changes what each of them says. */
  say(change: Partial<Omit<MasterSeen, 'sentinel' | 'others'>>): void {
    for (const sentinel of this.all.values())
      if (sentinel.word !== null) sentinel.word = { ...sentinel.word, ...change };
  }

  get watching(): number {
    return [...this.all.values()].filter(({ word }) => word !== null).length;
  }

  async masters(address: string): Promise<Result<{ names: readonly string[]; leftOff: number }>> {
    const sentinel = this.#at(address);
    if (!sentinel.ok) return sentinel;
    return accepted({ names: sentinel.value.word === null ? [] : ['orders'], leftOff: 0 });
  }

  async look(address: string, master: string): Promise<Result<MasterSeen>> {
    this.looks += 1;
    this.beforeLook();
    const sentinel = this.#at(address);
    if (!sentinel.ok) return sentinel;
    const { id, word } = sentinel.value;
    if (word === null || master !== 'orders') return refused('unknownMaster', `It watches no ${master}.`);
    const others = [...this.all]
      .filter(([other]) => other !== address)
      .map(([other, one]) => ({ address: other, id: one.id }));
    return accepted({ ...word, sentinel: { id, address }, others });
  }

  /** What each master says of its slaves, by its address; others are no masters. */
  readonly slaves = new Map<string, readonly string[]>();

  async slavesOf(master: string): Promise<Result<readonly string[]>> {
    const slaves = this.slaves.get(master);
    return slaves === undefined
      ? refused('brokerRefused', `${master} is a slave of another server: name its master.`)
      : accepted(slaves);
  }

  /** Sentinels that nobody knows and that are connected to each server. */
  strangers: readonly string[] = [];
  silent: string | null = null;
  /** This Sentinel does not let anybody remove a master. */
  forbidding: string | null = null;

  async watchersOf(server: string): Promise<Result<readonly string[]>> {
    if (server === this.silent) return refused('brokerUnreachable', 'It does not answer.');
    const watching = [...this.all.values()].filter(({ word }) => word !== null);
    return accepted([...watching.map(({ id }) => id.slice(0, 8)), ...this.strangers]);
  }

  async remove(address: string): Promise<Result<null>> {
    this.beforeRemove(address);
    this.told.push(`${address} remove`);
    const sentinel = this.#at(address);
    if (!sentinel.ok) return sentinel;
    if (this.forbidding === address) return refused('brokerRefused', `Sentinel ${address} does not let us.`);
    sentinel.value.word = null;
    return accepted(null);
  }

  #at(address: string): Result<FakeSentinel> {
    const sentinel = this.all.get(address);
    return sentinel?.isUp === true
      ? accepted(sentinel)
      : refused('brokerUnreachable', `Sentinel ${address} does not answer.`);
  }
}
