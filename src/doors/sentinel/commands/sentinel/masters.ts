/** SENTINEL MASTER and MASTERS. */
import type { BrokerGroup } from '../../../../core/metadata/state.ts';
import { slavesOf } from '../../group-directory.ts';
import { lastMaster, masterRecord } from '../../records/master-record.ts';
import { array, type Reply, record } from '../../reply.ts';
import type { Call, Command } from '../command.ts';
import { whileCurrent } from '../current.ts';
import { NO_SUCH_MASTER, namedGroup } from './named-group.ts';

const recordOf = ({ door, user }: Call, group: BrokerGroup): Reply =>
  record(
    masterRecord({
      name: door.directory.nameOf(group),
      group,
      sighting: door.sightings.of(group.key, lastMaster(group).id),
      slaves: slavesOf(group, user).length,
      nodes: door.options.nodes,
      doors: door.options.peers.length,
    }),
  );

export const master: Command = {
  name: 'sentinel|master',
  words: [1, 1],
  run: whileCurrent((call) => {
    const group = namedGroup(call);
    return group === null ? NO_SUCH_MASTER : recordOf(call, group);
  }),
};

export const masters: Command = {
  name: 'sentinel|masters',
  words: [0, 0],
  run: whileCurrent((call) => {
    const groups = call.door.directory.list(call.door.face.state(), call.user);
    return array(groups.map((group) => recordOf(call, group)));
  }),
};
