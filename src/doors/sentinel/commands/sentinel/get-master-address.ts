/**
 * SENTINEL GET-MASTER-ADDR-BY-NAME. While a reign ends or begins the last master's address is answered, because some
 * clients cannot start on nothing at all; that server is fenced by then and takes no write.
 */
import type { BrokerGroup } from '../../../../core/metadata/state.ts';
import { addressOf } from '../../group-directory.ts';
import { lastMaster } from '../../records/master-record.ts';
import { bulks, NULL_ARRAY, type Reply } from '../../reply.ts';
import type { Command } from '../command.ts';
import { whileCurrent } from '../current.ts';
import { namedGroup } from './named-group.ts';

/** A group never changes, it is replaced; so its answer is made once. */
const answers = new WeakMap<BrokerGroup, Reply>();

function answerOf(group: BrokerGroup): Reply {
  const known = answers.get(group);
  if (known !== undefined) return known;
  const { host, port } = addressOf(lastMaster(group));
  const answer = bulks([host, port]);
  answers.set(group, answer);
  return answer;
}

export const getMasterAddress: Command = {
  name: 'sentinel|get-master-addr-by-name',
  words: [1, 1],
  run: whileCurrent((call) => {
    const group = namedGroup(call);
    return group === null ? NULL_ARRAY : answerOf(group);
  }),
};
