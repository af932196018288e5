/**
 * The one loop that joins consensus and coordinator: an input goes in with the time, effects come out, nothing is
 * awaited. The order persist -> send -> apply -> reply is decided here and nowhere else:
 *
 *  - a batch of consensus leaves as a `persist` effect; until it is reported back, inputs wait in the inbox, so
 *    nothing is ever stepped between taking a batch and finishing it, and the disk sets the size of the next batch;
 *  - what a batch promises (votes, append answers) is sent only after it is on disk;
 *  - committed entries are applied only after that, in order, and whoever waits for one is answered after it.
 */
import { Coordinator } from '../coordinator/coordinator.ts';
import type { Asker, CoordinatorEffect } from '../coordinator/effects.ts';
import type { ClientRequest } from '../coordinator/requests.ts';
import { encodeCommand } from '../metadata/command-codec.ts';
import type { MetadataState } from '../metadata/state.ts';
import { assert, unreachable } from '../primitives/assert.ts';
import { term as asTerm, type NodeName } from '../primitives/identifiers.ts';
import type { Instant } from '../primitives/instant.ts';
import { LIMITS } from '../primitives/limits.ts';
import { accepted, type Result, refused } from '../primitives/refusal.ts';
import type { SeededRandom } from '../primitives/seeded-random.ts';
import { createRaftCore } from '../raft/raft-core.ts';
import type { RaftEntry, RestoredLog } from '../raft/types.ts';
import { AppliedState } from './applied-state.ts';
import type { NodeStatus } from './face.ts';
import type { NodeEffect, NodeInput } from './inputs.ts';
import { LeaderWatch } from './leader-watch.ts';
import type { NodeOptions } from './node-options.ts';
import { Outgoing } from './outgoing.ts';
import type { PeerMessage } from './peer-message.ts';
import { createPendingRequests } from './pending-requests.ts';

type Proposal = Extract<CoordinatorEffect, { kind: 'propose' }>;

export class NodeLoop {
  readonly #options: NodeOptions;
  readonly #raft: ReturnType<typeof createRaftCore>;
  readonly #coordinator: Coordinator;
  readonly #pending: ReturnType<typeof createPendingRequests>;
  readonly #applied: AppliedState;
  readonly #out = new Outgoing();
  #inbox: NodeInput[] = [];
  #persistOut: number | null = null;
  #proposals: Proposal[] = [];
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
  }

  /** Handles one input to completion and returns what has to be done about it, in order. */
  step(input: NodeInput, now: Instant): readonly NodeEffect[] {
    if (this.#persistOut !== null && input.kind !== 'persisted') this.#enqueue(input);
    else {
      this.#handle(input, now);
      if (input.kind === 'persisted') this.#drainInbox(now);
      this.#pump(now);
    }
    return this.#out.take();
  }

  state(): MetadataState {
    return this.#applied.state();
  }

  routesRevision(): number {
    return this.#applied.routesRevision();
  }

  /** Whether an answer may be called current: the leader within its lease, a follower within an election timeout of it. */
  isCurrent(now: Instant): boolean {
    if (this.#leaderWatch.leading) return this.#coordinator.leads(now);
    const heardAgoMs = this.#leaderWatch.heardAgoMs(now.monotonicMs);
    return heardAgoMs !== null && heardAgoMs < this.#options.raft.electionTimeoutMs;
  }

  status(now: Instant): NodeStatus {
    const { role, term, leader, commitIndex, appliedIndex, lastIndex, snapshotIndex } = this.#raft.status();
    return {
      node: this.#options.raft.self,
      site: this.#options.coordinator.site,
      role,
      term: asTerm(term),
      leader,
      commitIndex,
      appliedIndex,
      lastIndex,
      snapshotIndex,
      leaderHeardMsAgo: this.#leaderWatch.heardAgoMs(now.monotonicMs),
    };
  }

  evidence(now: Instant): ReturnType<Coordinator['evidenceRows']> {
    return this.#coordinator.evidenceRows(now);
  }

  alerts(): ReturnType<Coordinator['alerts']> {
    return this.#coordinator.alerts();
  }

  #enqueue(input: NodeInput): void {
    if (this.#inbox.length < LIMITS.inboxInputs) {
      this.#inbox.push(input);
      return;
    }
    // Peers resend and probes repeat themselves; only a client has to be told.
    if (input.kind === 'request') {
      const reply = refused(
        'overloaded',
        'This node waits for its disk and its inbox is full; try again shortly.',
      );
      this.#out.push({ kind: 'reply', requestId: input.requestId, reply });
    }
  }

  #drainInbox(now: Instant): void {
    const waiting = this.#inbox;
    this.#inbox = [];
    for (const input of waiting) this.#handle(input, now);
  }

  #handle(input: NodeInput, now: Instant): void {
    switch (input.kind) {
      case 'tick':
        this.#raft.tick(now.monotonicMs);
        for (const { asker, reply } of this.#pending.expire(now.monotonicMs)) this.#out.answer(asker, reply);
        this.#noticeLeadership(now);
        this.#perform(this.#coordinator.tick(now));
        return;
      case 'peer':
        this.#fromPeer(input.from, input.message, now);
        return;
      case 'persisted':
        assert(
          input.persistId === this.#persistOut,
          'the batch reported as persisted is the one that is out',
        );
        this.#persistOut = null;
        this.#finishBatch(now);
        return;
      case 'request':
        this.#request({ kind: 'local', requestId: input.requestId }, input.request, now);
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
        if (raftMessage.type === 'append' || raftMessage.type === 'snapshotChunk') {
          this.#leaderWatch.heard(from, raftMessage.term, this.#raft.status(), now.monotonicMs);
        }
        return;
      }
      case 'coordinator':
        this.#perform(this.#coordinator.fromPeer(from, message.message, now));
        return;
      case 'forward':
        this.#request({ kind: 'peer', node: from, forwardId: message.forwardId }, message.request, now);
        return;
      case 'forwardReply': {
        const asker = this.#pending.takeForward(message.forwardId);
        if (asker === null) return;
        const { reply } = message;
        if (reply.ok && reply.value.kind === 'current') this.#awaitApplied(reply.value.index, asker, now);
        else this.#out.answer(asker, reply);
        return;
      }
      default:
        unreachable(message);
    }
  }

  /** A request is handled where the leader is; elsewhere it is passed on, once. */
  #request(asker: Asker, request: ClientRequest, now: Instant): void {
    if (this.#pending.isFull()) {
      this.#out.answer(
        asker,
        refused('overloaded', 'Too many requests are under way on this node; try again shortly.'),
      );
      return;
    }
    const { role, leader, hasCommittedInTerm } = this.#raft.status();
    if (role === 'leader') {
      if (request.type === 'readBarrier') this.#readBarrier(asker, now);
      else if (hasCommittedInTerm) this.#perform(this.#coordinator.request(asker, request, now));
      else
        this.#out.answer(
          asker,
          refused('noLeader', 'A new leader is taking over; nothing was changed. Try again shortly.'),
        );
      return;
    }
    if (request.type === 'heartbeat')
      this.#out.push({ kind: 'heartbeat', heartbeatId: null, heartbeat: request.heartbeat });
    if (leader === null || asker.kind === 'peer') {
      this.#out.answer(
        asker,
        refused('noLeader', 'No leader is known at the moment; nothing was changed. Try again shortly.'),
      );
      return;
    }
    const forwardId = this.#takeId();
    this.#pending.waitForForward(forwardId, asker, now.monotonicMs);
    this.#out.push({ kind: 'send', to: leader, message: { kind: 'forward', forwardId, request } });
  }

  #readBarrier(asker: Asker, now: Instant): void {
    const readId = this.#takeId();
    this.#pending.waitForRead(readId, asker, now.monotonicMs);
    if (this.#raft.requestRead(readId, now.monotonicMs)) return;
    this.#pending.takeRead(readId);
    this.#out.answer(asker, refused('noLeader', 'This leader cannot confirm reads yet; try again shortly.'));
  }

  #awaitApplied(index: number, asker: Asker, now: Instant): void {
    this.#pending.waitForApplied(index, asker, now.monotonicMs);
    this.#out.answerAll(this.#pending.applied(this.#applied.state().appliedIndex));
  }

  /** Turns the coordinator's wishes into effects; proposals are gathered for one append. */
  #perform(effects: readonly CoordinatorEffect[]): void {
    for (const effect of effects) {
      switch (effect.kind) {
        case 'propose':
          this.#proposals.push(effect);
          break;
        case 'send':
          this.#out.push({
            kind: 'send',
            to: effect.to,
            message: { kind: 'coordinator', message: effect.message },
          });
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
    while (this.#persistOut === null) {
      this.#appendProposals(now);
      if (!this.#raft.hasReady()) return;
      const ready = this.#raft.takeReady();
      this.#out.raft(ready.messagesNow);
      if (ready.persist === null) this.#finishBatch(now);
      else {
        this.#persistOut = this.#takeId();
        this.#out.push({ kind: 'persist', persistId: this.#persistOut, batch: ready.persist });
      }
    }
  }

  #appendProposals(now: Instant): void {
    if (this.#proposals.length === 0) return;
    const proposals = this.#proposals;
    this.#proposals = [];
    const encoded = proposals.map(({ command }) => encodeCommand(command));
    const appended = this.#raft.propose(encoded, now.monotonicMs);
    proposals.forEach(({ asker }, position) => {
      if (asker === null) return;
      const index = appended?.indexes[position];
      if (appended === null || index === undefined) {
        this.#out.answer(
          asker,
          refused('notLeader', 'Leadership moved before the command was taken; nothing was changed.'),
        );
      } else this.#pending.waitForCommit(index, appended.term, asker, now.monotonicMs);
    });
    if (appended === null) this.#perform(this.#coordinator.proposalsRefused(proposals, now));
  }

  /** The second half of a batch: it is on disk, so its promises may leave and its commits may be applied. */
  #finishBatch(now: Instant): void {
    const done = this.#raft.acknowledge();
    this.#out.raft(done.messages);
    if (done.snapshotToRestore !== null) {
      this.#applied.restore(done.snapshotToRestore);
      this.#perform(this.#coordinator.restored(now));
    }
    this.#noticeLeadership(now);
    for (const entry of done.committed) this.#apply(entry, now);
    if (done.committed.length > 0) this.#compactWhenLong();
    for (const { readId, index } of done.confirmedReads) {
      const asker = this.#pending.takeRead(readId);
      if (asker !== null) this.#awaitApplied(index, asker, now);
    }
    for (const readId of done.refusedReads) {
      const asker = this.#pending.takeRead(readId);
      if (asker !== null)
        this.#out.answer(
          asker,
          refused('noLeader', 'Leadership moved while the read was being confirmed; try again.'),
        );
    }
    this.#out.answerAll(this.#pending.applied(this.#applied.state().appliedIndex));
  }

  #apply(entry: RaftEntry, now: Instant): void {
    const at = { index: entry.index, term: entry.term };
    const applied = this.#applied.apply(entry);
    this.#answerCommitted(at, applied?.result ?? accepted(null));
    if (applied !== null) {
      if (applied.command.type === 'member.join') this.#raft.forget(applied.command.node);
      this.#perform(this.#coordinator.applied(applied.command, applied.result, entry.index, now));
    }
  }

  #answerCommitted(at: { index: number; term: number }, result: Result<null>): void {
    const waiting = this.#pending.committed(at.index, at.term);
    if (waiting === null) return;
    if (!waiting.own)
      this.#out.answer(
        waiting.asker,
        refused('notLeader', 'Another leader took this place in the log; nothing was changed.'),
      );
    else
      this.#out.answer(waiting.asker, result.ok ? accepted({ kind: 'committed', index: at.index }) : result);
  }

  #compactWhenLong(): void {
    const { snapshotIndex } = this.#raft.status();
    const { appliedIndex } = this.#applied.state();
    if (appliedIndex - snapshotIndex < this.#options.entriesBeforeSnapshot) return;
    this.#raft.compact(appliedIndex, this.#applied.encoded());
  }

  #noticeLeadership(now: Instant): void {
    const status = this.#raft.status();
    const { term, leader, leaseUntilMs, commitIndex } = status;
    const leading = status.role === 'leader' && status.hasCommittedInTerm;
    this.#perform(this.#coordinator.leadership({ term: asTerm(term), leader, leading, leaseUntilMs }, now));
    const { leaderChanged, lostHere } = this.#leaderWatch.update(status);
    const successor = this.#coordinator.successor(now);
    if (successor !== null) this.#raft.transferLeadership(successor, now.monotonicMs);
    if (lostHere) this.#out.answerAll(this.#pending.leadershipLost());
    if (leaderChanged) {
      this.#out.push({
        kind: 'publish',
        event: { type: 'leadership', index: commitIndex, leader, term },
      });
    }
  }

  #takeId(): number {
    const id = this.#nextId;
    this.#nextId += 1;
    return id;
  }
}
