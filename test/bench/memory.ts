/**
 * Memory of a node that holds 10,000 topics and 1,000 broker groups, against the same node before it held them. The
 * commands are written into the logs of three real node processes while these are down, as if they had been committed;
 * the nodes start, replay them, and the largest of the three counts, once it has settled.
 */
import { z } from 'zod';
import type { Command } from '../../src/core/metadata/command.ts';
import { encodeCommand } from '../../src/core/metadata/command-codec.ts';
import { nodeName } from '../../src/core/primitives/identifiers.ts';
import { openDiskLog } from '../../src/platform/disk-log.ts';
import { eventually } from '../support/eventually.ts';
import { startTier, type Tier, type TierNode } from '../support/tier.ts';
import type { Benchmark, Outcome, Progress, Size } from './benchmark.ts';
import { largeTier, REPLICAS_PER_GROUP } from './large-tier.ts';
import { rounded } from './samples.ts';

const GOAL_MB = 200;
const MEGABYTE = 1024 * 1024;
const SIZES = {
  full: { groups: 1_000, topics: 10_000, settleMs: 15_000 },
  tiny: { groups: 4, topics: 8, settleMs: 100 },
} as const satisfies Record<Size, unknown>;

const ENTRIES_PER_BATCH = 1_000;

type Memory = { readonly residentMb: number; readonly heapMb: number };

const metricsPage = z.string();
const statusPage = z.object({ node: z.object({ lastIndex: z.int(), appliedIndex: z.int() }) });

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

/** Appends the commands to the log of a node that is down. */
async function writeInto(node: TierNode, commands: readonly Command[]): Promise<void> {
  const log = await openDiskLog({ directory: node.dataDirectory, node: nodeName(node.name) });
  const { hardState, snapshot, entries } = await log.load();
  const last = entries.at(-1) ?? snapshot;
  if (last === null || last === undefined) throw new Error(`the log of ${node.name} is empty`);
  for (let from = 0; from < commands.length; from += ENTRIES_PER_BATCH) {
    const appended = commands.slice(from, from + ENTRIES_PER_BATCH).map((command, position) => ({
      index: last.index + 1 + from + position,
      term: last.term,
      kind: 'command' as const,
      data: encodeCommand(command),
    }));
    const batch = { hardState, snapshot: null, truncateFrom: null, entries: appended, compactBelow: null };
    await log.persist(batch);
  }
  await log.close();
}

const statuses = (tier: Tier) =>
  Promise.all(
    tier.nodes.map(
      async (node) => statusPage.parse((await tier.call('GET', '/v1/status', undefined, node)).body).node,
    ),
  );

/** With equal logs, each of them stopped. */
async function stopAll(tier: Tier): Promise<number> {
  const lastIndex = await eventually('all nodes hold the same log', async () => {
    const all = await statuses(tier);
    const [first] = all;
    return all.every((one) => one.lastIndex === first?.lastIndex) ? first?.lastIndex : null;
  });
  await Promise.all(tier.nodes.map((node) => node.kill()));
  return lastIndex ?? 0;
}

const pause = (durationMs: number): Promise<void> =>
  new Promise((done) => {
    setTimeout(done, durationMs);
  });

async function measure(size: Size, progress: Progress): Promise<Outcome> {
  const { groups, topics, settleMs } = SIZES[size];
  const commands = largeTier(groups, topics);
  const tier = await startTier({ logLevel: 'warn' });
  try {
    await pause(settleMs);
    const empty = largest(await memories(tier));
    progress(`empty: ${rounded(empty.residentMb)} MB`);
    const lastIndex = await stopAll(tier);
    for (const node of tier.nodes) await writeInto(node, commands);
    progress(`${commands.length} commands are in each log`);
    await Promise.all(tier.nodes.map((node) => node.start()));
    await eventually('every node has applied all of it', async () =>
      (await statuses(tier)).every(({ appliedIndex }) => appliedIndex >= lastIndex + commands.length),
    );
    const replayed = largest(await memories(tier));
    progress(`right after the replay: ${rounded(replayed.residentMb)} MB`);
    await pause(settleMs);
    const settled = await memories(tier);
    const { residentMb, heapMb } = largest(settled);
    return {
      figure: residentMb,
      peer: empty.residentMb,
      ratio: residentMb / empty.residentMb,
      unit: 'MB resident',
      met: residentMb < GOAL_MB,
      goal: `under ${GOAL_MB} MB`,
      comparedWith: 'the same node before it held anything',
      details: {
        groups,
        topics,
        replicas: groups * REPLICAS_PER_GROUP,
        heapMb: rounded(heapMb),
        emptyHeapMb: rounded(empty.heapMb),
        residentMbPerNode: settled.map((each) => rounded(each.residentMb)),
        rightAfterReplayMb: rounded(replayed.residentMb),
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
