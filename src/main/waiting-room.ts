/**
 * What a node does while it must keep still: it looks at its peers, asks those that belong to a tier whether it may
 * take part, and knows what their answers mean. Pure: who waits here brings the time and carries the messages, and
 * hands nothing else to the node's loop. Why all of this is safe stands in `first-start.ts`.
 */
import type { Command } from '../core/metadata/command.ts';
import type { PeerMessage } from '../core/node/peer-message.ts';
import type { NodeName } from '../core/primitives/identifiers.ts';
import type { RestoredLog } from '../core/raft/types.ts';

export const LOOK_INTERVAL_MS = 20;
/** How long the majority that founds a tier waits for the nodes that it has not heard yet. */
const FOUNDING_PATIENCE_MS = 1_000;
const ASK_INTERVAL_MS = 300;

/** What a node has seen of a peer; `tierId` is what that one said of itself when they connected. */
export type PeerSeen = { readonly connected: boolean; readonly tierId: string | null };
export type FirstStart = 'wait' | 'found' | 'askToJoin';

export type JoiningNode = {
  readonly node: NodeName;
  readonly directoryId: string;
  /** An operator has said that the directory with which the node took part before is gone for good. */
  readonly isReplacement?: boolean | undefined;
};

/** A node without a term has never voted and never acknowledged anything: both are on disk before they are said. */
export const hasNeverTakenPart = (restored: RestoredLog): boolean => restored.hardState.term === 0;

export const joinCommand = ({ node, directoryId, isReplacement }: JoiningNode): Command => ({
  type: 'member.join',
  node,
  directoryId,
  ...(isReplacement === true ? { isReplacement } : {}),
});

export const isMajority = (peers: ReadonlyMap<NodeName, PeerSeen>): boolean => {
  const present = 1 + [...peers.values()].filter(({ connected }) => connected).length;
  return present * 2 > peers.size + 1;
};

/**
 * `peers` are all other nodes of the configuration; `majorityForMs`, how long a majority has been connected. A
 * replacement founds nothing: it knows that there is a tier.
 */
export function judgeFirstStart(
  peers: ReadonlyMap<NodeName, PeerSeen>,
  majorityForMs: number | null,
  isReplacement = false,
): FirstStart {
  const seen = [...peers.values()];
  if (seen.some(({ tierId }) => tierId !== null)) return 'askToJoin';
  if (majorityForMs === null || isReplacement) return 'wait';
  const areAllHere = seen.every(({ connected }) => connected);
  return areAllHere || majorityForMs >= FOUNDING_PATIENCE_MS ? 'found' : 'wait';
}

export const lostDiskMessage = (node: NodeName, dataDirectory: string): string =>
  `${node} has taken part in this tier before, with another data directory than ${dataDirectory}: its disk was ` +
  'lost, or dataDirectory names another place. It does not start, because it no longer knows what it voted for and ' +
  'acknowledged, and could undo what the tier promised. What to do: mount or name the directory that it had (not an ' +
  'older copy of it). Where it is gone for good, start this node once with `pollux serve --rejoin` while the others ' +
  'run, and never use the former directory again. The other nodes go on without it.';

export type Verdict = { readonly kind: 'admitted' } | { readonly kind: 'refused'; readonly message: string };

/** `ask` goes to every peer: who leads is not known here, and those that do not lead refuse. */
export type Look = { readonly judgement: FirstStart; readonly ask: PeerMessage | null };

export class WaitingRoom {
  readonly #joining: JoiningNode;
  readonly #dataDirectory: string;
  readonly #forwardId: number;
  #majoritySinceMs: number | null = null;
  #askedMs = Number.NEGATIVE_INFINITY;

  /** `forwardId` is one that no earlier life of this node has used. */
  constructor(joining: JoiningNode, dataDirectory: string, forwardId: number) {
    this.#joining = joining;
    this.#dataDirectory = dataDirectory;
    this.#forwardId = forwardId;
  }

  look(peers: ReadonlyMap<NodeName, PeerSeen>, nowMs: number): Look {
    this.#majoritySinceMs = isMajority(peers) ? (this.#majoritySinceMs ?? nowMs) : null;
    const majorityForMs = this.#majoritySinceMs === null ? null : nowMs - this.#majoritySinceMs;
    const judgement = judgeFirstStart(peers, majorityForMs, this.#joining.isReplacement);
    if (judgement !== 'askToJoin' || nowMs - this.#askedMs < ASK_INTERVAL_MS) return { judgement, ask: null };
    this.#askedMs = nowMs;
    const request = { type: 'propose', command: joinCommand(this.#joining) } as const;
    return { judgement, ask: { kind: 'forward', forwardId: this.#forwardId, request } };
  }

  /** Null for a message that settles nothing. */
  heard(message: PeerMessage): Verdict | null {
    if (message.kind !== 'forwardReply' || message.forwardId !== this.#forwardId) return null;
    const { reply } = message;
    if (reply.ok) return { kind: 'admitted' };
    switch (reply.refusal.code) {
      case 'duplicateName':
        return { kind: 'refused', message: lostDiskMessage(this.#joining.node, this.#dataDirectory) };
      case 'invalidRequest': {
        const { message: why, expected } = reply.refusal;
        return { kind: 'refused', message: `${why} Its nodes are ${expected ?? 'others'}.` };
      }
      default:
        return null;
    }
  }
}
