/**
 * SENTINEL GET-MASTER-ADDR-BY-NAME. While a reign ends or begins the last master's address is answered, because some
 * clients cannot start on nothing at all; that server is fenced by then and takes no write.
 */

import { addressOf } from '../../group-directory.ts';
import { lastMaster } from '../../records/master-record.ts';
import { bulks, NULL_ARRAY } from '../../reply.ts';
import type { Command } from '../command.ts';
import { whileCurrent } from '../current.ts';
import { namedGroup } from './named-group.ts';

export const getMasterAddress: Command = {
  name: 'sentinel|get-master-addr-by-name',
  words: [1, 1],
  run: whileCurrent((call) => {
    const group = namedGroup(call);
    if (group === null) return NULL_ARRAY;
    const { host, port } = addressOf(lastMaster(group));
    return bulks([host, port]);
  }),
};
