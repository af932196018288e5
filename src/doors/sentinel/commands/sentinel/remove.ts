/** SENTINEL REMOVE: the group is given back; its servers run on as ordinary ones. */
import { OK } from '../../reply.ts';
import { type Command, NO_PERMISSION } from '../command.ts';
import { whileCurrent } from '../current.ts';
import { refusedBy } from '../refused-by.ts';
import { NO_SUCH_MASTER, namedGroup } from './named-group.ts';

export const remove: Command = {
  name: 'sentinel|remove',
  words: [1, 1],
  run: whileCurrent(async (call) => {
    const { door, user } = call;
    const group = namedGroup(call);
    if (group === null) return NO_SUCH_MASTER;
    if (user.operator === null) return NO_PERMISSION;
    const reply = await door.face.submit({ type: 'removeGroup', group: group.key, by: user.operator });
    return reply.ok ? OK : refusedBy(reply.refusal);
  }),
};
