/** What the door keeps of one client. Commands read and change it; only the connection writes to the client. */
import type { Protocol } from './reply.ts';
import type { SentinelUser } from './users.ts';

export type Session = {
  /** Unique in the life of the process; clients ask for it. */
  readonly id: number;
  /** `host:port` of the client. */
  readonly address: string;
  readonly sinceMs: number;
  protocol: Protocol;
  /** Null until it has logged in, where it has to. */
  user: SentinelUser | null;
  name: string;
  library: string;
  lastCommand: string;
  lastCommandMs: number;
  readonly channels: Set<string>;
  readonly patterns: Set<string>;
  /** The connection ends once what was answered is written. */
  isEnding: boolean;
};

export const subscriptionsOf = ({ channels, patterns }: Session): number => channels.size + patterns.size;
