/** QUIT. */
import { OK } from '../reply.ts';
import type { Command } from './command.ts';

export const quit: Command = {
  name: 'quit',
  words: [0, 0],
  needsLogin: false,
  whileSubscribed: true,
  run: ({ session }) => {
    session.isEnding = true;
    return OK;
  },
};
