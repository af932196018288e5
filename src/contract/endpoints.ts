/**
 * Every endpoint of the HTTP interface as one table. The door serves exactly it, the clients are typed by it, and
 * `/openapi.json` is made from it; an endpoint that is not here does not exist. Every query, parameter and body
 * schema is strict: a field that it does not name is refused.
 */
import { z } from 'zod';
import { adoptionEndpoints } from './adoption-endpoints.ts';
import { allocationAnswerSchema, allocationQuerySchema, allocationRequestSchema } from './allocation.ts';
import { brokerSetEndpoints } from './broker-set-endpoints.ts';
import { changeListAnswerSchema, changesQuerySchema } from './changes.ts';
import { consumerGroupDeclarationSchema, consumerGroupListAnswerSchema } from './consumer-groups.ts';
import { drillEndpoints } from './drill-endpoints.ts';
import { bare, type EndpointShape, none, ofCluster, read, remove, write } from './endpoint-shapes.ts';
import { tierEventSchema } from './events.ts';
import {
  failoverRequestSchema,
  moveStartedSchema,
  switchoverAnswerSchema,
  switchoverRequestSchema,
} from './failover.ts';
import {
  acknowledgeRequestSchema,
  groupAddAnswerSchema,
  groupChangeSchema,
  groupDeclarationSchema,
  groupDetailSchema,
  groupListAnswerSchema,
  takeRequestSchema,
} from './groups.ts';
import { heartbeatAnswerSchema, heartbeatRequestSchema } from './heartbeat.ts';
import { historyListAnswerSchema, historyQuerySchema, historyRecordSchema } from './history.ts';
import {
  keyValueAnswerSchema,
  keyValueListAnswerSchema,
  keyValueQuerySchema,
  keyValueSchema,
} from './key-values.ts';
import { routeAnswerSchema, routeQuerySchema } from './routes.ts';
import { clusterQuerySchema, committedSchema, nameSchema } from './scalars.ts';
import { nodeListAnswerSchema, statusAnswerSchema } from './status.ts';
import { resumeRequestSchema, stopListAnswerSchema, stopRequestSchema } from './stops.ts';
import { tailAnswerSchema, tailQuerySchema } from './tails.ts';
import { topicAnswerSchema, topicDeclarationSchema, topicListAnswerSchema } from './topics.ts';

const groupParameters = z.strictObject({ group: nameSchema });
const topicParameters = z.strictObject({ topic: nameSchema });

const ofGroup = { parameters: groupParameters, query: clusterQuerySchema } as const;
const ofTopic = { parameters: topicParameters, query: clusterQuerySchema } as const;

const tierEndpoints = {
  status: {
    ...read,
    ...bare,
    path: '/v1/status',
    summary: 'This node, all nodes, groups, alerts and stops of automatic action',
    answer: statusAnswerSchema,
  },
  nodes: {
    ...read,
    ...bare,
    path: '/v1/nodes',
    summary: 'All nodes of the tier',
    answer: nodeListAnswerSchema,
  },
  events: {
    ...read,
    ...bare,
    path: '/v1/events',
    summary: 'Changes of routes, phases and leadership as server-sent events',
    answer: tierEventSchema,
    answerKind: 'events',
  },
  stopList: {
    ...read,
    ...bare,
    path: '/v1/automatic-stops',
    summary: 'Where automatic action is stopped',
    answer: stopListAnswerSchema,
  },
  stopAdd: {
    ...write,
    ...ofCluster,
    path: '/v1/automatic-stops',
    summary: 'Stop automatic action everywhere, for an IDC or for a group',
    body: stopRequestSchema,
    answer: committedSchema,
    successStatus: 201,
  },
  stopResume: {
    ...write,
    ...ofCluster,
    path: '/v1/automatic-stops/resume',
    summary: 'Lift a stop of automatic action',
    body: resumeRequestSchema,
    answer: committedSchema,
  },
  changeList: {
    ...read,
    parameters: none,
    query: changesQuerySchema,
    path: '/v1/changes',
    summary: 'What operators changed, newest first: stops of automatic action, settings of groups',
    answer: changeListAnswerSchema,
  },
  historyList: {
    ...read,
    parameters: none,
    query: historyQuerySchema,
    path: '/v1/history',
    summary: 'Moves of masters, newest first, with evidence and steps',
    answer: historyListAnswerSchema,
  },
  historyGet: {
    ...read,
    parameters: z.strictObject({ id: nameSchema }),
    query: none,
    path: '/v1/history/:id',
    summary: 'One record of the history',
    answer: historyRecordSchema,
  },
  /** It shows what applications wrote. */
  tailGet: {
    ...read,
    needsToken: true,
    parameters: groupParameters,
    query: tailQuerySchema,
    path: '/v1/groups/:group/tail',
    summary: 'What an old master wrote beyond the cut, as far as it was kept and this node has it',
    answer: tailAnswerSchema,
  },
  keyValueList: {
    ...read,
    parameters: none,
    query: keyValueQuerySchema,
    path: '/v1/key-values',
    summary: 'Key-value configuration, sorted by key',
    answer: keyValueListAnswerSchema,
  },
  keyValueGet: {
    ...read,
    parameters: z.strictObject({ key: nameSchema }),
    query: none,
    path: '/v1/key-values/:key',
    summary: 'One value',
    answer: keyValueAnswerSchema,
  },
  keyValueSet: {
    ...write,
    ...bare,
    path: '/v1/key-values',
    summary: 'Set a value',
    body: keyValueSchema,
    answer: committedSchema,
  },
  keyValueRemove: {
    ...remove,
    parameters: z.strictObject({ key: nameSchema }),
    query: none,
    path: '/v1/key-values/:key',
    summary: 'Remove a value',
    answer: committedSchema,
  },
} as const satisfies Record<string, EndpointShape>;

const groupEndpoints = {
  groupList: {
    ...read,
    parameters: none,
    query: z.strictObject({ cluster: nameSchema.optional() }),
    path: '/v1/groups',
    summary: 'Broker groups of a cluster, or of all clusters',
    answer: groupListAnswerSchema,
  },
  groupAdd: {
    ...write,
    ...ofCluster,
    path: '/v1/groups',
    summary:
      'Declare a broker group; with "plan": true only say what that would change and survive (answered 200)',
    body: groupDeclarationSchema,
    answer: groupAddAnswerSchema,
    successStatus: 201,
  },
  groupGet: {
    ...read,
    ...ofGroup,
    path: '/v1/groups/:group',
    summary: 'A broker group with the evidence of every vantage',
    answer: groupDetailSchema,
  },
  groupChange: {
    ...write,
    ...ofGroup,
    method: 'PATCH',
    path: '/v1/groups/:group',
    summary: 'Change the write policy, what happens on shortage, detection time or cool-down',
    body: groupChangeSchema,
    answer: committedSchema,
  },
  groupRemove: {
    ...remove,
    ...ofGroup,
    path: '/v1/groups/:group',
    summary: 'Give a broker group back; refused while topics use it',
    answer: committedSchema,
  },
  groupTake: {
    ...write,
    ...ofGroup,
    path: '/v1/groups/:group/take',
    summary: 'Take over a group that was only watched; with "plan": true only say what that would change',
    body: takeRequestSchema,
    answer: groupAddAnswerSchema,
  },
  groupAcknowledge: {
    ...write,
    ...ofGroup,
    path: '/v1/groups/:group/acknowledge',
    summary: 'End the cool-down after an automatic failover: an operator has looked at it',
    body: acknowledgeRequestSchema,
    answer: committedSchema,
  },
  failover: {
    ...write,
    ...ofGroup,
    path: '/v1/groups/:group/failover',
    summary: 'Move the master by force; proven lossless unless "unsafe": true',
    body: failoverRequestSchema,
    answer: moveStartedSchema,
    successStatus: 202,
  },
  switchover: {
    ...write,
    ...ofGroup,
    path: '/v1/groups/:group/switchover',
    summary:
      'Move the master as planned, without loss; with "plan": true only say what would happen (answered 200)',
    body: switchoverRequestSchema,
    answer: switchoverAnswerSchema,
    successStatus: 202,
  },
  heartbeat: {
    ...write,
    ...ofCluster,
    path: '/v1/brokers/heartbeat',
    summary:
      'A broker that registers itself reports and gets its orders; held open while there is nothing new',
    body: heartbeatRequestSchema,
    answer: heartbeatAnswerSchema,
  },
} as const satisfies Record<string, EndpointShape>;

const topicEndpoints = {
  topicList: {
    ...read,
    parameters: none,
    query: z.strictObject({ cluster: nameSchema.optional() }),
    path: '/v1/topics',
    summary: 'Topics of a cluster, or of all clusters',
    answer: topicListAnswerSchema,
  },
  topicAdd: {
    ...write,
    ...ofCluster,
    path: '/v1/topics',
    summary: 'Declare a topic',
    body: topicDeclarationSchema,
    answer: committedSchema,
    successStatus: 201,
  },
  topicGet: {
    ...read,
    ...ofTopic,
    path: '/v1/topics/:topic',
    summary: 'One topic',
    answer: topicAnswerSchema,
  },
  topicRemove: {
    ...remove,
    ...ofTopic,
    path: '/v1/topics/:topic',
    summary: 'Remove a topic; data on the brokers stays',
    answer: committedSchema,
  },
  consumerGroupList: {
    ...read,
    parameters: none,
    query: z.strictObject({ cluster: nameSchema.optional() }),
    path: '/v1/consumer-groups',
    summary: 'Consumer groups of a cluster, or of all clusters',
    answer: consumerGroupListAnswerSchema,
  },
  consumerGroupAdd: {
    ...write,
    ...ofCluster,
    path: '/v1/consumer-groups',
    summary: 'Declare a consumer group',
    body: consumerGroupDeclarationSchema,
    answer: committedSchema,
    successStatus: 201,
  },
  route: {
    ...read,
    parameters: topicParameters,
    query: routeQuerySchema,
    path: '/v1/routes/:topic',
    summary: 'Where to write and read a topic, nearest brokers first',
    answer: routeAnswerSchema,
  },
  allocation: {
    ...read,
    parameters: topicParameters,
    query: allocationQuerySchema,
    path: '/v1/allocation/:topic',
    summary: 'Which member reads which queues, by IDC',
    answer: allocationAnswerSchema,
  },
  /** Computes and stores nothing, so it needs no token although it is a POST. */
  allocate: {
    ...ofTopic,
    method: 'POST',
    changes: false,
    needsToken: false,
    path: '/v1/allocation/:topic',
    summary: 'The same for many members, moving the fewest queues from the previous allocation',
    body: allocationRequestSchema,
    answer: allocationAnswerSchema,
    successStatus: 200,
    answerKind: 'json',
  },
} as const satisfies Record<string, EndpointShape>;

export const ENDPOINTS = {
  ...tierEndpoints,
  ...groupEndpoints,
  ...adoptionEndpoints,
  ...drillEndpoints,
  ...topicEndpoints,
  ...brokerSetEndpoints,
};

export type EndpointName = keyof typeof ENDPOINTS;
export type Endpoint = EndpointShape;

/** What a client may send, and what it gets. */
export type ParametersOf<Name extends EndpointName> = z.output<(typeof ENDPOINTS)[Name]['parameters']>;
export type QueryInputOf<Name extends EndpointName> = z.input<(typeof ENDPOINTS)[Name]['query']>;
export type BodyInputOf<Name extends EndpointName> =
  (typeof ENDPOINTS)[Name]['body'] extends infer Body extends z.ZodType ? z.input<Body> : undefined;
export type AnswerOf<Name extends EndpointName> = z.output<(typeof ENDPOINTS)[Name]['answer']>;
