/**
 * COMMAND. Clients ask it to learn which words are keys; none are here, and an empty answer says so. The command line
 * client asks it for its help and goes without.
 */
import { array, error } from '../reply.ts';
import { type Command, MANY } from './command.ts';

export const commandInfo: Command = {
  name: 'command',
  words: [0, MANY],
  run: ({ words: [name] }) =>
    name === undefined || /^(docs|info|list)$/i.test(name)
      ? array([])
      : error(`ERR unknown subcommand '${name.slice(0, 128)}'. Try COMMAND HELP.`),
};
