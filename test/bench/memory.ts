/**
 * Memory of a node that holds 10,000 topics and 1,000 broker groups, against the same node before it held them. Three
 * real node processes take the declarations over HTTP; what counts is the largest of the three, once it has settled.
 */
import { z } from 'zod';
import { type AdminAnswer, AdminClient } from '../../src/sdk/admin-client.ts';
import { startTier, type Tier, type TierNode } from '../support/tier.ts';
import type { Benchmark, Outcome, Progress, Size } from './benchmark.ts';
import { rounded } from './samples.ts';

const GOAL_MB = 200;
const MEGABYTE = 1024 * 1024;
const SIZES = {
  full: { groups: 1_000, topics: 10_000, settleMs: 15_000 },
  tiny: { groups: 4, topics: 8, settleMs: 100 },
} as const satisfies Record<Size, unknown>;

/** Declarations under way at once. */
const LANES = 32;
const REPLICAS_PER_GROUP = 3;
const GROUPS_PER_TOPIC = 2;
const IDCS = ['idc-a', 'idc-b'] as const;

type Memory = { readonly residentMb: number; readonly heapMb: number };

const metricsPage = z.string();

function metric(page: string, name: string): number {
  const value = new RegExp(`^${name} (\\S+)$`, 'm').exec(page)?.[1];
  if (value === undefined) throw new Error(`/metrics does not show ${name}`);
  return Number(value);
}

async function memoryOf(tier: Tier, node: TierNode): Promise<Memory> {
  const page = metricsPage.parse((await tier.call('GET', '/metrics', undefined, node)).body);
  return {
    residentMb: metric(page, 'process_resident_memory_bytes') / MEGABYTE,
    heapMb: metric(page, 'nodejs_heap_size_used_bytes') / MEGABYTE,
  };
}

const memories = (tier: Tier): Promise<readonly Memory[]> =>
  Promise.all(tier.nodes.map((node) => memoryOf(tier, node)));

const largest = (all: readonly Memory[]): Memory => ({
  residentMb: Math.max(...all.map(({ residentMb }) => residentMb)),
  heapMb: Math.max(...all.map(({ heapMb }) => heapMb)),
});

const groupNameOf = (position: number): string => `orders-${String(position).padStart(4, '0')}`;

function groupOf(position: number) {
  const name = groupNameOf(position);
  return {
    name,
    kind: 'http' as const,
    replicas: Array.from({ length: REPLICAS_PER_GROUP }, (_, replica) => ({
      id: `${name}-${replica + 1}`,
      site: IDCS[(position + replica) % IDCS.length] ?? IDCS[0],
      endpoints: { client: `127.0.0.1:${10_000 + position * REPLICAS_PER_GROUP + replica}` },
    })),
    owner: 'benchmark',
  };
}

const topicOf = (position: number, groups: number) => ({
  name: `topic-${String(position).padStart(5, '0')}`,
  queues: Array.from({ length: GROUPS_PER_TOPIC }, (_, nth) => ({
    group: groupNameOf((position * GROUPS_PER_TOPIC + nth) % groups),
    readQueues: 8,
    writeQueues: 8,
  })),
  owner: 'benchmark',
});

/** Runs `declare` for every position below `count`, a few at a time. */
async function inLanes(
  count: number,
  declare: (position: number) => Promise<AdminAnswer<unknown>>,
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const position = next;
      next += 1;
      const answer = await declare(position);
      if (!answer.ok) throw new Error(`a declaration was refused: ${JSON.stringify(answer.failure)}`);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

async function measure(size: Size, progress: Progress): Promise<Outcome> {
  const { groups, topics, settleMs } = SIZES[size];
  const pause = (): Promise<void> =>
    new Promise((done) => {
      setTimeout(done, settleMs);
    });
  const tier = await startTier({ logLevel: 'warn' });
  try {
    await pause();
    const empty = largest(await memories(tier));
    progress(`empty: ${rounded(empty.residentMb)} MB`);
    const leader = await tier.leader();
    const admin = new AdminClient({ nodes: [leader.httpUrl], token: tier.token, timeoutMs: 30_000 });
    await inLanes(groups, (position) => admin.call('groupAdd', { body: groupOf(position) }));
    progress(`${groups} groups: ${rounded(largest(await memories(tier)).residentMb)} MB`);
    await inLanes(topics, (position) => admin.call('topicAdd', { body: topicOf(position, groups) }));
    const loaded = largest(await memories(tier));
    progress(`${topics} topics: ${rounded(loaded.residentMb)} MB`);
    await pause();
    const settled = await memories(tier);
    const { residentMb, heapMb } = largest(settled);
    await Promise.all(tier.nodes.map((node) => node.kill()));
    await Promise.all(tier.nodes.map((node) => node.start()));
    await tier.leader();
    await pause();
    const restarted = largest(await memories(tier));
    return {
      figure: residentMb,
      peer: empty.residentMb,
      ratio: residentMb / empty.residentMb,
      unit: 'MB resident',
      met: residentMb < GOAL_MB && restarted.residentMb < GOAL_MB,
      goal: `under ${GOAL_MB} MB, as loaded and after a restart`,
      comparedWith: 'the same node before it held anything',
      details: {
        groups,
        topics,
        replicas: groups * REPLICAS_PER_GROUP,
        heapMb: rounded(heapMb),
        emptyHeapMb: rounded(empty.heapMb),
        residentMbPerNode: settled.map((each) => rounded(each.residentMb)),
        rightAfterLoadingMb: rounded(loaded.residentMb),
        afterRestartMb: rounded(restarted.residentMb),
      },
    };
  } finally {
    await tier.close();
  }
}

export const memory: Benchmark = {
  summary: 'memory of a node with 10,000 topics and 1,000 broker groups',
  measure,
};
