/** 216: a topic is taken off the routes, of one cluster or of all. Its brokers keep it, and bring it back when they change. */
import { clusterName } from '../../../core/primitives/identifiers.ts';
import { REQUEST } from '../../../remoting/request-codes.ts';
import { SUCCESS } from '../answer.ts';
import { propose } from '../asking.ts';
import { textIn } from '../fields.ts';
import { topicIn } from '../names.ts';
import { refusalAnswer } from '../refusal-codes.ts';
import type { DoorCommand } from './command.ts';

export const deleteTopic: DoorCommand = {
  code: REQUEST.deleteTopicInNamesrv,
  run: async ({ door, request: { fields } }) => {
    const topic = topicIn(textIn(fields, 'topic'));
    if (!topic.ok) return refusalAnswer(topic.refusal);
    if (!door.face.state().topicQueues.has(topic.value) && door.gate.isCurrent()) return SUCCESS;
    const cluster = textIn(fields, 'clusterName');
    const done = await propose(door, {
      type: 'naming.deleteTopic',
      topic: topic.value,
      cluster: cluster === '' ? null : clusterName(cluster),
    });
    return done.ok ? SUCCESS : refusalAnswer(done.refusal);
  },
};
