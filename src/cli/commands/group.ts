/** `pollux group`: broker groups. */
import { Command } from 'commander';
import type { Register } from '../register.ts';
import { groupAdd } from './group-add.ts';
import { groupAdopt } from './group-adopt.ts';
import { groupList } from './group-list.ts';
import { groupRelease } from './group-release.ts';
import { groupSet } from './group-set.ts';
import { groupShow } from './group-show.ts';
import { groupTake } from './group-take.ts';

export const group = (register: Register): Command =>
  [groupList, groupShow, groupAdd, groupAdopt, groupSet, groupTake, groupRelease].reduce(
    (parent, add) => parent.addCommand(add(register)),
    new Command('group').description('broker groups: one master and its slaves each'),
  );
