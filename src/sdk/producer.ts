/**
 * Sends messages to the Streams of the nearest writable broker group. A message is called acknowledged only when the
 * group's write policy is met; every other end says whether it may have been written. Errors are values.
 */
import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { ConnectionOptions } from 'node:tls';
import type { RouteAnswer } from '../contract/routes.ts';
import { unreachable } from '../core/primitives/assert.ts';
import type { RefusalCode, Result } from '../core/primitives/refusal.ts';
import { GroupChannels } from './group-channels.ts';
import { SDK_LIMITS } from './limits.ts';
import { backoffMs, pause } from './pause.ts';
import { chooseQueue } from './queue-choice.ts';
import { RouteClient, type RouteClientOptions } from './route-client.ts';
import { RouteNews } from './route-news.ts';
import { type SdkListener, shielded } from './sdk-event.ts';
import { streamKey } from './stream-key.ts';
import { type EncodedMessage, encodeMessage, type OutgoingMessage } from './stream-message.ts';
import type { UnknownReason, WriteAttempt } from './write-channel.ts';

export type ProducerOptions = RouteClientOptions & {
  /** Password of the brokers' applications; left out where they need none. */
  readonly password?: string;
  readonly tls?: ConnectionOptions;
  /** For one send with all its attempts; default 10 s. */
  readonly sendTimeoutMs?: number;
  /** Longest that one WAIT blocks the connection; default 500 ms. Shorter than `sendTimeoutMs`. */
  readonly waitRoundMs?: number;
  /**
   * Whether a message whose fate is unknown is sent again, under the same id: consumers may see it twice, but it is
   * not given up. Default true.
   */
  readonly retryUnknown?: boolean;
  /** How often the routes in use are asked for again, so that traffic returns to a near group; default 2 s. */
  readonly routePollMs?: number;
  readonly onEvent?: SdkListener;
};

export type SendOutcome =
  /** Held by as many replicas as the group's policy asks for. `id` is the message id, `entryId` that in the Stream. */
  | {
      readonly kind: 'acknowledged';
      readonly id: string;
      readonly group: string;
      readonly queue: number;
      readonly epoch: number;
      readonly entryId: string;
    }
  /** It may have been written, at least once; read back, or send again under the same id. */
  | { readonly kind: 'unknown'; readonly id: string; readonly reason: UnknownReason; readonly detail: string }
  /** It was certainly not written. */
  | {
      readonly kind: 'refused';
      readonly id: string;
      readonly code: RefusalCode | 'closed';
      readonly message: string;
    };

type Unsettled = Extract<SendOutcome, { kind: 'unknown' | 'refused' }>;

/** Everything that stays the same over the attempts of one send. */
type Sending = {
  readonly id: string;
  readonly topic: string;
  readonly key: string | undefined;
  readonly turn: number;
  readonly encoded: EncodedMessage;
  readonly deadlineMs: number;
};

type Verdict = { readonly settled: SendOutcome } | { readonly tryAgain: Unsettled };

/** Refusals that may pass by themselves. */
const PASSING: ReadonlySet<RefusalCode> = new Set<RefusalCode>([
  'noWritableGroup',
  'noLeader',
  'notLeader',
  'overloaded',
  'timedOut',
  'stale',
]);

const CLOSE_TIMEOUT_MS = 5_000;

export class Producer {
  readonly #routes: RouteClient;
  readonly #channels: GroupChannels;
  readonly #news: RouteNews;
  readonly #sendTimeoutMs: number;
  readonly #retryUnknown: boolean;
  readonly #onEvent: SdkListener;
  readonly #closing = new AbortController();
  readonly #sends = new Set<Promise<SendOutcome>>();
  readonly #topicsInUse = new Set<string>();
  readonly #poll: NodeJS.Timeout;
  #closed = false;
  #turn = 0;

  constructor(options: ProducerOptions) {
    // Every topic with an overdue write waits for it; Node would warn of a leak in the application's own output.
    setMaxListeners(SDK_LIMITS.messagesInFlight, this.#closing.signal);
    this.#routes = new RouteClient(options);
    this.#sendTimeoutMs = options.sendTimeoutMs ?? 10_000;
    this.#retryUnknown = options.retryUnknown ?? true;
    this.#onEvent = shielded(options.onEvent);
    this.#channels = new GroupChannels({
      password: options.password ?? '',
      tls: options.tls ?? null,
      waitRoundMs: options.waitRoundMs ?? 500,
      onEvent: this.#onEvent,
    });
    this.#news = new RouteNews(this.#routes, (route) => this.#learn(route), this.#closing.signal);
    this.#poll = setInterval(() => this.#pollRoutes(), options.routePollMs ?? 2_000);
    this.#poll.unref();
  }

  /** Never rejects. Order among messages of one key is kept when each send is awaited before the next. */
  send(topic: string, message: OutgoingMessage): Promise<SendOutcome> {
    const id = message.id ?? randomUUID();
    if (this.#closed) return Promise.resolve(closedOutcome(id));
    if (this.#sends.size >= SDK_LIMITS.messagesInFlight) {
      const text = `${SDK_LIMITS.messagesInFlight} messages are under way; await some of them first.`;
      return Promise.resolve({ kind: 'refused', id, code: 'overloaded', message: text });
    }
    const encoded = encodeMessage(id, message, Date.now());
    if (!encoded.ok) return Promise.resolve({ kind: 'refused', id, ...encoded.refusal });
    this.#turn += 1;
    const deadlineMs = performance.now() + this.#sendTimeoutMs;
    const send = this.#attempts({
      id,
      topic,
      key: message.key,
      turn: this.#turn,
      encoded: encoded.value,
      deadlineMs,
    });
    this.#sends.add(send);
    void send.finally(() => this.#sends.delete(send));
    return send;
  }

  /** Takes no more messages, lets those under way end for at most `timeoutMs`, and closes all connections. */
  async close(timeoutMs = CLOSE_TIMEOUT_MS): Promise<void> {
    this.#closed = true;
    clearInterval(this.#poll);
    const drained = new AbortController();
    void Promise.allSettled(this.#sends).then(() => drained.abort());
    await pause(timeoutMs, drained.signal);
    this.#closing.abort();
    this.#channels.close();
    await Promise.allSettled(this.#sends);
  }

  /** An attempt that may have written outweighs later ones that certainly did not. */
  async #attempts(sending: Sending): Promise<SendOutcome> {
    let unknown: Unsettled | null = null;
    let last: Unsettled = closedOutcome(sending.id);
    let tried: RouteAnswer | null = null;
    for (let attempt = 1; attempt <= SDK_LIMITS.attemptsPerSend; attempt += 1) {
      const route = await this.#routeOf(sending.topic, attempt > 1, tried);
      if (route.ok) tried = route.value;
      const verdict = route.ok
        ? await this.#attempt(sending, route.value)
        : refusedVerdict(sending.id, route.refusal);
      if ('settled' in verdict) {
        return verdict.settled.kind === 'refused' ? (unknown ?? verdict.settled) : verdict.settled;
      }
      last = verdict.tryAgain;
      if (last.kind === 'unknown') unknown = last;
      const pauseMs = backoffMs(attempt);
      if (this.#closing.signal.aborted || performance.now() + pauseMs >= sending.deadlineMs) break;
      await this.#news.pause(sending.topic, pauseMs);
    }
    return unknown ?? last;
  }

  async #attempt(sending: Sending, route: RouteAnswer): Promise<Verdict> {
    const { id, topic, key, turn, encoded, deadlineMs } = sending;
    const avoided = this.#channels.recentlyFailed();
    const choice = chooseQueue({ route, key, turn, avoided });
    if (!choice.ok) return refusedVerdict(id, choice.refusal);
    const { group, queue } = choice.value;
    const channel = this.#channels.channelFor(route.revision.incarnation, group, queue);
    const write = channel.write({
      key: streamKey(this.#routes.cluster, topic, queue),
      fields: encoded.fields,
      bytes: encoded.bytes,
      deadlineMs,
    });
    const written = await this.#news.during(topic, write);
    if (written.kind !== 'acknowledged') return this.#judge(id, group.group, written);
    const { entryId } = written;
    return {
      settled: { kind: 'acknowledged', id, group: group.group, queue, epoch: channel.terms.epoch, entryId },
    };
  }

  #judge(id: string, group: string, attempt: Exclude<WriteAttempt, { kind: 'acknowledged' }>): Verdict {
    const { detail } = attempt;
    switch (attempt.kind) {
      case 'unknown': {
        const outcome = { kind: 'unknown', id, reason: attempt.reason, detail } as const;
        if (!this.#retryUnknown) return { settled: outcome };
        this.#onEvent({ type: 'sendRetried', id, group, detail });
        return { tryAgain: outcome };
      }
      case 'notWritten': {
        if (!attempt.mayHelp)
          return { settled: { kind: 'refused', id, code: 'brokerRefused', message: detail } };
        this.#onEvent({ type: 'sendRetried', id, group, detail });
        return { tryAgain: { kind: 'refused', id, code: 'brokerUnreachable', message: detail } };
      }
      default:
        return unreachable(attempt);
    }
  }

  /**
   * The route that is known; a fresh one where there is none, and before another attempt where none was heard of since
   * the last.
   */
  async #routeOf(topic: string, again: boolean, tried: RouteAnswer | null): Promise<Result<RouteAnswer>> {
    if (this.#topicsInUse.size < SDK_LIMITS.topicsPerClient) this.#topicsInUse.add(topic);
    const known = this.#routes.known(topic);
    if (known !== null && (!again || known !== tried)) return { ok: true, value: known };
    const route = await this.#routes.refresh(topic);
    if (!route.ok) {
      this.#onEvent({ type: 'nodesRefused', code: route.refusal.code, detail: route.refusal.message });
    } else if (known?.revision.index !== route.value.revision.index) {
      this.#onEvent({ type: 'routeChanged', topic, index: route.value.revision.index });
    }
    return route;
  }

  #learn(route: RouteAnswer): void {
    this.#onEvent({ type: 'routeChanged', topic: route.topic, index: route.revision.index });
    this.#channels.learn(route);
  }

  #pollRoutes(): void {
    const topics = [...this.#topicsInUse];
    this.#topicsInUse.clear();
    for (const topic of topics) {
      if (this.#routes.known(topic) === null) continue;
      void this.#routes.refresh(topic);
    }
  }
}

const closedOutcome = (id: string): Unsettled => ({
  kind: 'refused',
  id,
  code: 'closed',
  message: 'The producer was closed.',
});

function refusedVerdict(
  id: string,
  { code, message }: { readonly code: RefusalCode; readonly message: string },
): Verdict {
  const outcome = { kind: 'refused', id, code, message } as const;
  return PASSING.has(code) ? { tryAgain: outcome } : { settled: outcome };
}
