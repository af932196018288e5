/** `pollux group`: broker groups. */
import { Command } from 'commander';
import type { Register } from '../register.ts';
import { groupAdd } from './group-add.ts';
import { groupList } from './group-list.ts';
import { groupRemove } from './group-remove.ts';
import { groupSetPolicy } from './group-set-policy.ts';
import { groupShow } from './group-show.ts';

export const group = (register: Register): Command =>
  [groupList, groupShow, groupAdd, groupSetPolicy, groupRemove].reduce(
    (parent, add) => parent.addCommand(add(register)),
    new Command('group').description('broker groups: one master and its slaves each'),
  );
