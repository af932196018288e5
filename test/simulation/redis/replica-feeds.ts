/**
 * What a server does for those who replicate from it: partial resyncs out of its backlog, snapshots one at a time,
 * the stream, and the count of those that have confirmed an offset.
 */

import type { StreamEntry } from './replication-stream.ts';
import { ErrorReply } from './reply.ts';
import type { ServerProcess } from './server-process.ts';
import type { Session } from './session.ts';

type Feed = {
  readonly session: Session;
  /** Waits for a snapshot; one is being sent; it loads it; it streams. */
  state: 'waiting' | 'snapshot' | 'loading' | 'online';
  readonly sinceMs: number;
  ackOffset: bigint;
  ackMs: number;
  /** The stream behind the snapshot, kept until that is sent. */
  readonly kept: StreamEntry[];
};

const STATE_NAMES = { waiting: 'wait_bgsave', snapshot: 'wait_bgsave', loading: 'online', online: 'online' };

export class ReplicaFeeds {
  readonly #process: ServerProcess;
  readonly #feeds = new Map<number, Feed>();
  #snapshotRunning = false;
  #ackWanted = false;
  #withoutReplicasSinceMs: number;
  #goodReplicas = 0;

  constructor(process: ServerProcess) {
    this.#process = process;
    this.#withoutReplicasSinceMs = process.nowMs();
  }

  get size(): number {
    return this.#feeds.size;
  }

  /** As the last look found it, not as it is at this moment: Redis looks once a second. */
  get goodReplicas(): number {
    return this.#goodReplicas;
  }

  sessions(): readonly Session[] {
    return [...this.#feeds.values()].map(({ session }) => session);
  }

  /** Answers `PSYNC`. */
  attach(session: Session, replicationId: string, wanted: bigint): ErrorReply | null {
    const { stream, link } = this.#process;
    if (this.#feeds.has(session.id)) return null;
    if (link.master !== null && link.state !== 'connected') {
      return new ErrorReply("NOMASTERLINK Can't SYNC while not connected with my master");
    }
    const now = this.#process.nowMs();
    const missing = stream.entriesFrom(replicationId, wanted);
    session.isReplica = true;
    const feed: Feed = {
      session,
      state: missing === null ? 'waiting' : 'online',
      sinceMs: now,
      ackOffset: 0n,
      ackMs: now,
      kept: [],
    };
    this.#feeds.set(session.id, feed);
    this.#process.host.journal.attached(this.#process, session);
    if (missing !== null) {
      session.end.send({ kind: 'continue', replicationId: stream.replicationId });
      for (const entry of missing) session.end.send({ kind: 'stream', entry });
      this.#lookForGood();
      return null;
    }
    if (!stream.hasBacklog) {
      stream.newHistory();
      stream.createBacklog();
    }
    this.#startSnapshot();
    return null;
  }

  #startSnapshot(): void {
    const { settings, stream, writes } = this.#process;
    const waiting = [...this.#feeds.values()].filter(({ state }) => state === 'waiting');
    if (this.#snapshotRunning || waiting.length === 0) return;
    const patienceMs = settings.isOn('repl-diskless-sync')
      ? settings.number('repl-diskless-sync-delay') * 1_000
      : 0;
    const longestMs = this.#process.nowMs() - Math.min(...waiting.map(({ sinceMs }) => sinceMs));
    if (longestMs < patienceMs) return;
    this.#snapshotRunning = true;
    const snapshot = { writes: [...writes], replicationId: stream.replicationId, offset: stream.offset };
    stream.selectAgain();
    for (const feed of waiting) {
      feed.state = 'snapshot';
      feed.session.end.send({ kind: 'fullResync' });
    }
    this.#process.after(this.#process.pace.transferMs(), () => {
      this.#snapshotRunning = false;
      for (const feed of waiting) {
        if (!this.#feeds.has(feed.session.id)) continue;
        feed.session.end.send({ kind: 'snapshot', snapshot });
        for (const entry of feed.kept) feed.session.end.send({ kind: 'stream', entry });
        feed.state = 'loading';
      }
    });
  }

  propagate(entries: readonly StreamEntry[]): void {
    for (const feed of this.#feeds.values()) {
      if (feed.state === 'waiting') continue;
      if (feed.state === 'snapshot') feed.kept.push(...entries);
      else for (const entry of entries) feed.session.end.send({ kind: 'stream', entry });
    }
  }

  acknowledge(session: Session, offset: bigint): void {
    const feed = this.#feeds.get(session.id);
    if (feed === undefined) return;
    if (offset > feed.ackOffset) feed.ackOffset = offset;
    feed.ackMs = this.#process.nowMs();
    if (feed.state === 'loading') feed.state = 'online';
    this.#lookForGood();
    this.#process.waiters.acknowledged();
    this.#process.failover.acknowledged();
  }

  /** Who holds everything up to `offset` and said so. */
  confirmers(offset: bigint): readonly Session[] {
    const sessions: Session[] = [];
    for (const feed of this.#feeds.values())
      if (feed.state === 'online' && feed.ackOffset >= offset) sessions.push(feed.session);
    return sessions;
  }

  confirmed(offset: bigint): number {
    return this.confirmers(offset).length;
  }

  /** Offset that the replica on this connection has confirmed. */
  confirmedBy(port: number): bigint | null {
    for (const feed of this.#feeds.values()) {
      if (feed.session.listeningPort === port && feed.state === 'online') return feed.ackOffset;
    }
    return null;
  }

  /** Never while clients are paused: the question itself would move the offset. */
  askForAcknowledgements(): void {
    this.#ackWanted = this.#process.isPaused();
    if (!this.#ackWanted) this.#process.produce('getAck', null);
  }

  pauseIsOver(): void {
    if (this.#ackWanted) this.askForAcknowledgements();
  }

  detach(session: Session): void {
    if (!this.#feeds.delete(session.id)) return;
    if (this.#feeds.size === 0) this.#withoutReplicasSinceMs = this.#process.nowMs();
    this.#lookForGood();
  }

  disconnectAll(why: string): void {
    for (const session of this.sessions()) this.#process.drop(session, why);
  }

  #lookForGood(): void {
    const longestMs = this.#process.settings.number('min-replicas-max-lag') * 1_000 + 999;
    const now = this.#process.nowMs();
    this.#goodReplicas = [...this.#feeds.values()].filter(
      (feed) => feed.state === 'online' && now - feed.ackMs <= longestMs,
    ).length;
  }

  /** How many confirmed anything within that time, whatever this server's settings make of it. */
  heardWithin(durationMs: number): number {
    const sinceMs = this.#process.nowMs() - durationMs;
    return [...this.#feeds.values()].filter(({ ackMs }) => ackMs >= sinceMs).length;
  }

  settingsChanged(): void {
    this.#lookForGood();
  }

  /** Once a second. */
  cron(seconds: number): void {
    const { settings, link, stream } = this.#process;
    const now = this.#process.nowMs();
    const pingPeriod = Math.max(1, settings.number('repl-ping-replica-period'));
    if (link.master === null && this.#feeds.size > 0 && seconds % pingPeriod === 0)
      this.#process.produce('ping', null);
    const timeoutMs = settings.number('repl-timeout') * 1_000;
    for (const feed of [...this.#feeds.values()]) {
      if (feed.state === 'online' && now - feed.ackMs > timeoutMs)
        this.#process.drop(feed.session, 'timeout');
    }
    this.#startSnapshot();
    const ttlMs = settings.number('repl-backlog-ttl') * 1_000;
    const lonelyMs = now - this.#withoutReplicasSinceMs;
    if (
      link.master === null &&
      this.#feeds.size === 0 &&
      ttlMs > 0 &&
      stream.hasBacklog &&
      lonelyMs > ttlMs
    ) {
      stream.newHistory();
      stream.freeBacklog();
    }
    this.#lookForGood();
  }

  lines(): readonly string[] {
    const now = this.#process.nowMs();
    return [...this.#feeds.values()].map(({ session, state, ackOffset, ackMs }, index) => {
      const lag = Math.floor((now - ackMs) / 1_000);
      return `slave${index}:ip=127.0.0.1,port=${session.listeningPort},state=${STATE_NAMES[state]},offset=${ackOffset},lag=${lag}`;
    });
  }
}
