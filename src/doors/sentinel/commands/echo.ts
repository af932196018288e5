/** ECHO. */
import { bulk } from '../reply.ts';
import type { Command } from './command.ts';

export const echo: Command = {
  name: 'echo',
  words: [1, 1],
  run: ({ words: [text = ''] }) => bulk(text),
};
