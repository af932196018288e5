/** SENTINEL IS-MASTER-DOWN-BY-ADDR: this node's own word, and never a vote: who leads is decided elsewhere. */

import { addressOf } from '../../group-directory.ts';
import { isMasterDown, lastMaster } from '../../records/master-record.ts';
import { array, bulk, error, integer } from '../../reply.ts';
import type { Command } from '../command.ts';
import { whileCurrent } from '../current.ts';

export const isMasterDownByAddress: Command = {
  name: 'sentinel|is-master-down-by-addr',
  words: [4, 4],
  run: whileCurrent(({ door, user, words: [host, port, requestEpoch = ''] }) => {
    if (!/^-?\d{1,18}$/.test(requestEpoch)) return error('ERR value is not an integer or out of range');
    const group = door.directory.list(door.face.state(), user).find((candidate) => {
      const address = addressOf(lastMaster(candidate));
      return address.host === host && address.port === port;
    });
    const isDown =
      group !== undefined &&
      isMasterDown({ group, sighting: door.sightings.of(group.key, lastMaster(group).id) });
    return array([integer(isDown ? 1 : 0), bulk('*'), integer(0)]);
  }),
};
