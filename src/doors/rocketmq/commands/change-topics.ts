/**
 * 216 and 217: a topic is taken off the routes, of one cluster or of all, or put there by a broker that registers a topic
 * alone. Brokers keep a topic that was taken off, and bring it back when their topics change.
 */
import { clusterName, groupName } from '../../../core/primitives/identifiers.ts';
import { decodeTopicRouteData } from '../../../remoting/messages/topic-route-data.ts';
import { REQUEST } from '../../../remoting/request-codes.ts';
import { RESPONSE } from '../../../remoting/response-codes.ts';
import { type Answer, failure, SUCCESS, unreadable } from '../answer.ts';
import { propose } from '../asking.ts';
import { textIn } from '../fields.ts';
import { topicIn } from '../names.ts';
import { refusalAnswer } from '../refusal-codes.ts';
import type { Call, DoorCommand } from './command.ts';

export const deleteTopic: DoorCommand = {
  code: REQUEST.deleteTopicInNamesrv,
  run: async ({ door, request: { fields } }: Call): Promise<Answer> => {
    const topic = topicIn(textIn(fields, 'topic'));
    if (!topic.ok) return refusalAnswer(topic.refusal);
    const cluster = textIn(fields, 'clusterName');
    const done = await propose(door, {
      type: 'naming.deleteTopic',
      topic: topic.value,
      cluster: cluster === '' ? null : clusterName(cluster),
    });
    return done.ok ? SUCCESS : refusalAnswer(done.refusal);
  },
};

export const registerTopic: DoorCommand = {
  code: REQUEST.registerTopicInNamesrv,
  run: async ({ door, request: { fields, body } }: Call): Promise<Answer> => {
    const topic = topicIn(textIn(fields, 'topic'));
    if (!topic.ok) return refusalAnswer(topic.refusal);
    const route = decodeTopicRouteData(body);
    if (route.kind === 'damaged') return unreadable(route.damage);
    if (route.value.queueDatas.length === 0) return failure(RESPONSE.systemError, 'the route has no queues');
    const queues = route.value.queueDatas.map((queue) => ({
      name: groupName(queue.brokerName),
      readQueues: queue.readQueueNums,
      writeQueues: queue.writeQueueNums,
      permission: queue.perm,
      sysFlag: queue.topicSysFlag,
    }));
    const done = await propose(door, { type: 'naming.putTopic', topic: topic.value, queues });
    return done.ok ? SUCCESS : refusalAnswer(done.refusal);
  },
};
