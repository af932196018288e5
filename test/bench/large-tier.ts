/**
 * Commands that make a large tier: broker groups of three self-registering replicas, each of which reigns as if it had
 * been adopted, and topics that are spread over them.
 */
import type { Command } from '../../src/core/metadata/command.ts';
import {
  clusterName,
  epoch,
  groupKey,
  groupName,
  incarnation,
  lineage,
  replicaId,
  siteName,
  topicName,
} from '../../src/core/primitives/identifiers.ts';

export const REPLICAS_PER_GROUP = 3;
const GROUPS_PER_TOPIC = 2;
const MAIN = clusterName('default');
const IDCS = [siteName('idc-a'), siteName('idc-b')] as const;

const nameOfGroup = (position: number) => groupName(`orders-${String(position).padStart(4, '0')}`);

function addGroup(position: number): Command {
  const name = nameOfGroup(position);
  return {
    type: 'group.add',
    key: groupKey(MAIN, name),
    cluster: MAIN,
    name,
    kind: 'http',
    watchOnly: false,
    capabilities: { canRevoke: true, syncSetAuthor: 'pollux' },
    replicas: Array.from({ length: REPLICAS_PER_GROUP }, (_, replica) => {
      const address = `127.0.0.1:${10_000 + position * REPLICAS_PER_GROUP + replica}`;
      return {
        id: replicaId(`${name}-${replica + 1}`),
        site: IDCS[(position + replica) % IDCS.length] ?? IDCS[0],
        endpoints: { client: address, replication: address, announced: null },
        priority: 100,
      };
    }),
    preferredMaster: null,
    policy: 'cross-idc',
    onShortage: 'block',
    timeFenceSeconds: 3,
    detectionMs: 1_000,
    cooldownMs: 60_000,
    owner: 'benchmark',
    labels: {},
    recordId: `benchmark-${position}`,
    by: 'benchmark',
    wallMs: 0,
  };
}

/** The first reign, begun as an adoption would: the first replica is the master, the others its sync set. */
function reignOf(position: number): Command[] {
  const name = nameOfGroup(position);
  const key = groupKey(MAIN, name);
  const processOf = (replica: number) => ({
    replica: replicaId(`${name}-${replica}`),
    incarnation: incarnation(`run-${name}-${replica}`),
  });
  const members = [2, 3].map((replica) => ({ ...processOf(replica), caughtUp: true }));
  const master = processOf(1);
  return [
    {
      type: 'group.promote',
      key,
      epoch: epoch(1),
      candidate: master.replica,
      incarnation: master.incarnation,
      cut: 0n,
      cutLineage: lineage(`before-${name}`),
      cutEpoch: null,
      branches: [],
      members,
      rule: { kind: 'anyOf', k: 2 },
      degraded: false,
      candidates: [],
      predictedLossBytes: 0n,
      incarnations: [1, 2, 3].map(processOf),
      wallMs: 0,
    },
    {
      type: 'group.activate',
      key,
      epoch: epoch(1),
      lineage: lineage(`stream-${name}`),
      reinstated: false,
      wallMs: 0,
    },
  ];
}

const addTopic = (position: number, groups: number): Command => ({
  type: 'topic.add',
  topic: {
    cluster: MAIN,
    name: topicName(`topic-${String(position).padStart(5, '0')}`),
    queues: Array.from({ length: GROUPS_PER_TOPIC }, (_, nth) => ({
      group: groupKey(MAIN, nameOfGroup((position * GROUPS_PER_TOPIC + nth) % groups)),
      readQueues: 8,
      writeQueues: 8,
    })),
    permission: 'readWrite',
    order: false,
    near: 'prefer',
    attributes: {},
    source: 'declared',
    owner: 'benchmark',
    labels: {},
  },
});

export const largeTier = (groups: number, topics: number): readonly Command[] => [
  ...Array.from({ length: groups }, (_, position) => [addGroup(position), ...reignOf(position)]).flat(),
  ...Array.from({ length: topics }, (_, position) => addTopic(position, groups)),
];
