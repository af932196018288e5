/** Topics and consumer groups: declare, show, remove. */
import { ENDPOINTS } from '../../../contract/endpoints.ts';
import { clusterName, consumerGroupName, topicName } from '../../../core/primitives/identifiers.ts';
import { accepted } from '../../../core/primitives/refusal.ts';
import { serve, serveBody } from '../served-endpoint.ts';
import { propose, withFieldNamed } from '../submit.ts';
import { consumerGroupView, topicView } from '../views/topic-view.ts';
import { keyOf, requireTopic } from './lookups.ts';

const inCluster =
  (cluster: string | undefined) =>
  (one: { readonly cluster: string }): boolean =>
    cluster === undefined || one.cluster === cluster;

export const topicList = serve(ENDPOINTS.topicList, ({ query, ports: { face } }) =>
  accepted({ topics: [...face.state().topics.values()].filter(inCluster(query.cluster)).map(topicView) }),
);

export const topicGet = serve(ENDPOINTS.topicGet, ({ parameters, query, ports: { face } }) => {
  const topic = requireTopic(face.state(), query.cluster, parameters.topic);
  return topic.ok ? accepted(topicView(topic.value)) : topic;
});

export const topicAdd = serveBody(ENDPOINTS.topicAdd, ({ query, body, ports }) => {
  const { name, queues, permission, order, near, attributes, owner, labels } = body;
  const topic = {
    cluster: clusterName(query.cluster),
    name: topicName(name),
    queues: queues.map(({ group, readQueues, writeQueues }) => ({
      group: keyOf(query, group),
      readQueues,
      writeQueues,
    })),
    permission,
    order,
    near,
    attributes,
    source: 'declared' as const,
    owner,
    labels,
  };
  return propose(ports, { type: 'topic.add', topic }, 'topic');
});

export const topicRemove = serve(ENDPOINTS.topicRemove, async ({ parameters, query, ports }) => {
  const removed = await propose(ports, {
    type: 'topic.remove',
    cluster: clusterName(query.cluster),
    name: topicName(parameters.topic),
  });
  return withFieldNamed(removed, 'name', 'topic');
});

export const consumerGroupList = serve(ENDPOINTS.consumerGroupList, ({ query, ports: { face } }) => {
  const groups = [...face.state().consumerGroups.values()].filter(inCluster(query.cluster));
  return accepted({ consumerGroups: groups.map(consumerGroupView) });
});

export const consumerGroupAdd = serveBody(ENDPOINTS.consumerGroupAdd, ({ query, body, ports }) =>
  propose(ports, {
    type: 'consumerGroup.add',
    cluster: clusterName(query.cluster),
    name: consumerGroupName(body.name),
    owner: body.owner,
    labels: body.labels,
  }),
);
