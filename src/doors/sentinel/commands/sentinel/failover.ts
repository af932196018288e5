/** SENTINEL FAILOVER: a planned move that loses nothing. Answered when it has begun, as a Sentinel does. */
import { error, OK } from '../../reply.ts';
import { type Command, NO_PERMISSION } from '../command.ts';
import { whileCurrent } from '../current.ts';
import { refusedBy } from '../refused-by.ts';
import { NO_SUCH_MASTER, namedGroup } from './named-group.ts';

const IN_PROGRESS = error('INPROG Failover already in progress');

export const failover: Command = {
  name: 'sentinel|failover',
  words: [1, 2],
  run: whileCurrent(async (call) => {
    const { door, user, words } = call;
    const [, how] = words;
    if (how !== undefined && how.toLowerCase() !== 'coordinated') return error('ERR syntax error');
    const group = namedGroup(call);
    if (group === null) return NO_SUCH_MASTER;
    if (user.operator === null) return NO_PERMISSION;
    if (group.phase.kind !== 'active') return IN_PROGRESS;
    const by = user.operator;
    const reply = await door.face.submit({
      type: 'switchover',
      group: group.key,
      to: null,
      planOnly: false,
      by,
    });
    if (reply.ok) return OK;
    switch (reply.refusal.code) {
      case 'busy':
        return IN_PROGRESS;
      case 'unprovable':
      case 'brokerUnreachable':
        return error(`NOGOODSLAVE No suitable replica to promote: ${reply.refusal.message}`);
      default:
        return refusedBy(reply.refusal);
    }
  }),
};
