/** `pollux history`: moves of masters, suspicions that moved nothing, and what operators changed. */
import { Command } from 'commander';
import type { Register } from '../register.ts';
import { historyChanges } from './history-changes.ts';
import { historyList } from './history-list.ts';
import { historyShow } from './history-show.ts';

export const history = (register: Register): Command =>
  [historyList, historyShow, historyChanges].reduce(
    (parent, add) => parent.addCommand(add(register)),
    new Command('history').description('moves of masters, suspicions, and what operators changed'),
  );
