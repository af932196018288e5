/**
 * Nobody disturbs a leader that is alive: a candidate that was not asked by the leader has been told by a majority that
 * it could win, and a node that heard its leader within an election timeout, or has just started, tells nobody so and
 * votes for nobody. Leases rest on this.
 */
import type { NodeName } from '../../../src/core/primitives/identifiers.ts';
import type { RaftMessage } from '../../../src/core/raft/types.ts';
import type { SimulatedNode } from '../world/simulated-node.ts';
import { demand } from '../world/violation.ts';
import type { Oracle } from './oracle.ts';

/** Rounding of clocks that run at different rates. */
const ROUNDING_MS = 0.001;
const PROPERTY = 'nodes stand by a leader that is alive';

type Listener = {
  /** When a leader was last heard in this life; the start counts for one that may have promised before it. */
  heardMs: number;
  /** A leader's message that is being handled; it counts if the node follows its sender then. */
  hearing: { readonly from: NodeName; readonly term: number; readonly atMs: number } | null;
  /** When it had last heard a leader, at each question of a candidate that it has not answered yet. */
  readonly questions: Map<NodeName, number[]>;
  /** The same at the first request of a candidate for its vote, by candidate and term. */
  readonly requests: Map<string, number>;
};

const NEVER = Number.NEGATIVE_INFINITY;

export function standingBy(electionTimeoutMs: number): Oracle {
  let majority = 1;
  const counts = { supportersHeard: 0, votesGiven: 0 };
  const listeners = new Map<NodeName, Listener>();
  /** Who told a candidate of a term that it could win. */
  const supporters = new Map<string, Set<NodeName>>();

  const isLongAgo = (node: SimulatedNode, heardMs: number): boolean =>
    node.clock.monotonicMs() - heardMs >= electionTimeoutMs - ROUNDING_MS;

  const onReceived = (
    node: SimulatedNode,
    listener: Listener,
    from: NodeName,
    message: RaftMessage,
  ): void => {
    const { type, term } = message;
    switch (type) {
      case 'append':
      case 'snapshotChunk':
        // One that waits for the disk is handled in its turn, and nobody outside can tell what it finds then.
        if (!node.awaitsDisk) listener.hearing = { from, term, atMs: node.clock.monotonicMs() };
        return;
      case 'preVote': {
        const questions = listener.questions.get(from) ?? [];
        questions.push(listener.heardMs);
        listener.questions.set(from, questions);
        return;
      }
      case 'vote': {
        const key = `${from} ${term}`;
        // In the name of the leader itself, which has given up its lease.
        const heardMs = message.transfer ? NEVER : listener.heardMs;
        listener.requests.set(key, Math.min(heardMs, listener.requests.get(key) ?? heardMs));
        return;
      }
      default:
        return;
    }
  };

  const onSent = (node: SimulatedNode, listener: Listener, to: NodeName, message: RaftMessage): void => {
    switch (message.type) {
      case 'preVoteReply': {
        const heardMs = listener.questions.get(to)?.shift() ?? NEVER;
        if (!message.granted) return;
        demand(
          isLongAgo(node, heardMs),
          PROPERTY,
          () => `${node.name} tells ${to} that it could win ${message.term}`,
        );
        counts.supportersHeard += 1;
        const key = `${to} ${message.term}`;
        supporters.set(key, (supporters.get(key) ?? new Set()).add(node.name));
        return;
      }
      case 'voteReply': {
        const heardMs = listener.requests.get(`${to} ${message.term}`) ?? NEVER;
        if (!message.granted) return;
        counts.votesGiven += 1;
        demand(isLongAgo(node, heardMs), PROPERTY, () => `${node.name} votes for ${to} in ${message.term}`);
        return;
      }
      case 'vote': {
        const others = supporters.get(`${node.name} ${message.term}`)?.size ?? 0;
        demand(
          message.transfer || others + 1 >= majority,
          'a candidate knows that it could win',
          () => `${node.name} asks for votes in ${message.term} with the word of ${others} others`,
        );
        return;
      }
      default:
        return;
    }
  };

  return {
    counts,
    begin({ nodes }) {
      majority = Math.floor(nodes.length / 2) + 1;
    },
    started(node) {
      const heardMs = node.disk.hardState.term > 0 ? node.clock.monotonicMs() : NEVER;
      listeners.set(node.name, { heardMs, hearing: null, questions: new Map(), requests: new Map() });
    },
    received(node, from, message) {
      const listener = listeners.get(node.name);
      if (message.kind === 'raft' && listener !== undefined)
        onReceived(node, listener, from, message.message);
    },
    stepped(node) {
      const listener = listeners.get(node.name);
      const hearing = listener?.hearing ?? null;
      if (listener === undefined || hearing === null) return;
      listener.hearing = null;
      const { leader, term } = node.status();
      if (leader === hearing.from && term === hearing.term) listener.heardMs = hearing.atMs;
    },
    sent(node, to, message) {
      const listener = listeners.get(node.name);
      if (message.kind === 'raft' && listener !== undefined) onSent(node, listener, to, message.message);
    },
  };
}
