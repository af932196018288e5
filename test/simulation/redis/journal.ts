/** What an onlooker that sees into every server would note. The model only tells; oracles judge. */
import type { Write } from './replication-stream.ts';
import type { ServerProcess } from './server-process.ts';
import type { ServerFile } from './server-settings.ts';
import type { Session } from './session.ts';

export type Journal = {
  started(process: ServerProcess): void;
  ended(process: ServerProcess): void;
  wrote(process: ServerProcess, session: Session, write: Write): void;
  /** `WAIT` was answered. */
  waited(process: ServerProcess, session: Session, count: number): void;
  /** Somebody replicates from here now. */
  attached(process: ServerProcess, session: Session): void;
  /** A command that may change something is about to be carried out. */
  executing(process: ServerProcess, session: Session, name: string): void;
  promoted(process: ServerProcess, session: Session): void;
  followed(process: ServerProcess, session: Session, master: string): void;
  /** Its master sends it everything anew; and it has taken all of that in. */
  resyncs(process: ServerProcess): void;
  resynced(process: ServerProcess): void;
  userSet(process: ServerProcess, session: Session, user: string): void;
  fileWritten(process: ServerProcess, file: ServerFile): void;
};

const nothing = (): void => undefined;

export const SILENT_JOURNAL: Journal = {
  started: nothing,
  ended: nothing,
  wrote: nothing,
  waited: nothing,
  attached: nothing,
  executing: nothing,
  promoted: nothing,
  followed: nothing,
  resyncs: nothing,
  resynced: nothing,
  userSet: nothing,
  fileWritten: nothing,
};
