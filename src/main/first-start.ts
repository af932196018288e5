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
 * one of it, which refuses to elect a node that lacks the command. Votes: a candidacy that had one asked for it with a
 * log of before the command, so it needs the vote of one of that majority too, and does not get it any more: that one
 * has taken the term of the command, or holds it. One that got it before is in a term that the command is past.
 */
import { randomInt } from 'node:crypto';
import type { TransportPort } from '../core/node/ports.ts';
import type { NodeName } from '../core/primitives/identifiers.ts';
import type { Logger } from '../platform/logger.ts';
import {
  type FirstStart,
  type JoiningNode,
  LOOK_INTERVAL_MS,
  type PeerSeen,
  type Verdict,
  WaitingRoom,
} from './waiting-room.ts';

export type Admission = Verdict | { readonly kind: 'cancelled' };

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
  const { dataDirectory, transport, nowMs, logger } = ports;
  let settle: (admission: Admission) => void = () => undefined;
  const admission = new Promise<Admission>((resolve) => {
    settle = resolve;
  });
  const room = new WaitingRoom(ports, dataDirectory, randomInt(1, 2 ** 40));
  let said: FirstStart | null = null;

  const look = (): void => {
    const peers = transport.peers();
    const { judgement, ask } = room.look(peers, nowMs());
    if (judgement !== said) logger.info({ event: 'firstStart', judgement }, MEANINGS[judgement]);
    said = judgement;
    if (judgement === 'found') end({ kind: 'admitted' });
    if (ask !== null) for (const peer of peers.keys()) transport.send(peer, ask);
  };
  const timer = setInterval(look, LOOK_INTERVAL_MS);
  const end = (how: Admission): void => {
    clearInterval(timer);
    settle(how);
  };
  transport.onMessage((_from, message) => {
    const verdict = room.heard(message);
    if (verdict !== null) end(verdict);
  });
  look();
  return { admission, cancel: () => end({ kind: 'cancelled' }) };
}

const MEANINGS: Readonly<Record<FirstStart, string>> = {
  wait: 'this node has never taken part, and waits for a majority of the nodes',
  found: 'no node of the majority belongs to a tier: they found one',
  askToJoin: 'the tier exists: this node asks whether it may take part',
};
