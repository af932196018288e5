/**
 * What a node does once it knows its tier: ties its directory to it, leaves the mark by which the tier would know a
 * lost disk, and prints the operator token if the tier took this node's.
 */
import type { NodeFace } from '../core/node/face.ts';
import type { Logger } from '../platform/logger.ts';
import { announceWhenValid, type TokenCandidate } from './operator-token.ts';
import { MARK_LOOK_INTERVAL_MS, TierMark } from './tier-mark.ts';
import { type JoiningNode, lostDiskMessage } from './waiting-room.ts';

export type TierTiesPorts = JoiningNode & {
  readonly face: NodeFace;
  readonly bindTier: (tierId: string) => Promise<void>;
  readonly candidate: TokenCandidate;
  readonly dataDirectory: string;
  readonly print: (line: string) => void;
  /** The process has to end. */
  readonly onFatal: (message: string) => void;
  readonly logger: Logger;
};

/** Returns what ends it early; it ends by itself when everything is done. */
export function tieToTier(ports: TierTiesPorts): () => void {
  const { face, bindTier, candidate, dataDirectory, print, onFatal, logger } = ports;
  const mark = new TierMark(ports);
  let boundTo: string | null = null;
  const end = (): void => clearInterval(timer);
  const look = (): void => {
    const state = face.state();
    if (state.tierId === null) return;
    if (boundTo === null) {
      boundTo = state.tierId;
      bindTier(boundTo).catch((error: unknown) => onFatal(String(error)));
      announceWhenValid(state, candidate, dataDirectory, print);
    }
    const next = mark.look(state, face.isCurrent(), performance.now());
    if (next === 'done') end();
    if (typeof next === 'string') return;
    face.submit(next).then(
      (reply) => {
        if (mark.isOfAnother(next, reply, face.state())) {
          end();
          onFatal(lostDiskMessage(ports.node, dataDirectory));
        } else if (!reply.ok) logger.debug({ refusal: reply.refusal }, 'the mark is looked at again');
      },
      (error: unknown) => onFatal(String(error)),
    );
  };
  const timer = setInterval(look, MARK_LOOK_INTERVAL_MS);
  return end;
}
