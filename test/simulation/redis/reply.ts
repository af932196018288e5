/** What a server answers, and what it sends to those who replicate from it. */
import type { Command, Reply } from '../../../src/drivers/redis/connections.ts';
import type { StreamEntry, Write } from './replication-stream.ts';

export class ErrorReply {
  /** Its first word is the code, as in `NOPERM this user has ...`. */
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

export type AnyReply = string | number | null | ErrorReply | readonly AnyReply[];

/** The first error in a reply, or the reply as a client's library hands it out. */
export function plain(reply: AnyReply): Reply | ErrorReply {
  if (reply === null || typeof reply !== 'object' || reply instanceof ErrorReply) return reply;
  const parts: Reply[] = [];
  for (const part of reply) {
    const value = plain(part);
    if (value instanceof ErrorReply) return value;
    parts.push(value);
  }
  return parts;
}

export const OK = 'OK';

/** The state of a server at the moment of a snapshot. */
export type Snapshot = {
  readonly writes: readonly Write[];
  readonly replicationId: string;
  readonly offset: bigint;
};

export type ServerMessage =
  | { readonly kind: 'reply'; readonly reply: AnyReply }
  | { readonly kind: 'fullResync' }
  | { readonly kind: 'snapshot'; readonly snapshot: Snapshot }
  | { readonly kind: 'continue'; readonly replicationId: string }
  | { readonly kind: 'stream'; readonly entry: StreamEntry };

/** Commands that were written to the socket at once. */
export type ClientMessage = readonly Command[];
