/** ACL WHOAMI. Who exists is the node's configuration, so there is nothing else to ask or to change here. */
import { bulk, error } from '../reply.ts';
import { type Command, MANY } from './command.ts';

export const acl: Command = {
  name: 'acl',
  words: [1, MANY],
  run: ({ user, words: [name = ''] }) =>
    name.toLowerCase() === 'whoami'
      ? bulk(user.name)
      : error(`ERR unknown subcommand '${name.slice(0, 128)}'. Try ACL HELP.`),
};
