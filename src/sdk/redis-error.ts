/**
 * What an error of a Redis command means for a client: whether the server answered at all, whether the answer says
 * that this server, or this user, is no longer the one to talk to, and whether trying elsewhere can help.
 */
import { ReplyError } from 'ioredis';

export type RedisFailure =
  /** The server did not answer: what was sent may have been carried out. */
  | 'lost'
  /** It answered that it is not the master for this user any more: ask for the route again. */
  | 'deposed'
  /** The master refuses writes until more slaves follow it, or for good if nobody follows it any more. */
  | 'short'
  /** The stream has no such consumer group. */
  | 'noGroup'
  /** It answered that the command itself is wrong; another attempt gets the same answer. */
  | 'rejected';

/**
 * MASTERDOWN, LOADING: a replica, or a restarted server. UNBLOCKED: a
 * blocked command ended because the server became a replica. MISCONF, OOM: it cannot take writes for now.
 */
const DEPOSED =
  /^(?:NOAUTH|WRONGPASS|NOPERM|READONLY|MASTERDOWN|LOADING|UNBLOCKED|MISCONF|OOM|ERR WAIT cannot be used)/;

export function classifyError(error: unknown): RedisFailure {
  if (!(error instanceof ReplyError)) return 'lost';
  const message = error instanceof Error ? error.message : '';
  if (/^NOGROUP/.test(message)) return 'noGroup';
  if (/^NOREPLICAS/.test(message)) return 'short';
  return DEPOSED.test(message) ? 'deposed' : 'rejected';
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
