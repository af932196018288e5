/**
 * What consensus must not hear while a batch is on its way to the disk, in order of arrival and bounded.
 */
import { LIMITS } from '../primitives/limits.ts';
import type { RaftCore } from '../raft/raft-core.ts';
import type { NodeInput } from './inputs.ts';

/** Evidence, steering and requests do not: consensus alone must not hear certain things in the middle of a batch. */
export function waitsForDisk(input: NodeInput, raft: Pick<RaftCore, 'mayStepAhead'>): boolean {
  switch (input.kind) {
    case 'tick':
    case 'handOver':
      return true;
    case 'peer':
      return input.message.kind === 'raft' && !raft.mayStepAhead(input.message.message);
    default:
      return false;
  }
}

export class Inbox {
  #waiting: NodeInput[] = [];

  /** False where there is no room any more. */
  add(input: NodeInput): boolean {
    if (this.#waiting.length >= LIMITS.inboxInputs) return false;
    this.#waiting.push(input);
    return true;
  }

  takeAll(): readonly NodeInput[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    return waiting;
  }
}
