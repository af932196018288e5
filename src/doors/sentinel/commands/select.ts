/** SELECT. A Sentinel has no databases; clients that were made for servers are not turned away for it. */
import { OK } from '../reply.ts';
import type { Command } from './command.ts';

export const select: Command = { name: 'select', words: [1, 1], run: () => OK };
