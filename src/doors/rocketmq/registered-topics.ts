/** The topics of a registration's body as the state keeps them. */
import type { StaticTopic } from '../../core/metadata/broker-set-command.ts';
import type { ReportedTopic } from '../../core/metadata/registration-plan.ts';
import type { RegisterBrokerBody } from '../../remoting/messages/registered-topics.ts';

/** The only scope that stock brokers use. */
const SCOPE = '__global__';

export const reportedTopics = (
  topicConfigTable: RegisterBrokerBody['topicConfigTable'],
): readonly ReportedTopic[] =>
  [...topicConfigTable.values()].map((topic) => ({
    topic: topic.topicName,
    readQueues: topic.readQueueNums,
    writeQueues: topic.writeQueueNums,
    permission: topic.perm,
    sysFlag: topic.topicSysFlag,
  }));

export const reportedStaticTopics = ({ topicQueueMappingInfoMap }: RegisterBrokerBody): StaticTopic[] =>
  [...topicQueueMappingInfoMap.values()].map((mapping) => ({
    topic: mapping.topic,
    scope: mapping.scope ?? SCOPE,
    totalQueues: mapping.totalQueues,
    epoch: mapping.epoch,
    queues: [...mapping.currIdMap],
  }));
