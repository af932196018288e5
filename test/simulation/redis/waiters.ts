/** Clients in `WAIT`: each is answered when enough replicas confirmed its offset, or when its time is over. */
import { type AnyReply, ErrorReply } from './reply.ts';
import type { ServerProcess } from './server-process.ts';
import type { Session } from './session.ts';

type Waiter = { readonly session: Session; readonly offset: bigint; readonly wanted: number };

export class Waiters {
  readonly #process: ServerProcess;
  readonly #waiting = new Map<number, Waiter>();

  constructor(process: ServerProcess) {
    this.#process = process;
  }

  /** Null while the client has to wait. */
  wait(session: Session, wanted: number, timeoutMs: number, inTransaction: boolean): AnyReply | null {
    const offset = session.offset;
    const count = this.#process.feeds.confirmed(offset);
    if (count >= wanted || inTransaction) {
      this.#process.host.journal.waited(this.#process, session, count);
      return count;
    }
    this.#waiting.set(session.id, { session, offset, wanted });
    const stopTimer =
      timeoutMs > 0 ? this.#process.after(timeoutMs, () => this.#answer(session)) : () => undefined;
    session.blocked = {
      kind: 'wait',
      takeBack: () => {
        stopTimer();
        this.#waiting.delete(session.id);
      },
    };
    this.#process.feeds.askForAcknowledgements();
    return null;
  }

  #answer(session: Session): void {
    const waiter = this.#waiting.get(session.id);
    if (waiter === undefined) return;
    const count = this.#process.feeds.confirmed(waiter.offset);
    this.#process.host.journal.waited(this.#process, session, count);
    this.#process.unblock(session, count);
  }

  acknowledged(): void {
    for (const { session, offset, wanted } of [...this.#waiting.values()]) {
      if (this.#process.feeds.confirmed(offset) >= wanted) this.#answer(session);
    }
  }

  /** The server follows somebody now: nobody here will learn what became of a write. */
  disconnectAll(): void {
    const error = new ErrorReply(
      'UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)',
    );
    for (const { session } of [...this.#waiting.values()]) {
      session.closeAfterReply = true;
      this.#process.unblock(session, error);
    }
  }
}
