/**
 * A node that has never taken part does not yet know whether this is the first start of its tier, its own first start
 * in a tier that exists, or the start after its disk was lost. In the last case it has promised things that it no
 * longer knows (votes, entries it acknowledged), and taking part again could undo what the tier acknowledged. So it
 * keeps still, neither voting nor acknowledging, until it may take part:
 *
 *  - it belongs to a majority of nodes of which none knows a tier: then they found one;
 *  - a peer belongs to a tier: then it asks for `member.join`. The command is committed without this node's help, so
 *    whatever an earlier life of it promised is held by a majority without it. Refused, because this name has
 *    joined with another directory before: the disk was lost, and the process ends. Where an operator has said that the
 *    former directory is gone for good (`serve --rejoin`), the same command moves the mark instead.
 *
 * Why that is safe: this node is silent until the command is committed, so a majority without it has committed it, in
 * one term. Everything the former life promised came before the command was proposed. Entries: what was committed with
 * its help is in the leader's log before the command, hence on all of that majority, and any later majority contains
 * one of it, which refuses to elect a node that lacks the command. Votes: whoever it voted for had taken that term
 * before, so no term of that majority is below it, and a candidacy of that time is over on those that now follow.
 */
import { randomInt } from 'node:crypto';
import type { Command } from '../core/metadata/command.ts';
import type { TransportPort } from '../core/node/ports.ts';
import type { NodeName } from '../core/primitives/identifiers.ts';
import type { RestoredLog } from '../core/raft/types.ts';
import type { Logger } from '../platform/logger.ts';

const LOOK_INTERVAL_MS = 20;
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

export type Admission =
  | { readonly kind: 'admitted' }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'cancelled' };

export type FirstStartPorts = JoiningNode & {
  readonly dataDirectory: string;
  /** Started already; its handler is this room's until the answer is there. */
  readonly transport: Pick<TransportPort, 'send' | 'onMessage'> & {
    peers(): ReadonlyMap<NodeName, PeerSeen>;
  };
  readonly nowMs: () => number;
  readonly logger: Logger;
};

/** Resolves once the node may take part, or must not; `cancel` when the process stops before. */
export function awaitAdmission(ports: FirstStartPorts): {
  readonly admission: Promise<Admission>;
  cancel(): void;
} {
  const { node, dataDirectory, transport, nowMs, logger } = ports;
  let settle: (admission: Admission) => void = () => undefined;
  const admission = new Promise<Admission>((resolve) => {
    settle = resolve;
  });
  const forwardId = randomInt(1, 2 ** 40);
  const request = { type: 'propose', command: joinCommand(ports) } as const;
  let majoritySinceMs: number | null = null;
  let askedMs = Number.NEGATIVE_INFINITY;
  let said: FirstStart | null = null;

  const look = (): void => {
    const peers = transport.peers();
    majoritySinceMs = isMajority(peers) ? (majoritySinceMs ?? nowMs()) : null;
    const majorityForMs = majoritySinceMs === null ? null : nowMs() - majoritySinceMs;
    const judgement = judgeFirstStart(peers, majorityForMs, ports.isReplacement);
    if (judgement !== said) logger.info({ event: 'firstStart', judgement }, MEANINGS[judgement]);
    said = judgement;
    if (judgement === 'found') end({ kind: 'admitted' });
    if (judgement !== 'askToJoin' || nowMs() - askedMs < ASK_INTERVAL_MS) return;
    askedMs = nowMs();
    // Who leads is not known here; those that do not lead refuse.
    for (const peer of peers.keys()) transport.send(peer, { kind: 'forward', forwardId, request });
  };
  const timer = setInterval(look, LOOK_INTERVAL_MS);
  const end = (how: Admission): void => {
    clearInterval(timer);
    settle(how);
  };
  transport.onMessage((_from, message) => {
    if (message.kind !== 'forwardReply' || message.forwardId !== forwardId) return;
    const { reply } = message;
    if (reply.ok) end({ kind: 'admitted' });
    else if (reply.refusal.code === 'duplicateName') {
      end({ kind: 'refused', message: lostDiskMessage(node, dataDirectory) });
    } else if (reply.refusal.code === 'invalidRequest') {
      const { message: why, expected } = reply.refusal;
      end({ kind: 'refused', message: `${why} Its nodes are ${expected ?? 'others'}.` });
    }
  });
  look();
  return { admission, cancel: () => end({ kind: 'cancelled' }) };
}

const MEANINGS: Readonly<Record<FirstStart, string>> = {
  wait: 'this node has never taken part, and waits for a majority of the nodes',
  found: 'no node of the majority belongs to a tier: they found one',
  askToJoin: 'the tier exists: this node asks whether it may take part',
};
