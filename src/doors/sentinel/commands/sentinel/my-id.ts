/** SENTINEL MYID. */
import { nodeId } from '../../node-id.ts';
import { bulk } from '../../reply.ts';
import type { Command } from '../command.ts';

export const myId: Command = {
  name: 'sentinel|myid',
  words: [0, 0],
  run: ({ door }) => bulk(nodeId(door.face.state().tierId ?? '', door.options.self)),
};
