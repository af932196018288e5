/**
 * Sentinels in memory, and the servers that they speak of: what each watches and says, whether it answers, and what it
 * was told. Its answers are those of the real ones: both keep sentinel-port-contract.ts.
 */
import { LIMITS } from '../../../src/core/primitives/limits.ts';
import { accepted, type Result, refused } from '../../../src/core/primitives/refusal.ts';
import type {
  MasterSeen,
  SentinelPort,
  SentinelSeen,
  SlaveSeen,
} from '../../../src/core/sentinels/sentinel-port.ts';

export const slaveSeen = (address: string, change: Partial<SlaveSeen> = {}): SlaveSeen => ({
  address,
  flags: ['slave'],
  follows: '10.1.0.1:6379',
  linkUp: true,
  priority: 100,
  ...change,
});

export type Word = Omit<MasterSeen, 'sentinel' | 'others'>;

/** Of one that is well. */
export const wordOf = (address: string, slaves: readonly SlaveSeen[], downAfterMs: number): Word => ({
  address,
  flags: ['master'],
  quorum: 2,
  settings: [
    ['down-after-milliseconds', String(downAfterMs)],
    ['failover-timeout', '180000'],
    ['parallel-syncs', '1'],
  ],
  slaves,
});

const ORDERS = wordOf('10.1.0.1:6379', [slaveSeen('10.1.0.2:6379'), slaveSeen('10.2.0.3:6379')], 3_000);

/** Characters of its id that a Sentinel names its connections with. */
const ID_CHARACTERS = 8;

export class FakeSentinel {
  readonly id: string;
  isUp = true;
  /** Null: it asks for none, and takes any. */
  password: string | null = null;
  /** Others that it has heard of and that are none of these. */
  readonly hearsay: SentinelSeen[] = [];
  /** What it says of each master that it watches. */
  readonly words = new Map<string, Word>();
  /** The others go on naming one that was told to stop. */
  readonly everWatched = new Set<string>();
  readonly #servers: Map<string, string | null>;

  constructor(id: string, servers: Map<string, string | null>) {
    this.id = id;
    this.#servers = servers;
  }

  watch(master: string, word: Word): void {
    this.words.set(master, word);
    this.everWatched.add(master);
    this.#servers.set(word.address, null);
    // Of a slave that it has never heard it does not know whom it follows.
    for (const { address, follows } of word.slaves) if (follows !== null) this.#servers.set(address, follows);
  }

  /** Of master `orders`; null once it was told to stop. */
  get word(): Word | null {
    return this.words.get('orders') ?? null;
  }

  set word(word: Word | null) {
    if (word === null) this.words.delete('orders');
    else this.watch('orders', word);
  }
}

/** Three Sentinels that watch master `orders` with two slaves, and agree. */
export class FakeSentinels implements SentinelPort {
  readonly all = new Map<string, FakeSentinel>();
  /** Which master each data server follows, by its address; null for a master. */
  readonly servers = new Map<string, string | null>();
  /** `10.0.0.1:26379 remove`, in order; looks are not told of. */
  readonly told: string[] = [];
  /** Runs before a Sentinel does what it is told. */
  beforeRemove: (address: string) => void = () => undefined;
  looks = 0;
  beforeLook: () => void = () => undefined;
  /** Sentinels that nobody knows and that are connected to each server. */
  strangers: readonly string[] = [];
  /** Data servers that do not answer. */
  readonly silent = new Set<string>();
  /** This Sentinel does not let anybody remove a master. */
  forbidding: string | null = null;

  constructor(count = 3) {
    for (let number = 1; number <= count; number += 1) this.add(number);
  }

  /** Without a word it watches nothing yet. */
  add(number: number, word: Word | null = ORDERS): FakeSentinel {
    const sentinel = new FakeSentinel(String(number).repeat(40).slice(0, 40), this.servers);
    sentinel.word = word;
    this.all.set(`10.0.0.${number}:26379`, sentinel);
    return sentinel;
  }

  of(number: number): FakeSentinel {
    const found = this.all.get(`10.0.0.${number}:26379`);
    if (found === undefined) throw new Error(`no Sentinel ${number}`);
    return found;
  }

  /** Changes what each of them says. */
  say(change: Partial<Word>): void {
    for (const sentinel of this.all.values())
      if (sentinel.word !== null) sentinel.word = { ...sentinel.word, ...change };
  }

  /** A master with exactly these slaves. */
  serve(master: string, slaves: readonly string[]): void {
    for (const [address, follows] of this.servers) if (follows === master) this.servers.delete(address);
    this.servers.set(master, null);
    for (const slave of slaves) this.servers.set(slave, master);
  }

  get watching(): number {
    return [...this.all.values()].filter(({ word }) => word !== null).length;
  }

  async masters(
    address: string,
    password: string | null = null,
  ): Promise<Result<{ names: readonly string[]; leftOff: number }>> {
    const sentinel = this.#at(address, password);
    if (!sentinel.ok) return sentinel;
    const all = [...sentinel.value.words.keys()];
    const names = all.slice(0, LIMITS.mastersPerSentinel).sort();
    return accepted({ names, leftOff: all.length - names.length });
  }

  async look(address: string, master: string, password: string | null = null): Promise<Result<MasterSeen>> {
    this.looks += 1;
    this.beforeLook();
    const sentinel = this.#at(address, password);
    if (!sentinel.ok) return sentinel;
    const { id, words, hearsay } = sentinel.value;
    const word = words.get(master);
    if (word === undefined) {
      const message = `Sentinel ${address} watches no master ${master}.`;
      return refused('unknownMaster', message, { field: 'master' });
    }
    const others = [...this.all]
      .filter(([other, { everWatched }]) => other !== address && everWatched.has(master))
      .map(([other, one]) => ({ address: other, id: one.id }))
      .concat(hearsay);
    if (word.slaves.length > LIMITS.slavesPerMaster || others.length > LIMITS.sentinelsPerMaster)
      return refused('brokerRefused', `${address} answers as no Sentinel does.`);
    return accepted({ ...word, sentinel: { id, address }, others });
  }

  async slavesOf(master: string): Promise<Result<readonly string[]>> {
    const isSentinel = this.all.get(master)?.isUp === true;
    if (isSentinel) return refused('brokerRefused', `${master} is no data server.`);
    const upstream = this.#upstreamOf(master);
    if (!upstream.ok) return upstream;
    if (upstream.value !== null)
      return refused('brokerRefused', `${master} is a slave of ${upstream.value}: name its master.`);
    const slaves = [...this.servers].filter(([, follows]) => follows === master);
    return slaves.length > LIMITS.slavesPerMaster
      ? refused('brokerRefused', `${master} names its slaves as no master does.`)
      : accepted(slaves.map(([address]) => address));
  }

  async watchersOf(server: string): Promise<Result<readonly string[]>> {
    const upstream = this.#upstreamOf(server);
    if (!upstream.ok) return upstream;
    const watching = [...this.all.values()].filter(({ words }) =>
      [...words.values()].some(
        ({ address, slaves }) => address === server || slaves.some((slave) => slave.address === server),
      ),
    );
    return accepted([...watching.map(({ id }) => id.slice(0, ID_CHARACTERS)), ...this.strangers]);
  }

  async remove(address: string, master: string, password: string | null = null): Promise<Result<null>> {
    this.beforeRemove(address);
    this.told.push(`${address} remove`);
    const sentinel = this.#at(address, password);
    if (!sentinel.ok) return sentinel;
    if (this.forbidding === address) return refused('brokerRefused', `Sentinel ${address} does not let us.`);
    sentinel.value.words.delete(master);
    return accepted(null);
  }

  /** As nodes see them that have this password of the Sentinels. */
  withPassword(password: string | null): SentinelPort {
    return {
      masters: (sentinel) => this.masters(sentinel, password),
      look: (sentinel, master) => this.look(sentinel, master, password),
      slavesOf: (master) => this.slavesOf(master),
      watchersOf: (server) => this.watchersOf(server),
      remove: (sentinel, master) => this.remove(sentinel, master, password),
    };
  }

  #at(address: string, password: string | null): Result<FakeSentinel> {
    const sentinel = this.all.get(address);
    if (sentinel === undefined && this.#upstreamOf(address).ok)
      return refused('brokerRefused', `${address} is no Sentinel.`);
    if (sentinel?.isUp !== true) return refused('brokerUnreachable', `Sentinel ${address} does not answer.`);
    return sentinel.password === null || sentinel.password === password
      ? accepted(sentinel)
      : refused('brokerRefused', `Sentinel ${address} asks for another password: redis.sentinels.`);
  }

  #upstreamOf(server: string): Result<string | null> {
    const upstream = this.servers.get(server);
    return upstream === undefined || this.silent.has(server)
      ? refused('brokerUnreachable', `${server} does not answer.`)
      : accepted(upstream);
  }
}
