/**
 * The one loop that joins consensus and coordinator: an input goes in with the time, effects come out, nothing is
 * awaited. The order persist -> send -> apply -> reply is decided here and nowhere else:
 *
 *  - a batch of consensus leaves as a `persist` effect; until it is reported back, whatever could change the log, the
 *    term or the vote waits in the inbox, so that a batch stays what it was when it was taken;
 *  - a leader goes on meanwhile with what only adds: new commands go to its followers, and what a majority and its
 *    own disk hold is applied. Evidence and requests never wait for a disk;
 *  - what a batch promises (votes, append answers) is sent only after it is on disk;
 *  - committed entries are applied only once they are on the own disk, in order, and whoever waits for one is answered
 *    after it.
 */
import type { BrokerRef } from '../coordinator/broker-sets/messages.ts';
import { Coordinator } from '../coordinator/coordinator.ts';
import type { Asker, CoordinatorEffect } from '../coordinator/effects.ts';
import type { MetadataState } from '../metadata/state.ts';
import { assert, unreachable } from '../primitives/assert.ts';
import { term as asTerm, type NodeName } from '../primitives/identifiers.ts';
import type { Instant } from '../primitives/instant.ts';
import { LIMITS } from '../primitives/limits.ts';
import { accepted, refused } from '../primitives/refusal.ts';
import type { SeededRandom } from '../primitives/seeded-random.ts';
import { createRaftCore } from '../raft/raft-core.ts';
import type { Ahead, RaftEntry, RestoredLog } from '../raft/types.ts';
import { AppliedState } from './applied-state.ts';
import { ClientWay } from './client-way.ts';
import type { NodeStatus } from './face.ts';
import { Inbox, waitsForDisk } from './inbox.ts';
import type { NodeEffect, NodeInput } from './inputs.ts';
import { LeaderWatch, mayDecide } from './leader-watch.ts';
import type { NodeOptions } from './node-options.ts';
import { nodeStatus } from './node-status.ts';
import { Outgoing } from './outgoing.ts';
import type { PeerMessage } from './peer-message.ts';
import { createPendingRequests, type PendingRequests } from './pending-requests.ts';
import { Proposals } from './proposals.ts';

export class NodeLoop {
  readonly #options: NodeOptions;
  readonly #raft: ReturnType<typeof createRaftCore>;
  readonly #coordinator: Coordinator;
  readonly #pending: PendingRequests;
  readonly #applied: AppliedState;
  readonly #out = new Outgoing();
  readonly #inbox = new Inbox();
  readonly #proposals = new Proposals();
  readonly #clients: ClientWay;
  #persistOut: { readonly id: number; readonly sinceMs: number } | null = null;
  #isSettleAsked = false;
  /** Of what was applied: it lies in the log, in memory and on disk, until a snapshot takes its place. */
  #bytesSinceSnapshot = 0;
  /** Heartbeats held by the driver here, by id, for whoever asked. */
  readonly #heartbeats = new Map<number, Asker>();
  #nextId: number;
  readonly #leaderWatch = new LeaderWatch();

  constructor(options: NodeOptions, restored: RestoredLog, random: SeededRandom, now: Instant) {
    this.#options = options;
    // Ids of an earlier life of this process must not be taken for those of this one.
    this.#nextId = random.integer(1, 2 ** 40);
    this.#raft = createRaftCore(options.raft, restored, random, now.monotonicMs);
    this.#pending = createPendingRequests(options.requestTimeoutMs);
    this.#applied = new AppliedState(restored.snapshot);
    this.#coordinator = new Coordinator(options.coordinator, () => this.#applied.state());
    this.#clients = new ClientWay({
      raft: this.#raft,
      pending: this.#pending,
      applied: this.#applied,
      out: this.#out,
      takeId: () => this.#takeId(),
      gathered: () => this.#proposals.count,
      decide: (asker, request, at) => this.#perform(this.#coordinator.request(asker, request, at)),
    });
  }

  /** Handles one input to completion and returns what has to be done about it, in order. */
  step(input: NodeInput, now: Instant): readonly NodeEffect[] {
    if (this.#waits(input, now)) this.#enqueue(input);
    else {
      this.#handle(input, now);
      if (input.kind === 'persisted') for (const waiting of this.#inbox.takeAll()) this.#handle(waiting, now);
      if (input.kind === 'settle' || this.#raft.status().role !== 'leader') this.#pump(now);
      else {
        if (input.kind === 'persisted' && this.#raft.isWriteDue()) this.#takeBatch(true, now);
        this.#askToSettle();
      }
    }
    return this.#out.take();
  }

  /**
   * A disk that takes longer than an election silences the node: were a leader to go on for as long as clients ask,
   * its followers would stand by a leader that can commit nothing.
   */
  #waits(input: NodeInput, now: Instant): boolean {
    if (this.#persistOut === null || input.kind === 'persisted') return false;
    const waitedMs = now.monotonicMs - this.#persistOut.sinceMs;
    return waitedMs >= this.#options.raft.electionTimeoutMs || waitsForDisk(input, this.#raft);
  }

  #enqueue(input: NodeInput): void {
    if (this.#inbox.add(input) || input.kind !== 'request') return;
    // Peers resend and probes repeat themselves; only a client has to be told.
    const why = 'This node waits for its disk and its inbox is full; try again shortly.';
    this.#out.push({ kind: 'reply', requestId: input.requestId, reply: refused('overloaded', why) });
  }

  /** A leader gathers what arrives in one go: its commands become one batch, and carry the news of commits along. */
  #askToSettle(): void {
    const isDue = this.#persistOut === null ? this.#raft.hasReady() : this.#raft.hasAhead();
    if (this.#isSettleAsked || (!isDue && this.#proposals.count === 0)) return;
    this.#isSettleAsked = true;
    this.#out.push({ kind: 'settle' });
  }

  state(): MetadataState {
    return this.#applied.state();
  }

  routesRevision(): number {
    return this.#applied.routesRevision();
  }

  /** Whether an answer may be called current: the leader within its lease, one that has applied what it lately said. */
  isCurrent(now: Instant): boolean {
    if (this.#leaderWatch.leading) return this.#coordinator.leads(now);
    const staleForMs = this.#leaderWatch.staleForMs(this.#applied.state().appliedIndex, now.monotonicMs);
    return staleForMs !== null && staleForMs < this.#options.raft.electionTimeoutMs;
  }

  status(now: Instant): NodeStatus {
    return nodeStatus(this.#options, this.#raft.status(), this.#leaderWatch.heardAgoMs(now.monotonicMs));
  }

  evidence(now: Instant): ReturnType<Coordinator['evidenceRows']> {
    return this.#coordinator.evidenceRows(now);
  }

  brokerEvidence(refs: readonly BrokerRef[], now: Instant): ReturnType<Coordinator['brokerEvidence']> {
    return this.#coordinator.brokerEvidence(refs, now);
  }

  alerts(): ReturnType<Coordinator['alerts']> {
    return this.#coordinator.alerts();
  }

  #handle(input: NodeInput, now: Instant): void {
    switch (input.kind) {
      case 'tick':
        this.#raft.tick(now.monotonicMs);
        for (const { asker, reply } of this.#pending.expire(now.monotonicMs)) this.#out.answer(asker, reply);
        this.#noticeLeadership(now);
        this.#giveWay(now);
        this.#perform(this.#coordinator.tick(now));
        return;
      case 'peer':
        this.#fromPeer(input.from, input.message, now);
        return;
      case 'persisted':
        assert(
          input.persistId === this.#persistOut?.id,
          'what is reported as persisted is the batch that is out',
        );
        this.#persistOut = null;
        this.#finishBatch(now);
        return;
      case 'request':
        this.#clients.request({ kind: 'local', requestId: input.requestId }, input.request, now);
        return;
      case 'observed':
        this.#perform(this.#coordinator.observed(input.observation, now));
        return;
      case 'freshlyProbed':
        this.#perform(this.#coordinator.freshlyProbed(input.probeId, input.observation, now));
        return;
      case 'steered':
        this.#perform(this.#coordinator.steered(input.result, now));
        return;
      case 'broker':
        this.#perform(this.#coordinator.brokerHeard(input.heard, now));
        return;
      case 'brokerAnswered':
        this.#perform(this.#coordinator.brokerAnswered(input.askId, input.answer, now));
        return;
      case 'heartbeatAnswered': {
        const asker = this.#heartbeats.get(input.heartbeatId);
        this.#heartbeats.delete(input.heartbeatId);
        if (asker === undefined) return;
        this.#out.answer(
          asker,
          input.orders.ok ? accepted({ kind: 'orders', orders: input.orders.value }) : input.orders,
        );
        return;
      }
      case 'stalled':
        this.#coordinator.stalled(input.stalledMs, now);
        return;
      case 'handOver':
        this.#raft.transferLeadership(null, now.monotonicMs);
        return;
      case 'settle':
        this.#isSettleAsked = false;
        return;
      default:
        unreachable(input);
    }
  }

  #fromPeer(from: NodeName, message: PeerMessage, now: Instant): void {
    this.#coordinator.peerHeard(from, now);
    switch (message.kind) {
      case 'raft': {
        const raftMessage = message.message;
        this.#raft.step(from, raftMessage, now.monotonicMs);
        const { appliedIndex } = this.#applied.state();
        this.#leaderWatch.heard(from, raftMessage, this.#raft.status(), appliedIndex, now.monotonicMs);
        return;
      }
      case 'coordinator':
        this.#perform(this.#coordinator.fromPeer(from, message.message, now));
        return;
      case 'forward':
        this.#clients.request(
          { kind: 'peer', node: from, forwardId: message.forwardId },
          message.request,
          now,
        );
        return;
      case 'forwardReply':
        this.#clients.forwardReply(message.forwardId, message.reply, now);
        return;
      default:
        unreachable(message);
    }
  }

  /** Turns the coordinator's wishes into effects; proposals are gathered for one append. */
  #perform(effects: readonly CoordinatorEffect[]): void {
    for (const effect of effects) {
      switch (effect.kind) {
        case 'propose':
          this.#proposals.add(effect);
          break;
        case 'send':
          this.#out.coordinator(effect.to, effect.message);
          break;
        case 'reply':
          this.#out.answer(effect.asker, effect.reply);
          break;
        case 'heartbeat': {
          const heartbeatId = effect.asker === null ? null : this.#takeId();
          if (heartbeatId !== null && effect.asker !== null) this.#heartbeats.set(heartbeatId, effect.asker);
          this.#out.push({ kind: 'heartbeat', heartbeatId, heartbeat: effect.heartbeat });
          break;
        }
        default:
          this.#out.push(effect);
      }
    }
  }

  /** Runs consensus until it has nothing to do or a batch is on its way to the disk. */
  #pump(now: Instant): void {
    if (this.#persistOut !== null) this.#pumpAhead(now);
    while (this.#persistOut === null) {
      this.#appendProposals(now);
      if (!this.#raft.hasReady()) return;
      this.#takeBatch(false, now);
    }
  }

  /** `gathers`: the disk need not wait for what a leader still gathers to be sent. */
  #takeBatch(gathers: boolean, now: Instant): void {
    const ready = this.#raft.takeReady(gathers);
    this.#noticeLeadership(now);
    this.#out.raft(ready.messagesNow);
    if (ready.persist === null) this.#finishBatch(now);
    else {
      this.#persistOut = { id: this.#takeId(), sinceMs: now.monotonicMs };
      this.#out.push({ kind: 'persist', persistId: this.#persistOut.id, batch: ready.persist });
    }
  }

  /** While the own batch is on its way: followers get what came after it, and what both it and they hold is applied. */
  #pumpAhead(now: Instant): void {
    for (;;) {
      this.#appendProposals(now);
      if (!this.#raft.hasAhead()) return;
      const ahead = this.#raft.takeAhead();
      this.#noticeLeadership(now);
      this.#out.raft(ahead.messagesNow);
      this.#applyAll(ahead, now);
    }
  }

  #appendProposals(now: Instant): void {
    const refusedOnes = this.#proposals.appendTo(this.#raft, this.#pending, this.#out, now);
    if (refusedOnes.length > 0) this.#perform(this.#coordinator.proposalsRefused(refusedOnes, now));
  }

  /** The second half of a batch: it is on disk, so its promises may leave and its commits may be applied. */
  #finishBatch(now: Instant): void {
    const done = this.#raft.acknowledge();
    this.#out.raft(done.messages);
    if (done.snapshotToRestore !== null) {
      this.#applied.restore(done.snapshotToRestore);
      this.#bytesSinceSnapshot = 0;
      this.#perform(this.#coordinator.restored(now));
    }
    this.#noticeLeadership(now);
    this.#applyAll(done, now);
    if (done.committed.length > 0) this.#compactWhenLong();
    for (const readId of done.refusedReads) this.#clients.readRefused(readId);
  }

  #applyAll({ committed, confirmedReads }: Pick<Ahead, 'committed' | 'confirmedReads'>, now: Instant): void {
    for (const entry of committed) this.#apply(entry, now);
    for (const { readId, index } of confirmedReads) this.#clients.readConfirmed(readId, index, now);
    this.#clients.applied();
    this.#noticeLeadership(now);
  }

  #apply(entry: RaftEntry, now: Instant): void {
    const at = { index: entry.index, term: entry.term };
    const applied = this.#applied.apply(entry);
    this.#bytesSinceSnapshot += entry.data.byteLength;
    this.#clients.committed(at, applied?.result ?? accepted(null));
    if (applied !== null) {
      if (applied.command.type === 'member.join') this.#raft.forget(applied.command.node);
      this.#perform(this.#coordinator.applied(applied, entry.index, now));
    }
  }

  #compactWhenLong(): void {
    const { snapshotIndex } = this.#raft.status();
    const { appliedIndex } = this.#applied.state();
    const { entriesBeforeSnapshot, bytesBeforeSnapshot = LIMITS.bytesBeforeSnapshot } = this.#options;
    const isLong = appliedIndex - snapshotIndex >= entriesBeforeSnapshot;
    if (!isLong && this.#bytesSinceSnapshot < bytesBeforeSnapshot) return;
    this.#raft.compact(appliedIndex, this.#applied.encoded());
    this.#bytesSinceSnapshot = 0;
  }

  /** A leader that sees no broker hands over to a node that does. */
  #giveWay(now: Instant): void {
    const successor = this.#coordinator.successor(now);
    if (successor !== null) this.#raft.transferLeadership(successor, now.monotonicMs);
  }

  /** Whenever messages leave: one of them may have ended this node's lease. */
  #noticeLeadership(now: Instant): void {
    const status = this.#raft.status();
    const { term, leader, leaseUntilMs, commitIndex } = status;
    const leading = mayDecide(status, this.#applied.state());
    this.#perform(this.#coordinator.leadership({ term: asTerm(term), leader, leading, leaseUntilMs }, now));
    const { leaderChanged, lostHere } = this.#leaderWatch.update(status);
    if (lostHere) this.#out.answerAll(this.#pending.leadershipLost());
    if (leaderChanged) {
      const event = { type: 'leadership', index: commitIndex, leader, term } as const;
      this.#out.push({ kind: 'publish', event });
    }
  }

  #takeId(): number {
    const id = this.#nextId;
    this.#nextId += 1;
    return id;
  }
}
