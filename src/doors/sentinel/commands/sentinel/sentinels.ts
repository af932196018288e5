/** SENTINEL SENTINELS: the doors of the other nodes. */
import { sentinelRecord } from '../../records/sentinel-record.ts';
import { array, record } from '../../reply.ts';
import type { Command } from '../command.ts';
import { whileCurrent } from '../current.ts';
import { NO_SUCH_MASTER, namedGroup } from './named-group.ts';

export const sentinels: Command = {
  name: 'sentinel|sentinels',
  words: [1, 1],
  run: whileCurrent((call) => {
    if (namedGroup(call) === null) return NO_SUCH_MASTER;
    const { options, face } = call.door;
    const tierId = face.state().tierId ?? '';
    const others = options.peers.filter(({ node }) => node !== options.self);
    return array(others.map((peer) => record(sentinelRecord(peer, tierId, options.isConnected(peer.node)))));
  }),
};
