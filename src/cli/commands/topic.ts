/** `pollux topic`: topics and the groups that carry them. */
import { Command } from 'commander';
import type { Register } from '../register.ts';
import { topicAdd } from './topic-add.ts';
import { topicList } from './topic-list.ts';
import { topicNear } from './topic-near.ts';
import { topicRemove } from './topic-remove.ts';
import { topicShow } from './topic-show.ts';

export const topic = (register: Register): Command =>
  [topicList, topicShow, topicAdd, topicRemove, topicNear].reduce(
    (parent, add) => parent.addCommand(add(register)),
    new Command('topic').description('topics, and how many queues of each a group carries'),
  );
