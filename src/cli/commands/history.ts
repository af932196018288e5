/** `pollux history`: past and running moves of masters. */
import { Command } from 'commander';
import type { Register } from '../register.ts';
import { historyList } from './history-list.ts';
import { historyShow } from './history-show.ts';

export const history = (register: Register): Command =>
  [historyList, historyShow].reduce(
    (parent, add) => parent.addCommand(add(register)),
    new Command('history').description('moves of masters, with the evidence for each'),
  );
