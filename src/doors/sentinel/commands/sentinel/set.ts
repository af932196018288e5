/**
 * SENTINEL SET. The one setting of a Sentinel that is a group's here is how long a master may be silent; it is committed
 * like any other change. What pollux decides by itself may be named with the value that it has, so that a script which
 * sets everything goes through, and is refused with any other. All options are looked at before one is carried out.
 */
import { FAILOVER_TIMEOUT_MS, PARALLEL_SYNCS, quorumOf } from '../../records/settings.ts';
import { error, OK, type Reply } from '../../reply.ts';
import { type Call, type Command, MANY, NO_PERMISSION } from '../command.ts';
import { whileCurrent } from '../current.ts';
import { refusedBy } from '../refused-by.ts';
import { NO_SUCH_MASTER, namedGroup } from './named-group.ts';

/** Settings of a Sentinel that have no counterpart, and where what they are for is set instead. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'auth-user': 'passwords are in the configuration of the nodes',
  'auth-pass': 'passwords are in the configuration of the nodes',
  'notification-script': 'nodes run no scripts; subscribe to the events, or read /metrics',
  'client-reconfig-script': 'nodes run no scripts; subscribe to +switch-master',
  'rename-command': 'managed servers keep the names of their commands',
  'master-reboot-down-after-period': 'a restarted master is fenced and never waited for',
};

type Wish = { readonly detectionMs: number | null };

function wishOf({ door }: Call, options: readonly string[]): Wish | Reply {
  const decided: Readonly<Record<string, number>> = {
    quorum: quorumOf(door.options.nodes),
    'failover-timeout': FAILOVER_TIMEOUT_MS,
    'parallel-syncs': PARALLEL_SYNCS,
  };
  let detectionMs: number | null = null;
  for (let at = 0; at < options.length; at += 2) {
    const name = (options[at] ?? '').toLowerCase();
    const value = options[at + 1];
    if (value !== undefined && Object.hasOwn(ELSEWHERE, name)) {
      return error(`ERR '${name}' is not set here: ${ELSEWHERE[name]}`);
    }
    const known = name === 'down-after-milliseconds' || Object.hasOwn(decided, name);
    if (value === undefined || !known) {
      return error(`ERR Unknown option or number of arguments for SENTINEL SET '${options[at] ?? ''}'`);
    }
    const number = /^\d{1,15}$/.test(value) ? Number(value) : 0;
    if (number <= 0) return error(`ERR Invalid argument '${value}' for SENTINEL SET '${name}'`);
    if (name === 'down-after-milliseconds') detectionMs = number;
    else if (number !== decided[name])
      return error(`ERR '${name}' is decided by pollux and is ${decided[name]}`);
  }
  return { detectionMs };
}

export const set: Command = {
  name: 'sentinel|set',
  words: [3, MANY],
  run: whileCurrent(async (call) => {
    const { door, user, words } = call;
    const group = namedGroup(call);
    if (group === null) return NO_SUCH_MASTER;
    if (user.operator === null) return NO_PERMISSION;
    const wish = wishOf(call, words.slice(1));
    if ('kind' in wish) return wish;
    if (wish.detectionMs === null) return OK;
    const reply = await door.face.submit({
      type: 'propose',
      command: {
        type: 'group.set',
        key: group.key,
        policy: null,
        onShortage: null,
        timeFenceSeconds: null,
        detectionMs: wish.detectionMs,
        cooldownMs: null,
        by: user.operator,
        wallMs: door.clock.now().wallMs,
      },
    });
    return reply.ok ? OK : refusedBy(reply.refusal);
  }),
};
