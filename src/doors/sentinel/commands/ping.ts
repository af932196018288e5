/** PING. In a RESP2 subscription the answer has the form of a message, because nothing else may come in between. */
import { array, bulk, simple } from '../reply.ts';
import { subscriptionsOf } from '../session.ts';
import type { Command } from './command.ts';

export const ping: Command = {
  name: 'ping',
  words: [0, 1],
  whileSubscribed: true,
  run: ({ session, words: [text] }) => {
    if (session.protocol === 2 && subscriptionsOf(session) > 0)
      return array([bulk('pong'), bulk(text ?? '')]);
    return text === undefined ? simple('PONG') : bulk(text);
  },
};
