/**
 * Reads the queues of one broker group from its master, for one reign. Two connections: one blocks in XREADGROUP, the
 * other acknowledges meanwhile. Before a queue is read on, its consumer group is made where it is missing, and what is
 * pending in this member's name is delivered first, so that a lost connection or a failover skips nothing.
 *
 * A reader that lost a connection, or whose server is no longer the master, ends; its consumer starts another one.
 */
import type { ConnectionOptions } from 'node:tls';
import type { Deliveries } from './deliveries.ts';
import { SDK_LIMITS } from './limits.ts';
import { pause } from './pause.ts';
import { type Connection, openConnection } from './redis-connection.ts';
import { classifyError, messageOf } from './redis-error.ts';
import type { SdkListener } from './sdk-event.ts';
import type { StartPoints } from './start-points.ts';
import { streamKey } from './stream-key.ts';
import { decodeMessage } from './stream-message.ts';
import { parseAutoClaim, parseEntries, parseStreams, type StreamEntry } from './stream-replies.ts';

export type ReaderTarget = {
  readonly cluster: string;
  readonly topic: string;
  readonly group: string;
  readonly epoch: number;
  readonly address: string;
};

export type ReaderSettings = {
  readonly consumerGroup: string;
  readonly member: string;
  readonly username: string;
  readonly password: string;
  readonly tls: ConnectionOptions | null;
  readonly blockMs: number;
  readonly claimIdleMs: number;
  readonly deliveries: Deliveries;
  readonly startPoints: StartPoints;
  readonly onEvent: SdkListener;
  /** Called once when the reader ended by itself. */
  readonly onFailure: (detail: string) => void;
};

type Argument = string | number;

export class GroupReader {
  readonly target: ReaderTarget;
  readonly #settings: ReaderSettings;
  readonly #stopping = new AbortController();
  readonly #prepared = new Set<number>();
  readonly #done: Promise<void>;
  #queues: readonly number[];
  #ordered: boolean;
  #changed = new AbortController();
  #commands: Connection | null = null;
  #blocking: Connection | null = null;
  #claimedAtMs = performance.now();

  constructor(target: ReaderTarget, queues: readonly number[], ordered: boolean, settings: ReaderSettings) {
    this.target = target;
    this.#queues = queues;
    this.#ordered = ordered;
    this.#settings = settings;
    this.#done = this.#run();
  }

  get ended(): boolean {
    return this.#stopping.signal.aborted;
  }

  /** Takes effect with the next read. A queue that is not read any more keeps what is being handled. */
  assign(queues: readonly number[], ordered: boolean): void {
    this.#queues = queues;
    this.#ordered = ordered;
    for (const queue of this.#prepared) if (!queues.includes(queue)) this.#prepared.delete(queue);
    this.#changed.abort();
    this.#changed = new AbortController();
  }

  /** True when the entry was pending and is not any more. Works until `close`. Never rejects. */
  async acknowledge(queue: number, entryId: string): Promise<boolean> {
    if (this.#commands === null || !this.#commands.isOpen()) return false;
    try {
      return (await this.#command('XACK', this.#key(queue), this.#settings.consumerGroup, entryId)) === 1;
    } catch (error) {
      this.#fail(messageOf(error));
      return false;
    }
  }

  /** Reads no more; connections stay open for acknowledgements until `close`. */
  async stopReading(): Promise<void> {
    this.#stopping.abort();
    this.#changed.abort();
    this.#blocking?.close();
    await this.#done;
  }

  close(): void {
    this.#stopping.abort();
    this.#changed.abort();
    this.#blocking?.close();
    this.#commands?.close();
  }

  async #run(): Promise<void> {
    const { group, epoch, address } = this.target;
    this.#commands = await this.#open('acknowledge');
    this.#blocking = await this.#open('read');
    if (this.#commands === null || this.#blocking === null) return;
    this.#settings.onEvent({ type: 'connected', group, epoch, address });
    while (!this.ended) {
      try {
        await this.#step(this.#blocking);
      } catch (error) {
        // The consumer group vanished (deleted by hand, or not yet replicated when the master died).
        if (classifyError(error) === 'noGroup') this.#prepared.clear();
        else this.#fail(messageOf(error));
      }
    }
  }

  async #open(purpose: string): Promise<Connection | null> {
    if (this.ended) return null;
    const { address, group } = this.target;
    const { username, password, tls } = this.#settings;
    const opened = await openConnection({
      address,
      username,
      password,
      tls,
      name: `pollux-consumer-${purpose}-${group}`,
    });
    if (opened.kind === 'failed') {
      this.#fail(opened.detail);
      return null;
    }
    if (this.ended) {
      opened.connection.close();
      return null;
    }
    opened.connection.onClose(() => this.#fail('the connection was closed'));
    return opened.connection;
  }

  async #step(blocking: Connection): Promise<void> {
    for (const queue of this.#queues) {
      if (this.#prepared.has(queue) || this.ended) continue;
      await this.#makeGroup(queue);
      await this.#deliverPending(queue);
      this.#prepared.add(queue);
    }
    if (performance.now() - this.#claimedAtMs >= this.#settings.claimIdleMs) await this.#claimAbandoned();
    await this.#readNew(blocking);
  }

  async #makeGroup(queue: number): Promise<void> {
    const { consumerGroup, startPoints, onEvent } = this.#settings;
    const { group, epoch } = this.target;
    const key = this.#key(queue);
    const fromId = await startPoints.pointOf(group, queue, epoch, async () => {
      const [newest] = parseEntries(await this.#command('XREVRANGE', key, '+', '-', 'COUNT', 1));
      return newest?.entryId ?? '0';
    });
    try {
      await this.#command('XGROUP', 'CREATE', key, consumerGroup, fromId, 'MKSTREAM');
      onEvent({ type: 'groupCreated', group, queue, fromId });
    } catch (error) {
      if (!messageOf(error).startsWith('BUSYGROUP')) throw error;
      startPoints.existed(group, queue);
    }
  }

  /** Everything that was delivered to this member and not acknowledged, oldest first. */
  async #deliverPending(queue: number): Promise<void> {
    const { consumerGroup, member } = this.#settings;
    const page = ['COUNT', SDK_LIMITS.entriesPerPage, 'STREAMS', this.#key(queue)] as const;
    let after = '0';
    while (!this.ended) {
      const reply = await this.#command('XREADGROUP', 'GROUP', consumerGroup, member, ...page, after);
      const entries = parseStreams(reply)[0]?.entries ?? [];
      await this.#deliver(queue, entries);
      const last = entries.at(-1);
      if (last === undefined) return;
      after = last.entryId;
    }
  }

  /** Takes over what other members (or this one, when its handler failed) left pending for too long. */
  async #claimAbandoned(): Promise<void> {
    const { consumerGroup, member, claimIdleMs } = this.#settings;
    this.#claimedAtMs = performance.now();
    for (const queue of this.#queues) {
      let cursor = '0-0';
      do {
        const limit = ['COUNT', SDK_LIMITS.entriesPerPage] as const;
        const reply = await this.#command(
          'XAUTOCLAIM',
          this.#key(queue),
          consumerGroup,
          member,
          claimIdleMs,
          cursor,
          ...limit,
        );
        const claimed = parseAutoClaim(reply);
        await this.#deliver(queue, claimed.entries);
        cursor = claimed.cursor;
      } while (cursor !== '0-0' && !this.ended);
    }
  }

  async #readNew(blocking: Connection): Promise<void> {
    const { consumerGroup, member, blockMs, deliveries } = this.#settings;
    const queues = new Map(this.#queues.map((queue) => [this.#key(queue), queue]));
    if (queues.size === 0) {
      await pause(blockMs, this.#changed.signal);
      return;
    }
    // COUNT is for each stream.
    const count = Math.max(1, Math.min(SDK_LIMITS.entriesPerPage, Math.floor(deliveries.free / queues.size)));
    const how = ['COUNT', count, 'BLOCK', blockMs, 'STREAMS'] as const;
    const news = [...queues.keys()].map(() => '>');
    const timeoutMs = blockMs + SDK_LIMITS.answerGraceMs;
    const reply = await ask(
      blocking,
      timeoutMs,
      'XREADGROUP',
      'GROUP',
      consumerGroup,
      member,
      ...how,
      ...queues.keys(),
      ...news,
    );
    for (const { key, entries } of parseStreams(reply)) {
      const queue = queues.get(key);
      if (queue !== undefined) await this.#deliver(queue, entries);
    }
  }

  async #deliver(queue: number, entries: readonly StreamEntry[]): Promise<void> {
    const { topic, group } = this.target;
    const { deliveries, onEvent } = this.#settings;
    for (const { entryId, fields } of entries) {
      if (this.ended) return;
      const message = fields === null ? null : decodeMessage(fields);
      if (message !== null) {
        await deliveries.offer({ ...message, topic, group, queue, entryId }, this.#ordered);
        continue;
      }
      // Deleted from the stream, or written by something else: nobody can handle it, and it must not stay pending.
      onEvent({ type: 'malformedEntry', group, queue, entryId });
      await this.acknowledge(queue, entryId);
    }
  }

  async #command(name: string, ...parameters: readonly Argument[]): Promise<unknown> {
    if (this.#commands === null) throw new Error('the connection is not open');
    return await ask(this.#commands, SDK_LIMITS.answerGraceMs, name, ...parameters);
  }

  #key(queue: number): string {
    return streamKey(this.target.cluster, this.target.topic, queue);
  }

  #fail(detail: string): void {
    if (this.ended) return;
    this.close();
    const { group, epoch } = this.target;
    this.#settings.onEvent({ type: 'disconnected', group, epoch, detail });
    this.#settings.onFailure(detail);
  }
}

/** One command with a time limit, after which the connection is cut: a stopped server answers nothing for ever. */
async function ask(
  connection: Connection,
  timeoutMs: number,
  name: string,
  ...parameters: readonly Argument[]
): Promise<unknown> {
  const timer = setTimeout(() => connection.close(), timeoutMs);
  try {
    return await connection.redis.callBuffer(name, ...parameters);
  } finally {
    clearTimeout(timer);
  }
}
