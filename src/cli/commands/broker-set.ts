/** `pollux broker-set`: RocketMQ's broker sets. */
import { Command } from 'commander';
import type { Register } from '../register.ts';
import { brokerSetElect } from './broker-set-elect.ts';
import { brokerSetElection } from './broker-set-election.ts';
import { brokerSetHistory } from './broker-set-history.ts';
import { brokerSetList } from './broker-set-list.ts';
import { brokerSetSet } from './broker-set-set.ts';
import { brokerSetShow } from './broker-set-show.ts';

export const brokerSet = (register: Register): Command =>
  [brokerSetList, brokerSetShow, brokerSetSet, brokerSetElect, brokerSetHistory, brokerSetElection].reduce(
    (parent, add) => parent.addCommand(add(register)),
    new Command('broker-set').description('RocketMQ broker sets: one master and its slaves each'),
  );
