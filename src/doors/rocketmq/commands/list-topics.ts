/** 206, 224 and 304: names of topics, for operators' tools. */
import { clusterName } from '../../../core/primitives/identifiers.ts';
import { registeredTopics, systemTopicsOf, topicsOfCluster } from '../../../core/routing/name-lists.ts';
import { REQUEST } from '../../../remoting/request-codes.ts';
import { jsonBody, successBody } from '../answer.ts';
import { textIn } from '../fields.ts';
import type { DoorCommand } from './command.ts';
import { whileCurrent } from './current.ts';

export const getAllTopics: DoorCommand = {
  code: REQUEST.getAllTopicListFromNameserver,
  run: whileCurrent(({ door }) => successBody(jsonBody({ topicList: registeredTopics(door.face.state()) }))),
};

export const getTopicsByCluster: DoorCommand = {
  code: REQUEST.getTopicsByCluster,
  run: whileCurrent(({ door, request }) => {
    const cluster = clusterName(textIn(request.fields, 'cluster'));
    return successBody(jsonBody({ topicList: topicsOfCluster(door.face.state(), cluster) }));
  }),
};

/** Every cluster and every broker set has a topic of its name; the broker named can say which others are the system's. */
export const getSystemTopics: DoorCommand = {
  code: REQUEST.getSystemTopicListFromNs,
  run: whileCurrent(({ door }) => {
    const { topics, brokerAddress } = systemTopicsOf(door.face.state());
    const brokerAddr = brokerAddress === null ? {} : { brokerAddr: brokerAddress };
    return successBody(jsonBody({ ...brokerAddr, topicList: topics }));
  }),
};
