/**
 * SENTINEL RESET: a Sentinel forgets what it found out by itself. Nothing here was found out by itself: what is
 * declared stays, and the count says how many masters the pattern fits.
 */
import { matchesGlob } from '../../glob.ts';
import { integer } from '../../reply.ts';
import type { Command } from '../command.ts';
import { whileCurrent } from '../current.ts';

export const resetMasters: Command = {
  name: 'sentinel|reset',
  words: [1, 1],
  run: whileCurrent(({ door, user, words: [pattern = ''] }) => {
    const groups = door.directory.list(door.face.state(), user);
    return integer(groups.filter((group) => matchesGlob(pattern, door.directory.nameOf(group))).length);
  }),
};
