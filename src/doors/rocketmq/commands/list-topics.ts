/** 206, 224 and 304: names of topics, for operators' tools. */
import type { MetadataState } from '../../../core/metadata/state.ts';
import { REQUEST } from '../../../remoting/request-codes.ts';
import { type Answer, jsonBody, successBody } from '../answer.ts';
import type { DoorCommand } from './command.ts';
import { whileCurrent } from './current.ts';

const list = (topicList: Iterable<string>, more: object = {}): Answer =>
  successBody(jsonBody({ ...more, topicList: [...topicList] }));

export const getAllTopics: DoorCommand = {
  code: REQUEST.getAllTopicListFromNameserver,
  run: whileCurrent(({ door }) => list(door.face.state().topicQueues.keys())),
};

function* topicsOfCluster({ topicQueues, namedSets }: MetadataState, cluster: string): Generator<string> {
  for (const [topic, queues] of topicQueues) {
    if (queues.some(({ name }) => namedSets.get(name)?.cluster === cluster)) yield topic;
  }
}

export const getTopicsByCluster: DoorCommand = {
  code: REQUEST.getTopicsByCluster,
  run: whileCurrent(({ door, request }) =>
    list(topicsOfCluster(door.face.state(), request.fields.get('cluster') ?? '')),
  ),
};

/** Every cluster and every broker set has a topic of its name; any broker can say which others are the system's. */
export const getSystemTopics: DoorCommand = {
  code: REQUEST.getSystemTopicListFromNs,
  run: whileCurrent(({ door }) => {
    const sets = [...door.face.state().namedSets.values()];
    const names = new Set([...sets.map(({ cluster }) => cluster), ...sets.map(({ name }) => name)]);
    const brokerAddr = sets.flatMap(({ addresses }) => [...addresses.values()])[0];
    return list(names, brokerAddr === undefined ? {} : { brokerAddr });
  }),
};
