/** SENTINEL INFO-CACHE: a node keeps what it read out of INFO, not the text of it, so each master is listed with none. */
import { array, bulk, integer, NULL_BULK, type Reply } from '../../reply.ts';
import { type Command, MANY } from '../command.ts';
import { whileCurrent } from '../current.ts';

export const infoCache: Command = {
  name: 'sentinel|info-cache',
  words: [0, MANY],
  run: whileCurrent(({ door, user, words }) => {
    const groups = door.directory.list(door.face.state(), user);
    const names = groups.map((group) => door.directory.nameOf(group));
    const shown = names.filter((name) => words.length === 0 || words.includes(name));
    return array(shown.flatMap((name): Reply[] => [bulk(name), array([array([integer(0), NULL_BULK])])]));
  }),
};
