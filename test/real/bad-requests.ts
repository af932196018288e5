/** What no node takes, over HTTP: a case a line of the table, beside a tier that serves {@link GROUP} and a topic. */
import { TOPIC } from '../support/ground.ts';

export const GROUP = 'orders-a';
/** Nobody listens there. */
export const NOBODY = '127.0.0.1:1';

export type BadRequest = {
  readonly what: string;
  readonly method?: string;
  readonly path: string;
  /** `address` gives those of the group's own servers. */
  readonly body?: (address: (position: number) => string) => unknown;
  readonly status: number;
  readonly code: string;
  readonly field?: string;
};

export const replica = (client: string, site: string, more: object = {}) => ({
  site,
  endpoints: { client },
  ...more,
});
export const declaration = (replicas: readonly object[], more: object = {}) => ({
  name: 'other',
  replicas,
  ...more,
});
const queuesOn = (group: string) => [{ group, readQueues: 1, writeQueues: 1 }];

export const BAD_REQUESTS: readonly BadRequest[] = [
  {
    what: 'route of an unknown topic',
    path: '/v1/routes/nope',
    status: 404,
    code: 'unknownTopic',
    field: 'topic',
  },
  {
    what: 'route for an unknown IDC',
    path: `/v1/routes/${TOPIC}?idc=nope`,
    status: 404,
    code: 'unknownSite',
    field: 'idc',
  },
  {
    what: 'route for the witness site',
    path: `/v1/routes/${TOPIC}?idc=witness`,
    status: 404,
    code: 'unknownSite',
    field: 'idc',
  },
  { what: 'unknown group', path: '/v1/groups/nope', status: 404, code: 'unknownGroup', field: 'group' },
  {
    what: 'failover of an unknown group',
    method: 'POST',
    path: '/v1/groups/nope/failover',
    body: () => ({}),
    status: 404,
    code: 'unknownGroup',
    field: 'group',
  },
  {
    what: 'switchover to an unknown replica',
    method: 'POST',
    path: `/v1/groups/${GROUP}/switchover`,
    body: () => ({ to: 'nope' }),
    status: 404,
    code: 'unknownReplica',
    field: 'to',
  },
  {
    what: 'removal of an unknown group',
    method: 'DELETE',
    path: '/v1/groups/nope',
    status: 404,
    code: 'unknownGroup',
    field: 'group',
  },
  {
    what: 'removal of an unknown topic',
    method: 'DELETE',
    path: '/v1/topics/nope',
    status: 404,
    code: 'unknownTopic',
    field: 'topic',
  },
  {
    what: 'removal of a group that carries a topic',
    method: 'DELETE',
    path: `/v1/groups/${GROUP}`,
    status: 409,
    code: 'groupNotEmpty',
    field: 'group',
  },
  {
    what: 'topic on an unknown group',
    method: 'POST',
    path: '/v1/topics',
    body: () => ({ name: 'other', queues: queuesOn('nope') }),
    status: 404,
    code: 'unknownGroup',
    field: 'queues.0.group',
  },
  {
    what: 'topic that exists',
    method: 'POST',
    path: '/v1/topics',
    body: () => ({ name: TOPIC, queues: queuesOn(GROUP) }),
    status: 409,
    code: 'duplicateName',
    field: 'name',
  },
  {
    what: 'stop for an unknown IDC',
    method: 'POST',
    path: '/v1/automatic-stops',
    body: () => ({ scope: { kind: 'idc', site: 'nope' } }),
    status: 404,
    code: 'unknownSite',
    field: 'scope.site',
  },
  {
    what: 'stop for an unknown group',
    method: 'POST',
    path: '/v1/automatic-stops',
    body: () => ({ scope: { kind: 'group', group: 'nope' } }),
    status: 404,
    code: 'unknownGroup',
    field: 'scope.group',
  },
  {
    what: 'group that exists',
    method: 'POST',
    path: '/v1/groups',
    body: () => ({ ...declaration([replica(NOBODY, 'idc-a')]), name: GROUP }),
    status: 409,
    code: 'duplicateName',
    field: 'name',
  },
  {
    what: 'plan of a group that exists',
    method: 'POST',
    path: '/v1/groups',
    body: () => ({ ...declaration([replica(NOBODY, 'idc-a')]), name: GROUP, plan: true }),
    status: 409,
    code: 'duplicateName',
    field: 'name',
  },
  {
    what: 'replica at an unknown IDC',
    method: 'POST',
    path: '/v1/groups',
    body: () => declaration([replica(NOBODY, 'idc-c')]),
    status: 404,
    code: 'unknownSite',
    field: 'replicas.0.site',
  },
  {
    what: 'replica at the witness site',
    method: 'POST',
    path: '/v1/groups',
    body: () => declaration([replica(NOBODY, 'witness')], { plan: true }),
    status: 404,
    code: 'unknownSite',
    field: 'replicas.0.site',
  },
  {
    what: 'one id for two replicas',
    method: 'POST',
    path: '/v1/groups',
    body: () =>
      declaration([replica(NOBODY, 'idc-a', { id: 'x' }), replica('127.0.0.1:2', 'idc-b', { id: 'x' })]),
    status: 409,
    code: 'duplicateName',
    field: 'replicas.1.id',
  },
  {
    what: 'one address for two replicas',
    method: 'POST',
    path: '/v1/groups',
    body: () => declaration([replica(NOBODY, 'idc-a'), replica(NOBODY, 'idc-b')]),
    status: 409,
    code: 'duplicateName',
    field: 'replicas.1.endpoints',
  },
  {
    what: 'replica whose id belongs to another group',
    method: 'POST',
    path: '/v1/groups',
    body: () => declaration([replica(NOBODY, 'idc-a', { id: `${GROUP}-2` })]),
    status: 409,
    code: 'replicaInOtherGroup',
    field: 'replicas.0.id',
  },
  {
    what: 'replica whose address belongs to another group',
    method: 'POST',
    path: '/v1/groups',
    body: (address) => declaration([replica(NOBODY, 'idc-a'), replica(address(1), 'idc-b')]),
    status: 409,
    code: 'replicaInOtherGroup',
    field: 'replicas.1.endpoints',
  },
  {
    what: 'server of another group under another address',
    method: 'POST',
    path: '/v1/groups',
    body: (address) => declaration([replica(address(2).replace('127.0.0.1', 'localhost'), 'idc-b')]),
    status: 409,
    code: 'replicaInOtherGroup',
    field: 'replicas.0.endpoints.client',
  },
  {
    what: 'first master that is no replica',
    method: 'POST',
    path: '/v1/groups',
    body: () => declaration([replica(NOBODY, 'idc-a')], { preferredMaster: 'nope' }),
    status: 404,
    code: 'unknownReplica',
    field: 'preferredMaster',
  },
  {
    what: 'address without a port',
    method: 'POST',
    path: '/v1/groups',
    body: () => declaration([replica('127.0.0.1', 'idc-a')]),
    status: 400,
    code: 'invalidRequest',
    field: 'replicas.0.endpoints.client',
  },
  {
    what: 'number where a text belongs',
    method: 'POST',
    path: '/v1/groups',
    body: () => ({ ...declaration([replica(NOBODY, 'idc-a')]), name: 7 }),
    status: 400,
    code: 'invalidRequest',
    field: 'name',
  },
  {
    what: 'field that nobody knows',
    method: 'POST',
    path: '/v1/groups',
    body: () => declaration([replica(NOBODY, 'idc-a')], { polcy: 'all' }),
    status: 400,
    code: 'invalidRequest',
    field: 'polcy',
  },
  {
    what: 'policy that nobody knows',
    method: 'PATCH',
    path: `/v1/groups/${GROUP}`,
    body: () => ({ policy: 'most' }),
    status: 400,
    code: 'invalidRequest',
    field: 'policy',
  },
  {
    what: 'heartbeat of a replica that is not declared',
    method: 'POST',
    path: '/v1/brokers/heartbeat',
    body: () => ({
      group: GROUP,
      replica: 'nope',
      report: { incarnation: 'i', role: 'slave', lineage: 'l', offset: '0' },
    }),
    status: 404,
    code: 'unknownReplica',
    field: 'replica',
  },
  {
    what: 'body that is too large',
    method: 'POST',
    path: '/v1/groups',
    body: () => declaration([replica(NOBODY, 'idc-a')], { owner: 'x'.repeat(1_000_000) }),
    status: 413,
    code: 'bodyTooLarge',
    field: 'body',
  },
];
