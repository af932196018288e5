/**
 * The mark by which the tier knows the directory of a node, as that node looks at it: it leaves its own where there is
 * none, and knows by another one that its disk was lost. Pure; who looks brings the time and carries the requests.
 */
import type { ClientReply, ClientRequest } from '../core/coordinator/requests.ts';
import type { MetadataState } from '../core/metadata/state.ts';
import { type JoiningNode, joinCommand } from './waiting-room.ts';

export const MARK_LOOK_INTERVAL_MS = 50;
/** After a refusal or a leader that is not there yet. */
const RETRY_INTERVAL_MS = 500;

type Known = Pick<MetadataState, 'joined' | 'tierId'>;

export class TierMark {
  readonly #joining: JoiningNode;
  #retryMs = Number.NEGATIVE_INFINITY;

  constructor(joining: JoiningNode) {
    this.#joining = joining;
  }

  /** What to ask the own node for now. */
  look({ joined, tierId }: Known, isCurrent: boolean, nowMs: number): ClientRequest | 'wait' | 'done' {
    const { node, directoryId } = this.#joining;
    const joinedWith = joined.get(node);
    if (joinedWith === directoryId) return 'done';
    if (tierId === null || !isCurrent || nowMs < this.#retryMs) return 'wait';
    this.#retryMs = nowMs + RETRY_INTERVAL_MS;
    // A node that was let in again first finds the mark of its former directory in the log, until it has caught up
    // with everything that is committed now.
    if (joinedWith !== undefined) return { type: 'readBarrier' };
    return { type: 'propose', command: joinCommand(this.#joining) };
  }

  /** Whether the answer means that the directory is not the one that the tier knows. Whether a mark was left shows in the state. */
  isOfAnother(request: ClientRequest, reply: ClientReply, { joined }: Known): boolean {
    const { node, directoryId } = this.#joining;
    return request.type === 'readBarrier' && reply.ok && joined.get(node) !== directoryId;
  }
}
