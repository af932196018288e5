/** SENTINEL REPLICAS, and SLAVES as it was called before. */
import { slavesOf } from '../../group-directory.ts';
import { slaveRecord } from '../../records/slave-record.ts';
import { array, record } from '../../reply.ts';
import type { Command } from '../command.ts';
import { whileCurrent } from '../current.ts';
import { NO_SUCH_MASTER, namedGroup } from './named-group.ts';

const listing = (name: string): Command => ({
  name: `sentinel|${name}`,
  words: [1, 1],
  run: whileCurrent((call) => {
    const { door, user } = call;
    const group = namedGroup(call);
    if (group === null) return NO_SUCH_MASTER;
    const records = slavesOf(group, user).map((slave) =>
      record(slaveRecord(group, slave, door.sightings.of(group.key, slave.id))),
    );
    return array(records);
  }),
});

export const replicas = listing('replicas');
export const slaves = listing('slaves');
