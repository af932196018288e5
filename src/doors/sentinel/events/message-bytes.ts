/** Publications as one client gets them: in order, once for each of its subscriptions that fits. */
import { matchesGlob } from '../glob.ts';
import { bulk, type Protocol, type Reply } from '../reply.ts';
import { encodeReply } from '../reply-codec.ts';
import { type SentinelUser, sees } from '../users.ts';
import type { Publication } from './publication.ts';

export type Listener = {
  readonly protocol: Protocol;
  readonly user: SentinelUser;
  readonly channels: ReadonlySet<string>;
  readonly patterns: ReadonlySet<string>;
};

/** Listeners with the same key get the same bytes. */
export const listenerKey = ({ protocol, user, channels, patterns }: Listener): string =>
  JSON.stringify([protocol, user.groups, [...channels], [...patterns]]);

export function messageText(publications: readonly Publication[], listener: Listener): string {
  const { protocol, user, channels, patterns } = listener;
  const push = (items: readonly Reply[]): string => encodeReply({ kind: 'push', items }, protocol);
  let text = '';
  for (const { channel, payload, masterName } of publications) {
    if (!sees(user, masterName)) continue;
    if (channels.has(channel)) text += push([bulk('message'), bulk(channel), bulk(payload)]);
    for (const pattern of patterns) {
      if (!matchesGlob(pattern, channel)) continue;
      text += push([bulk('pmessage'), bulk(pattern), bulk(channel), bulk(payload)]);
    }
  }
  return text;
}
