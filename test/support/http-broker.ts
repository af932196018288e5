/**
 * Brokers that register themselves, as small as they can be: no data but a position in a stream, and heartbeats to
 * every node. A slave holds what its master holds while both say so.
 */
import { randomUUID } from 'node:crypto';
import type { HeartbeatAnswer } from '../../src/contract/heartbeat.ts';
import type { Tier } from './tier.ts';

const HOLD_MS = 200;
const PAUSE_WHEN_REFUSED_MS = 50;

export class HttpBroker {
  readonly id: string;
  readonly site: string;
  readonly address: string;
  readonly #tier: Tier;
  readonly #group: string;
  readonly #others: readonly HttpBroker[];
  #incarnation = randomUUID();
  #role: HeartbeatAnswer['role'] = 'fenced';
  #epoch = 0;
  #orders: string | null = null;
  #follows: HttpBroker | null = null;
  #accepted: readonly string[] = [];
  #lineage: string = randomUUID();
  #second: { readonly lineage: string; readonly offset: bigint } | null = null;
  #offset = 0n;
  #beats: Promise<unknown> | null = null;
  #beating = false;
  /** Every role it was told, with the epoch, in order. */
  readonly told: string[] = [];

  /** `others` is the list that all brokers of the group are put into. */
  constructor(
    tier: Tier,
    group: string,
    place: { id: string; site: string; address: string },
    others: HttpBroker[],
  ) {
    this.#tier = tier;
    this.#group = group;
    this.id = place.id;
    this.site = place.site;
    this.address = place.address;
    this.#others = others;
    others.push(this);
  }

  get role(): HeartbeatAnswer['role'] {
    return this.#role;
  }

  get epoch(): number {
    return this.#epoch;
  }

  get follows(): string | null {
    return this.#follows?.id ?? null;
  }

  /** A master takes a write, and its slaves with it. */
  write(bytes: bigint): void {
    this.#offset += bytes;
  }

  get offset(): bigint {
    return this.#offset;
  }

  start(): void {
    this.#beating = true;
    this.#beats = Promise.all(this.#tier.nodes.map((_, position) => this.#beat(position)));
  }

  /** Cut off from everybody: heartbeats end, its slaves' links go down, the process goes on as it is. */
  async silence(): Promise<void> {
    this.#beating = false;
    await this.#beats;
  }

  /** Another life of the process, with the data that it had. */
  restart(): void {
    this.#incarnation = randomUUID();
    this.#orders = null;
    this.#role = 'fenced';
    this.#follows = null;
    this.#accepted = [];
    this.start();
  }

  async #beat(position: number): Promise<void> {
    while (this.#beating) {
      const pauseMs = await this.#once(position).catch(() => PAUSE_WHEN_REFUSED_MS);
      await new Promise((done) => setTimeout(done, pauseMs));
    }
  }

  async #once(position: number): Promise<number> {
    this.#copy();
    const asked = { incarnation: this.#incarnation, orders: this.#orders };
    const body = {
      group: this.#group,
      replica: this.id,
      report: this.#report(),
      ordersSeen: asked.orders,
      holdMs: HOLD_MS,
    };
    const answer = await this.#tier.call('POST', '/v1/brokers/heartbeat', body, this.#tier.nodes[position]);
    if (answer.status !== 200) return PAUSE_WHEN_REFUSED_MS;
    const orders = answer.body as HeartbeatAnswer;
    const isNews = orders.orders !== asked.orders && asked.orders === this.#orders;
    if (this.#beating && isNews && asked.incarnation === this.#incarnation) this.#obey(orders);
    return orders.nextHeartbeatMs;
  }

  #obey({ orders, role, epoch, follow, accept }: HeartbeatAnswer): void {
    if (epoch < this.#epoch) return;
    this.#orders = orders;
    if (role === 'master' && this.#role !== 'master') {
      this.#second = { lineage: this.#lineage, offset: this.#offset };
      this.#lineage = randomUUID();
    }
    this.told.push(`${role} ${epoch}`);
    this.#role = role;
    this.#epoch = epoch;
    this.#follows = this.#others.find(({ id }) => id === follow?.replica) ?? null;
    this.#accepted = accept;
  }

  #linked(): HttpBroker | null {
    const master = this.#follows;
    if (master === null || !master.#beating) return null;
    return master.#accepted.includes(this.id) ? master : null;
  }

  #copy(): void {
    const master = this.#linked();
    if (master === null) return;
    this.#lineage = master.#lineage;
    this.#second = master.#second;
    this.#offset = master.#offset;
  }

  #report(): object {
    return {
      incarnation: this.#incarnation,
      role: this.#role === 'master' ? 'master' : 'slave',
      lineage: this.#lineage,
      secondLineage: this.#second?.lineage ?? null,
      secondOffset: (this.#second?.offset ?? -1n).toString(),
      offset: this.#offset.toString(),
      connectedSlaves: this.#others.filter((other) => other.#linked() === this).length,
      epoch: this.#epoch,
      follows:
        this.#follows === null
          ? null
          : {
              address: this.#follows.address,
              linkUp: this.#linked() !== null,
              syncing: false,
              lastReceivedSecondsAgo: this.#linked() === null ? -1 : 0,
            },
    };
  }
}
