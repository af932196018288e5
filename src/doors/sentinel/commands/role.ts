/** ROLE: a Sentinel, and the masters that it knows. */
import { array, bulk, bulks } from '../reply.ts';
import type { Command } from './command.ts';
import { whileCurrent } from './current.ts';

export const role: Command = {
  name: 'role',
  words: [0, 0],
  run: whileCurrent(({ door, user }) => {
    const groups = door.directory.list(door.face.state(), user);
    return array([bulk('sentinel'), bulks(groups.map((group) => door.directory.nameOf(group)))]);
  }),
};
