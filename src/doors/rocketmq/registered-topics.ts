/** The topics of a registration's body as the state keeps them. */
import type { RegisterBrokerBody } from '../../remoting/messages/register-broker-body.ts';
import type { RegisteredTopics } from './registration-plan.ts';

/** The only scope that stock brokers use. */
const SCOPE = '__global__';

export const registeredTopics = ({
  topicConfigTable,
  topicQueueMappingInfoMap,
}: RegisterBrokerBody): RegisteredTopics => ({
  topics: [...topicConfigTable.values()].map((topic) => ({
    topic: topic.topicName,
    readQueues: topic.readQueueNums,
    writeQueues: topic.writeQueueNums,
    permission: topic.perm,
    sysFlag: topic.topicSysFlag,
  })),
  staticTopics: [...topicQueueMappingInfoMap.values()].map((mapping) => ({
    topic: mapping.topic,
    scope: mapping.scope ?? SCOPE,
    totalQueues: mapping.totalQueues,
    epoch: mapping.epoch,
    queues: [...mapping.currIdMap],
  })),
});
