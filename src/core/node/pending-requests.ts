/**
 * Who waits for what. Every entry has a deadline, so that a caller always gets an answer: the outcome, or the
 * honest statement that it is not known.
 */
import type { Asker } from '../coordinator/effects.ts';
import type { ClientReply, ReplyValue } from '../coordinator/requests.ts';
import { LIMITS } from '../primitives/limits.ts';
import { refused } from '../primitives/refusal.ts';

type Waiting = { readonly asker: Asker; readonly deadlineMs: number };
type WaitingForIndex = Waiting & { readonly term: number };
/** Of a request that the leader has: whether its client wants to see the outcome on this node. */
type Forwarded = Waiting & { readonly untilApplied: boolean };

export type Answer = { readonly asker: Asker; readonly reply: ClientReply };

const outcomeUnknown = (asker: Asker, code: 'timedOut' | 'notLeader'): Answer => ({
  asker,
  reply: refused(
    code,
    code === 'timedOut'
      ? 'No answer in time; the change may or may not have been made. Read it back before trying again.'
      : 'Leadership moved while the request was under way; the change may or may not have been made. Read it back.',
  ),
});

export type PendingRequests = ReturnType<typeof createPendingRequests>;

export function createPendingRequests(requestTimeoutMs: number) {
  /** Proposed commands by log index. */
  const proposals = new Map<number, WaitingForIndex>();
  /** Requests handed to the leader, by forward id. */
  const forwards = new Map<number, Forwarded>();
  /** Reads that wait for a quorum, by read id. */
  const reads = new Map<number, Waiting>();
  /** Answers that wait until an index is applied. */
  let barriers: (Waiting & { readonly value: ReplyValue & { readonly index: number } })[] = [];
  let nextDeadlineCheckMs = 0;

  const size = (): number => proposals.size + forwards.size + reads.size + barriers.length;

  return {
    /** `gathered` further ones are about to be noted. */
    isFull: (gathered: number): boolean => size() + gathered >= LIMITS.requestsInFlight,

    waitForCommit(index: number, term: number, asker: Asker, nowMs: number): void {
      proposals.set(index, { asker, term, deadlineMs: nowMs + requestTimeoutMs });
    },

    /** The asker of the command applied at `index`; a different term means that its command was overwritten. */
    committed(index: number, term: number): { readonly asker: Asker; readonly own: boolean } | null {
      const waiting = proposals.get(index);
      if (waiting === undefined) return null;
      proposals.delete(index);
      return { asker: waiting.asker, own: waiting.term === term };
    },

    waitForForward(forwardId: number, asker: Asker, untilApplied: boolean, nowMs: number): void {
      forwards.set(forwardId, { asker, untilApplied, deadlineMs: nowMs + requestTimeoutMs });
    },
    takeForward(forwardId: number): Pick<Forwarded, 'asker' | 'untilApplied'> | null {
      const waiting = forwards.get(forwardId);
      forwards.delete(forwardId);
      return waiting ?? null;
    },

    waitForRead(readId: number, asker: Asker, nowMs: number): void {
      reads.set(readId, { asker, deadlineMs: nowMs + requestTimeoutMs });
    },
    takeRead(readId: number): Asker | null {
      const waiting = reads.get(readId);
      reads.delete(readId);
      return waiting?.asker ?? null;
    },

    waitForApplied(value: ReplyValue & { readonly index: number }, asker: Asker, nowMs: number): void {
      barriers.push({ value, asker, deadlineMs: nowMs + requestTimeoutMs });
    },
    applied(appliedIndex: number): Answer[] {
      if (barriers.length === 0) return [];
      const reached = barriers.filter(({ value }) => value.index <= appliedIndex);
      if (reached.length > 0) barriers = barriers.filter(({ value }) => value.index > appliedIndex);
      return reached.map(({ asker, value }) => ({ asker, reply: { ok: true, value } }));
    },

    /** Leadership is gone: nobody here will learn what became of their proposals. */
    leadershipLost(): Answer[] {
      const answers = [...proposals.values(), ...reads.values()].map(({ asker }) =>
        outcomeUnknown(asker, 'notLeader'),
      );
      proposals.clear();
      reads.clear();
      return answers;
    },

    expire(nowMs: number): Answer[] {
      if (nowMs < nextDeadlineCheckMs) return [];
      nextDeadlineCheckMs = nowMs + requestTimeoutMs / 20;
      const answers: Answer[] = [];
      for (const waiting of [proposals, forwards, reads]) {
        for (const [key, { asker, deadlineMs }] of waiting) {
          if (deadlineMs > nowMs) continue;
          waiting.delete(key);
          answers.push(outcomeUnknown(asker, 'timedOut'));
        }
      }
      for (const barrier of barriers.filter(({ deadlineMs }) => deadlineMs <= nowMs)) {
        answers.push(outcomeUnknown(barrier.asker, 'timedOut'));
      }
      barriers = barriers.filter(({ deadlineMs }) => deadlineMs > nowMs);
      return answers;
    },
  };
}
