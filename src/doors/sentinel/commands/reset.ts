/** RESET: the connection is as if it had just been opened. */
import { simple } from '../reply.ts';
import type { Command } from './command.ts';

export const reset: Command = {
  name: 'reset',
  words: [0, 0],
  needsLogin: false,
  whileSubscribed: true,
  run: ({ door, session }) => {
    session.channels.clear();
    session.patterns.clear();
    session.protocol = 2;
    session.name = '';
    session.user = door.users.stranger;
    return simple('RESET');
  },
};
