/**
 * What a node does once it knows its tier: ties its directory to it, leaves the mark by which the tier would know a
 * lost disk, and prints the operator token if the tier took this node's.
 */
import type { NodeFace } from '../core/node/face.ts';
import type { Logger } from '../platform/logger.ts';
import { type JoiningNode, joinCommand, lostDiskMessage } from './first-start.ts';
import { announceWhenValid, type TokenCandidate } from './operator-token.ts';

const LOOK_INTERVAL_MS = 50;
/** After a refusal or a leader that is not there yet. */
const RETRY_INTERVAL_MS = 500;

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
  const { face, bindTier, candidate, dataDirectory, print, onFatal } = ports;
  let boundTo: string | null = null;
  let retryMs = 0;
  const timer = setInterval(() => {
    const state = face.state();
    if (state.tierId === null) return;
    if (boundTo === null) {
      boundTo = state.tierId;
      bindTier(boundTo).catch((error: unknown) => onFatal(String(error)));
      announceWhenValid(state, candidate, dataDirectory, print);
    }
    const joinedWith = state.joined.get(ports.node);
    if (joinedWith === ports.directoryId) clearInterval(timer);
    else if (face.isCurrent() && performance.now() >= retryMs) {
      retryMs = performance.now() + RETRY_INTERVAL_MS;
      if (joinedWith === undefined) leaveMark(ports);
      else judgeMark(ports, () => clearInterval(timer));
    }
  }, LOOK_INTERVAL_MS);
  return () => clearInterval(timer);
}

/**
 * A node that was let in again first finds the mark of its former directory in the log, until it has caught up with
 * everything that is committed now.
 */
function judgeMark(
  { face, node, directoryId, dataDirectory, onFatal }: TierTiesPorts,
  end: () => void,
): void {
  face.submit({ type: 'readBarrier' }).then(
    (reply) => {
      if (!reply.ok || face.state().joined.get(node) === directoryId) return;
      end();
      onFatal(lostDiskMessage(node, dataDirectory));
    },
    (error: unknown) => onFatal(String(error)),
  );
}

/** Whether it worked shows in the state. */
function leaveMark({ face, logger, ...joining }: TierTiesPorts): void {
  face.submit({ type: 'propose', command: joinCommand(joining) }).then(
    (reply) => {
      if (!reply.ok)
        logger.debug({ refusal: reply.refusal }, 'the tier has not marked this node as joined yet');
    },
    (error: unknown) => joining.onFatal(String(error)),
  );
}
