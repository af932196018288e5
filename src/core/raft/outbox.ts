/**
 * Messages that wait to leave, in two queues: those that promise nothing leave at once; votes, vote requests and
 * answers to appends leave once the batch is on disk that they were decided beside.
 */
import type { NodeName } from '../primitives/identifiers.ts';
import type { RaftEnvelope, RaftMessage } from './types.ts';

export class Outbox {
  #now: RaftEnvelope[] = [];
  #afterPersist: RaftEnvelope[] = [];

  get isEmpty(): boolean {
    return this.#now.length === 0 && this.#afterPersist.length === 0;
  }

  sendNow(to: NodeName, message: RaftMessage): void {
    this.#now.push({ to, message });
  }

  /** An append answer takes the place of the one before it where it says everything that one said. */
  sendAfterPersist(to: NodeName, message: RaftMessage): void {
    const last = this.#afterPersist.at(-1);
    if (last !== undefined && last.to === to && supersedes(message, last.message))
      this.#afterPersist.length -= 1;
    this.#afterPersist.push({ to, message });
  }

  takeNow(): RaftEnvelope[] {
    const messages = this.#now;
    this.#now = [];
    return messages;
  }

  takeAfterPersist(): RaftEnvelope[] {
    const messages = this.#afterPersist;
    this.#afterPersist = [];
    return messages;
  }
}

function supersedes(newer: RaftMessage, older: RaftMessage): boolean {
  return (
    newer.type === 'appendReply' &&
    older.type === 'appendReply' &&
    newer.term === older.term &&
    newer.round >= older.round &&
    newer.outcome.accepted &&
    older.outcome.accepted &&
    newer.outcome.matchIndex >= older.outcome.matchIndex
  );
}
