/** PUBLISH: other Sentinels say hello this way. It is taken and goes nowhere: nobody here learns of a topology by it. */
import { error, integer } from '../reply.ts';
import type { Command } from './command.ts';

const HELLO_CHANNEL = '__sentinel__:hello';

export const publish: Command = {
  name: 'publish',
  words: [2, 2],
  run: ({ words: [channel] }) =>
    channel === HELLO_CHANNEL
      ? integer(1)
      : error('ERR Only HELLO messages are accepted by Sentinel instances.'),
};
