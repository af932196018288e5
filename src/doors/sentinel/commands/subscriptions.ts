/** SUBSCRIBE, PSUBSCRIBE and their opposites: one reply for each channel, with the count of all that are left. */
import { LIMITS } from '../../../core/primitives/limits.ts';
import { bulk, error, integer, NULL_BULK, type Reply } from '../reply.ts';
import { type Session, subscriptionsOf } from '../session.ts';
import { type Command, MANY } from './command.ts';
import { whileCurrent } from './current.ts';

type Kind = 'channels' | 'patterns';

const confirmed = (word: string, name: string | null, session: Session): Reply => ({
  kind: 'push',
  items: [bulk(word), name === null ? NULL_BULK : bulk(name), integer(subscriptionsOf(session))],
});

const subscribing = (name: string, kind: Kind): Command => ({
  name,
  words: [1, MANY],
  whileSubscribed: true,
  // A node that is cut off hears of no switch: who listened to it would wait in vain.
  run: whileCurrent(({ session, words }) => {
    if (words.some((word) => word.length > LIMITS.sentinelNameCharacters)) {
      return error(
        `ERR a channel or pattern may have ${LIMITS.sentinelNameCharacters} characters at this door`,
      );
    }
    const fresh = new Set(words.filter((word) => !session[kind].has(word)));
    if (subscriptionsOf(session) + fresh.size > LIMITS.sentinelSubscriptions) {
      return error(`ERR a client may have ${LIMITS.sentinelSubscriptions} subscriptions at this door`);
    }
    const items = words.map((word) => {
      session[kind].add(word);
      return confirmed(name, word, session);
    });
    return { kind: 'sequence', items };
  }),
});

const unsubscribing = (name: string, kind: Kind): Command => ({
  name,
  words: [0, MANY],
  whileSubscribed: true,
  run: ({ session, words }) => {
    const names = words.length > 0 ? words : [...session[kind]];
    if (names.length === 0) return confirmed(name, null, session);
    const items = names.map((word) => {
      session[kind].delete(word);
      return confirmed(name, word, session);
    });
    return { kind: 'sequence', items };
  },
});

export const subscribe = subscribing('subscribe', 'channels');
export const patternSubscribe = subscribing('psubscribe', 'patterns');
export const unsubscribe = unsubscribing('unsubscribe', 'channels');
export const patternUnsubscribe = unsubscribing('punsubscribe', 'patterns');
