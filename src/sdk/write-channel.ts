/**
 * Writes to one broker group under one set of terms: one connection, one user `w-<version>`, one count k. Writes are
 * gathered into batches: all XADDs, then one WAIT k, on the connection that took them.
 *
 * Invariant: a write is acknowledged only when its XADD succeeded, and a WAIT sent behind it on the same session of
 * the same connection counted at least k replicas. A channel whose connection is gone never comes back; what it had
 * sent is `unknown`, what it had not sent is `notWritten`.
 */
import type { ConnectionOptions } from 'node:tls';
import { SDK_LIMITS } from './limits.ts';
import { type Connection, openConnection } from './redis-connection.ts';
import { classifyError, messageOf } from './redis-error.ts';

export type ChannelTerms = {
  readonly group: string;
  readonly epoch: number;
  readonly syncSetVersion: number;
  readonly address: string;
  readonly username: string;
  readonly waitCount: number;
};

export type ChannelSettings = {
  readonly password: string;
  readonly tls: ConnectionOptions | null;
  /** Longest that one WAIT blocks; writes that are short of replicas join the next one until their deadline. */
  readonly waitRoundMs: number;
  readonly onOpen: () => void;
  readonly onClose: (detail: string) => void;
};

export type WriteRequest = {
  readonly key: string;
  readonly fields: readonly (string | Buffer)[];
  readonly bytes: number;
  /** On the clock of `performance.now()`. */
  readonly deadlineMs: number;
};

export type WriteAttempt =
  | { readonly kind: 'acknowledged'; readonly entryId: string }
  /** It may be on the master, on some replicas, or nowhere. */
  | { readonly kind: 'unknown'; readonly reason: UnknownReason; readonly detail: string }
  /** It is certainly not in the stream. `mayHelp`: another attempt, by a newer route, can succeed. */
  | { readonly kind: 'notWritten'; readonly mayHelp: boolean; readonly detail: string };

export type UnknownReason = 'connectionLost' | 'tooFewReplicas' | 'timedOut';

type Pending = WriteRequest & {
  readonly settle: (attempt: WriteAttempt) => void;
  entryId: string;
  /** How often the master refused it for want of slaves. */
  refusals: number;
};
type Reply = readonly [error: Error | null, value: unknown];

export class WriteChannel {
  readonly terms: ChannelTerms;
  readonly #settings: ChannelSettings;
  #state: 'open' | 'retiring' | 'closed' = 'open';
  /** Not sent yet. */
  #queue: Pending[] = [];
  /** On the master; waiting for enough replicas. */
  #written: Pending[] = [];
  #connection: Connection | null = null;
  /** Since when every write was refused for want of slaves; null while the master takes writes. */
  #shortSinceMs: number | null = null;
  #lastShortMs = 0;
  #wake: (() => void) | null = null;
  readonly #done: Promise<void>;

  constructor(terms: ChannelTerms, settings: ChannelSettings) {
    this.terms = terms;
    this.#settings = settings;
    this.#done = this.#run();
  }

  get usable(): boolean {
    return this.#state === 'open';
  }

  get isOpening(): boolean {
    return this.#state === 'open' && this.#connection === null;
  }

  /** Never rejects. Settles at the latest a WAIT round and the grace time after the deadline. */
  write(request: WriteRequest): Promise<WriteAttempt> {
    if (this.#state !== 'open') {
      return Promise.resolve({ kind: 'notWritten', mayHelp: true, detail: 'the connection was closed' });
    }
    return new Promise((settle) => {
      this.#queue.push({ ...request, settle, entryId: '', refusals: 0 });
      this.#wake?.();
    });
  }

  /** Takes no more writes and closes once those that it has are settled. */
  async retire(): Promise<void> {
    if (this.#state === 'open') this.#state = 'retiring';
    this.#wake?.();
    await this.#done;
  }

  /** Closes at once: what is sent and not acknowledged becomes unknown. */
  close(detail: string): void {
    this.#fail('connectionLost', detail);
  }

  async #run(): Promise<void> {
    const { group, address, username } = this.terms;
    const { password, tls } = this.#settings;
    const opened = await openConnection({
      address,
      username,
      password,
      tls,
      name: `pollux-producer-${group}`,
    });
    if (opened.kind === 'failed') {
      this.#fail('connectionLost', opened.detail);
      return;
    }
    if (this.#state === 'closed') {
      opened.connection.close();
      return;
    }
    this.#connection = opened.connection;
    opened.connection.onClose(() => this.#fail('connectionLost', 'the connection was closed'));
    this.#settings.onOpen();
    while (await this.#hasWork()) await this.#round(opened.connection);
    this.#fail('connectionLost', 'the channel was retired');
  }

  /** Waits for a write, then for the end of this turn of the event loop, so that writes of one turn share a WAIT. */
  async #hasWork(): Promise<boolean> {
    while (this.#state === 'open' && this.#queue.length === 0 && this.#written.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = null;
      await new Promise((resolve) => setImmediate(resolve));
    }
    return this.#state !== 'closed' && this.#queue.length + this.#written.length > 0;
  }

  async #round(connection: Connection): Promise<void> {
    const batch = this.#takeBatch();
    if (batch.length + this.#written.length === 0) return;
    const nowMs = performance.now();
    // Nobody asked in between, so nobody knows that it was short of slaves all the time.
    if (nowMs - this.#lastShortMs > SDK_LIMITS.shortForgottenMs) this.#shortSinceMs = null;
    const latestMs = Math.max(...[...batch, ...this.#written].map((write) => write.deadlineMs));
    // WAIT takes 0 for "for ever".
    const waitMs = Math.max(1, Math.min(this.#settings.waitRoundMs, Math.ceil(latestMs - nowMs)));
    const session = connection.sessions();
    const pipeline = connection.redis.pipeline();
    for (const { key, fields } of batch) pipeline.call('XADD', key, '*', ...fields);
    pipeline.call('WAIT', this.terms.waitCount, waitMs);
    // From here on the batch may be on the master, whatever becomes of the replies.
    this.#written.push(...batch);
    const timer = setTimeout(() => {
      this.#fail('timedOut', `no answer within ${waitMs + SDK_LIMITS.answerGraceMs} ms`);
    }, waitMs + SDK_LIMITS.answerGraceMs);
    let replies: readonly Reply[];
    try {
      replies = (await pipeline.exec()) ?? [];
    } catch (error) {
      replies = [];
      this.#fail('connectionLost', messageOf(error));
    } finally {
      clearTimeout(timer);
    }
    if (connection.sessions() !== session) this.#fail('connectionLost', 'the connection changed');
    this.#takeReplies(batch, replies);
  }

  #takeBatch(): readonly Pending[] {
    this.#dropExpired();
    let bytes = 0;
    let count = 0;
    for (const write of this.#queue) {
      bytes += write.bytes;
      if (count >= SDK_LIMITS.messagesPerBatch || (count > 0 && bytes > SDK_LIMITS.bytesPerBatch)) break;
      count += 1;
    }
    return this.#queue.splice(0, count);
  }

  /** A write that waited out its deadline behind slow ones is not sent any more: its caller has given up. */
  #dropExpired(): void {
    const nowMs = performance.now();
    const expired = this.#queue.filter((write) => write.deadlineMs <= nowMs);
    if (expired.length === 0) return;
    this.#queue = this.#queue.filter((write) => write.deadlineMs > nowMs);
    for (const { settle } of expired)
      settle({ kind: 'notWritten', mayHelp: true, detail: 'its time was over before its turn' });
  }

  /** XADD replies in order, then the count of replicas. Nothing of a closed channel is looked at any more. */
  #takeReplies(batch: readonly Pending[], replies: readonly Reply[]): void {
    if (this.#state === 'closed') return;
    let deposed: string | null = null;
    const short: Pending[] = [];
    const refused = new Set<Pending>();
    for (const [position, write] of batch.entries()) {
      const [error, entryId] = replies[position] ?? [new Error('no reply'), null];
      if (error === null && typeof entryId === 'string') {
        write.entryId = entryId;
        this.#shortSinceMs = null;
        continue;
      }
      const failure = classifyError(error);
      if (failure === 'lost') {
        this.#written = this.#written.filter((one) => !refused.has(one));
        this.#queue.unshift(...short);
        this.#fail('connectionLost', messageOf(error));
        return;
      }
      // The server answered with an error: this write did not happen.
      refused.add(write);
      if (failure === 'short') {
        short.push(write);
        continue;
      }
      write.settle({ kind: 'notWritten', mayHelp: failure !== 'rejected', detail: messageOf(error) });
      if (failure !== 'rejected') deposed = messageOf(error);
    }
    this.#written = this.#written.filter((one) => !refused.has(one));
    this.#queue.unshift(...short);
    const [waitError, replicas] = replies[batch.length] ?? [new Error('no reply'), null];
    if (waitError !== null || typeof replicas !== 'number') {
      this.#fail('connectionLost', messageOf(waitError));
      return;
    }
    this.#settleWritten(replicas);
    if (short.length > 0) deposed ??= this.#settleShort(short, replicas);
    if (deposed !== null) this.#fail('connectionLost', deposed);
  }

  #settleWritten(replicas: number): void {
    const enough = replicas >= this.terms.waitCount;
    const nowMs = performance.now();
    const written = this.#written;
    this.#written = [];
    for (const write of written) {
      if (enough) write.settle({ kind: 'acknowledged', entryId: write.entryId });
      else if (write.deadlineMs > nowMs) this.#written.push(write);
      else {
        const detail = `${replicas} of ${this.terms.waitCount} replicas held it in time`;
        write.settle({ kind: 'unknown', reason: 'tooFewReplicas', detail });
      }
    }
  }

  /**
   * The slaves of a master that has just been promoted attach within moments, which the WAIT behind the refused writes
   * has waited for: they are sent again at once. Otherwise whoever sends them asks for the route first. Returns why this
   * master is to be left, if it has refused for too long.
   */
  #settleShort(short: readonly Pending[], replicas: number): string | null {
    const detail = 'NOREPLICAS: the master has too few slaves';
    const nowMs = performance.now();
    this.#shortSinceMs ??= nowMs;
    this.#lastShortMs = nowMs;
    const settled = new Set<Pending>();
    for (const write of short) {
      write.refusals += 1;
      const again = replicas >= this.terms.waitCount && write.refusals <= SDK_LIMITS.retriesAtOnce;
      if (again && write.deadlineMs > nowMs) continue;
      settled.add(write);
      write.settle({ kind: 'notWritten', mayHelp: true, detail });
    }
    this.#queue = this.#queue.filter((write) => !settled.has(write));
    return nowMs - this.#shortSinceMs > SDK_LIMITS.shortForMs ? detail : null;
  }

  #fail(reason: UnknownReason, detail: string): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    const written = this.#written;
    const queue = this.#queue;
    this.#written = [];
    this.#queue = [];
    this.#connection?.close();
    this.#wake?.();
    for (const write of written) write.settle({ kind: 'unknown', reason, detail });
    for (const { settle } of queue) settle({ kind: 'notWritten', mayHelp: true, detail });
    this.#settings.onClose(detail);
  }
}
