/**
 * Reads the queues of a topic that are allocated to one member of a consumer group, through Redis consumer groups, and
 * acknowledges what its handler has finished. Every message is handled at least once; it may be handled again after
 * a failover or a restart, under the same message id.
 *
 * The nodes do not know the members yet: each is told the whole list, and all of them then get the same answer.
 * While the lists of two members differ, a queue may be read by both; an entry still goes to one of them only.
 */
import type { ConnectionOptions } from 'node:tls';
import type { RouteAnswer } from '../contract/routes.ts';
import { accepted, type Refusal, type Result, refused } from '../core/primitives/refusal.ts';
import { Deliveries, type Handler, type Place } from './deliveries.ts';
import { GroupReader, type ReaderSettings } from './group-reader.ts';
import { SDK_LIMITS } from './limits.ts';
import { backoffMs, pause } from './pause.ts';
import { type Member, RouteClient, type RouteClientOptions } from './route-client.ts';
import { type SdkListener, shielded } from './sdk-event.ts';
import { type StartFrom, StartPoints } from './start-points.ts';

export type ConsumerOptions = RouteClientOptions & {
  readonly topic: string;
  readonly consumerGroup: string;
  /** Unique in the consumer group, and the same after a restart: what was pending is found again by it. */
  readonly member: string;
  /** All members, this one included; left out where it is the only one. */
  readonly members?: readonly Member[];
  /** Resolves when the message is done with; a failure leaves it pending, and it comes again. */
  readonly handler: Handler;
  /** User and password of the brokers; `default` without a password unless said. */
  readonly username?: string;
  readonly password?: string;
  readonly tls?: ConnectionOptions;
  /** Where a consumer group that never existed begins; default `first`. */
  readonly startFrom?: StartFrom;
  /** Handlers that run at once; default 64. Messages of an ordered topic run one after the other for each queue. */
  readonly maxInFlight?: number;
  /** Longest that one read blocks; default 1 s. */
  readonly blockMs?: number;
  /** How often route and allocation are asked for; default 2 s, sooner after a failure. */
  readonly refreshMs?: number;
  /** A message that is pending for so long, here or with a member that is gone, is handled again; default 30 s. */
  readonly claimIdleMs?: number;
  readonly onEvent?: SdkListener;
};

type QueueNumbers = ReadonlyMap<string, readonly number[]>;

const CLOSE_TIMEOUT_MS = 5_000;

export class Consumer {
  readonly #options: ConsumerOptions;
  readonly #onEvent: SdkListener;
  readonly #routes: RouteClient;
  readonly #deliveries: Deliveries;
  readonly #startPoints: StartPoints;
  readonly #readers = new Map<string, GroupReader>();
  readonly #closing = new AbortController();
  #nudge = new AbortController();
  #allocated = '';
  #queues: QueueNumbers = new Map();
  #failures = 0;
  #coordination: Promise<void> | null = null;

  constructor(options: ConsumerOptions) {
    this.#options = options;
    this.#onEvent = shielded(options.onEvent);
    this.#routes = new RouteClient(options);
    this.#startPoints = new StartPoints(options.startFrom ?? 'first');
    this.#deliveries = new Deliveries({
      maxInFlight: Math.min(options.maxInFlight ?? 64, SDK_LIMITS.handlersInFlight),
      handler: options.handler,
      acknowledge: (place) => this.#acknowledge(place),
      onEvent: this.#onEvent,
    });
  }

  /** Begins to read, and goes on until `close`. Refused with invalidRequest when the list of members lacks this one. */
  start(): Result<null> {
    const { idc } = this.#routes;
    if (!idc.ok) return idc;
    if (!this.#members().some(({ member }) => member === this.#options.member)) {
      return refused('invalidRequest', `Member ${this.#options.member} is not in the list of members.`, {
        field: 'members',
        expected: 'all members of the consumer group, this one included',
      });
    }
    this.#coordination ??= this.#coordinate();
    return accepted(null);
  }

  /** Reads no more, lets handlers end for at most `timeoutMs`, acknowledges what they finished, and disconnects. */
  async close(timeoutMs = CLOSE_TIMEOUT_MS): Promise<void> {
    this.#closing.abort();
    const readers = [...this.#readers.values()];
    const stopped = Promise.allSettled(readers.map((reader) => reader.stopReading()));
    await this.#deliveries.close(timeoutMs);
    for (const reader of readers) reader.close();
    await stopped;
    await this.#coordination;
  }

  #members(): readonly Member[] {
    const { member, members } = this.#options;
    const { idc } = this.#routes;
    return members ?? [{ member, idc: idc.ok ? idc.value : null }];
  }

  async #coordinate(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      const refusal = await this.#refresh();
      if (refusal !== null) {
        this.#failures += 1;
        this.#onEvent({ type: 'nodesRefused', code: refusal.code, detail: refusal.message });
      }
      if (this.#failures > 0) await pause(backoffMs(this.#failures), this.#closing.signal);
      else
        await pause(
          this.#options.refreshMs ?? 2_000,
          AbortSignal.any([this.#closing.signal, this.#nudge.signal]),
        );
    }
  }

  /** Null when route and allocation are both in force. A refused allocation leaves the one before in force. */
  async #refresh(): Promise<Refusal | null> {
    this.#nudge = new AbortController();
    const { topic, consumerGroup, member } = this.#options;
    const before = this.#routes.known(topic)?.revision.index;
    const route = await this.#routes.refresh(topic);
    if (!route.ok) return route.refusal;
    if (before !== route.value.revision.index) {
      this.#onEvent({ type: 'routeChanged', topic, index: route.value.revision.index });
    }
    const allocation = await this.#routes.allocate(topic, this.#members(), consumerGroup);
    if (allocation.ok)
      this.#take(allocation.value.assignments.find((own) => own.member === member)?.queues ?? []);
    if (this.#closing.signal.aborted) return null;
    const waiting = this.#adjustReaders(route.value);
    if (!allocation.ok) return allocation.refusal;
    return waiting === null
      ? null
      : { code: 'notActive', message: `Broker group ${waiting} has no master at the moment.` };
  }

  #take(queues: readonly { readonly group: string; readonly queue: number }[]): void {
    const text = JSON.stringify(queues.map(({ group, queue }) => [group, queue]));
    if (text === this.#allocated) return;
    this.#allocated = text;
    const numbers = new Map<string, number[]>();
    for (const { group, queue } of queues) numbers.set(group, [...(numbers.get(group) ?? []), queue]);
    this.#queues = numbers;
    this.#onEvent({ type: 'allocated', queues: queues.map(({ group, queue }) => ({ group, queue })) });
  }

  /** One reader for each group with queues, on its reigning master. Returns a group that has none, if any. */
  #adjustReaders(route: RouteAnswer): string | null {
    let waiting: string | null = null;
    let failing = false;
    for (const group of new Set([...this.#queues.keys(), ...this.#readers.keys()])) {
      const queues = this.#queues.get(group) ?? [];
      const shown = route.groups.find((candidate) => candidate.group === group);
      const reader = this.#readers.get(group);
      if (reader?.ended === true) failing = true;
      const current =
        reader !== undefined &&
        !reader.ended &&
        shown?.master?.address === reader.target.address &&
        shown.epoch === reader.target.epoch;
      if (current) {
        reader.assign(queues, route.order);
        continue;
      }
      reader?.close();
      this.#readers.delete(group);
      // A strict topic is not read from another IDC, whoever its queues are allocated to.
      if (queues.length === 0 || (shown === undefined && route.near === 'strict')) continue;
      if (shown?.master == null) waiting = group;
      else
        this.#readers.set(group, this.#startReader(route, group, shown.epoch, shown.master.address, queues));
    }
    if (!failing && waiting === null) this.#failures = 0;
    return waiting;
  }

  #startReader(
    route: RouteAnswer,
    group: string,
    epoch: number,
    address: string,
    queues: readonly number[],
  ): GroupReader {
    const target = { cluster: this.#routes.cluster, topic: route.topic, group, epoch, address };
    const { consumerGroup, member, username, password, tls, blockMs, claimIdleMs } = this.#options;
    const settings: ReaderSettings = {
      consumerGroup,
      member,
      username: username ?? 'default',
      password: password ?? '',
      tls: tls ?? null,
      blockMs: blockMs ?? 1_000,
      claimIdleMs: claimIdleMs ?? 30_000,
      deliveries: this.#deliveries,
      startPoints: this.#startPoints,
      onEvent: this.#onEvent,
      onFailure: () => {
        this.#failures += 1;
        this.#nudge.abort();
      },
    };
    return new GroupReader(target, queues, route.order, settings);
  }

  async #acknowledge({ group, queue, entryId }: Place): Promise<boolean> {
    return (await this.#readers.get(group)?.acknowledge(queue, entryId)) ?? false;
  }
}
