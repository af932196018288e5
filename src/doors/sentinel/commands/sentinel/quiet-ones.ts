/**
 * Subcommands that ask after a Sentinel's own workings, which a node does not have: it runs no scripts, keeps no file
 * of what it found, and is made to fail by other means. Each answers as a Sentinel does that has nothing to say.
 */
import { array, bulks, error, OK } from '../../reply.ts';
import { type Command, MANY } from '../command.ts';

export const pendingScripts: Command = {
  name: 'sentinel|pending-scripts',
  words: [0, 0],
  run: () => array([]),
};

/** Whatever is committed is on disk already. */
export const flushConfiguration: Command = { name: 'sentinel|flushconfig', words: [0, 0], run: () => OK };

export const simulateFailure: Command = {
  name: 'sentinel|simulate-failure',
  words: [0, MANY],
  run: () => error('ERR not here: a node is stopped or killed like any process'),
};

export const debug: Command = {
  name: 'sentinel|debug',
  words: [0, MANY],
  run: () => error('ERR timings are settings of the node and of each group; `pollux group show` has them'),
};

export const help: Command = {
  name: 'sentinel|help',
  words: [0, 0],
  run: () =>
    bulks([
      'SENTINEL <subcommand> [<arg> [value] [opt] ...]. Subcommands are:',
      'CKQUORUM <master-name>',
      '    Could the group be promoted now without loss?',
      'FAILOVER <master-name> [COORDINATED]',
      '    A planned move without loss.',
      'GET-MASTER-ADDR-BY-NAME <master-name>',
      'IS-MASTER-DOWN-BY-ADDR <ip> <port> <current-epoch> <runid>',
      'MASTER <master-name>',
      'MASTERS',
      'MONITOR <master-name> <ip> <port> <quorum>',
      '    Declare a group from its master, whose slaves are found.',
      'MYID',
      'REMOVE <master-name>',
      'REPLICAS <master-name>',
      'RESET <pattern>',
      'SENTINELS <master-name>',
      'SET <master-name> <option> <value> [<option> <value> ...]',
    ]),
};
