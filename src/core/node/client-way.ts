/**
 * The way of a client's request through a node: it is handled where the leader is, elsewhere passed on once, and the
 * answer that needs the own state to have caught up waits for that. Everybody gets an answer.
 */
import type { Asker } from '../coordinator/effects.ts';
import type { ClientReply, ClientRequest, ReplyValue } from '../coordinator/requests.ts';
import type { Instant } from '../primitives/instant.ts';
import { accepted, type Result, refused } from '../primitives/refusal.ts';
import type { RaftCore } from '../raft/raft-core.ts';
import type { AppliedState } from './applied-state.ts';
import { checkRequest } from './fit-request.ts';
import { mayDecide } from './leader-watch.ts';
import type { Outgoing } from './outgoing.ts';
import type { PendingRequests } from './pending-requests.ts';

const TAKING_OVER = 'A new leader is taking over; nothing was changed. Try again shortly.';
const NO_LEADER = 'No leader is known at the moment; nothing was changed. Try again shortly.';

/** Answers of these kinds are only true once the own state is as new as they are. */
const isTrueOnceApplied = (
  value: ReplyValue,
): value is Extract<ReplyValue, { kind: 'current' | 'applied' }> =>
  value.kind === 'current' || value.kind === 'applied';

export type ClientWayParts = {
  readonly raft: RaftCore;
  readonly pending: PendingRequests;
  readonly applied: AppliedState;
  readonly out: Outgoing;
  readonly takeId: () => number;
  /** Commands that are gathered and not noted as waiting yet. */
  readonly gathered: () => number;
  /** The leader's own answer. */
  readonly decide: (asker: Asker, request: ClientRequest, now: Instant) => void;
};

export class ClientWay {
  readonly #parts: ClientWayParts;

  constructor(parts: ClientWayParts) {
    this.#parts = parts;
  }

  request(asker: Asker, request: ClientRequest, now: Instant): void {
    const { raft, pending, applied, out, gathered, decide } = this.#parts;
    if (pending.isFull(gathered())) {
      const why = 'Too many requests are under way on this node; try again shortly.';
      out.answer(asker, refused('overloaded', why));
      return;
    }
    if (raft.status().role === 'leader') {
      if (request.type === 'readBarrier') this.#readBarrier(asker, now);
      else if (mayDecide(raft.status(), applied.state())) decide(asker, request, now);
      else out.answer(asker, refused('noLeader', TAKING_OVER));
      return;
    }
    this.#passOn(asker, request, now);
  }

  /** What the leader made of a request that was passed on. */
  forwardReply(forwardId: number, reply: ClientReply, now: Instant): void {
    const { pending, out } = this.#parts;
    const waiting = pending.takeForward(forwardId);
    if (waiting === null) return;
    if (reply.ok && isTrueOnceApplied(reply.value)) this.#awaitApplied(reply.value, waiting.asker, now);
    else if (reply.ok && reply.value.kind === 'committed' && waiting.untilApplied)
      this.#awaitApplied(reply.value, waiting.asker, now);
    else out.answer(waiting.asker, reply);
  }

  /** A read that a quorum confirmed, good from `index` on. */
  readConfirmed(readId: number, index: number, now: Instant): void {
    const asker = this.#parts.pending.takeRead(readId);
    if (asker !== null) this.#awaitApplied({ kind: 'current', index }, asker, now);
  }

  readRefused(readId: number): void {
    const asker = this.#parts.pending.takeRead(readId);
    const why = 'Leadership moved while the read was being confirmed; try again.';
    if (asker !== null) this.#parts.out.answer(asker, refused('noLeader', why));
  }

  committed(at: { readonly index: number; readonly term: number }, result: Result<null>): void {
    const waiting = this.#parts.pending.committed(at.index, at.term);
    if (waiting === null) return;
    const why = 'Another leader took this place in the log; nothing was changed.';
    const answer = result.ok ? accepted({ kind: 'committed', index: at.index } as const) : result;
    this.#parts.out.answer(waiting.asker, waiting.own ? answer : refused('notLeader', why));
  }

  /** The own state has moved on. */
  applied(): void {
    const { pending, applied, out } = this.#parts;
    out.answerAll(pending.applied(applied.state().appliedIndex));
  }

  #passOn(asker: Asker, request: ClientRequest, now: Instant): void {
    const { raft, pending, out, takeId } = this.#parts;
    if (request.type === 'heartbeat')
      out.push({ kind: 'heartbeat', heartbeatId: null, heartbeat: request.heartbeat });
    const { leader } = raft.status();
    if (leader === null || asker.kind === 'peer') {
      out.answer(asker, refused('noLeader', NO_LEADER));
      return;
    }
    const fit = checkRequest(request);
    if (!fit.ok) {
      out.answer(asker, fit);
      return;
    }
    const forwardId = takeId();
    const untilApplied =
      request.type === 'brokerSet' || (request.type === 'propose' && request.untilApplied === true);
    pending.waitForForward(forwardId, asker, untilApplied, now.monotonicMs);
    out.push({ kind: 'send', to: leader, message: { kind: 'forward', forwardId, request } });
  }

  #readBarrier(asker: Asker, now: Instant): void {
    const { raft, pending, out, takeId } = this.#parts;
    const readId = takeId();
    pending.waitForRead(readId, asker, now.monotonicMs);
    if (raft.requestRead(readId, now.monotonicMs)) return;
    pending.takeRead(readId);
    out.answer(asker, refused('noLeader', 'This leader cannot confirm reads yet; try again shortly.'));
  }

  #awaitApplied(value: ReplyValue & { readonly index: number }, asker: Asker, now: Instant): void {
    this.#parts.pending.waitForApplied(value, asker, now.monotonicMs);
    this.applied();
  }
}
