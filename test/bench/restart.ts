/**
 * Start of a node that has a million entries behind its snapshot: from the start of the process until it takes part,
 * which is when it hears the leader, calls itself ready, and has applied all that was committed when it went down. The
 * directories are prepared through the disk log's own code; the other two nodes run all the while.
 *
 * One node finds every one of the million entries still on its disk, as if no batch had deleted yet what is behind the
 * snapshot. The figure is that of another, which has deleted them as nodes do: it finds the snapshot, and behind it the
 * longest tail that a node keeps in its log.
 */
import { z } from 'zod';
import type { Command } from '../../src/core/metadata/command.ts';
import { encodeCommand } from '../../src/core/metadata/command-codec.ts';
import { AppliedState } from '../../src/core/node/applied-state.ts';
import { nodeName } from '../../src/core/primitives/identifiers.ts';
import { LIMITS } from '../../src/core/primitives/limits.ts';
import type { HardState, RaftEntry, RaftSnapshot, RestoredLog } from '../../src/core/raft/types.ts';
import { type DiskLog, openDiskLog } from '../../src/platform/disk-log.ts';
import { eventually } from '../support/eventually.ts';
import { startTier, type Tier, type TierNode } from '../support/tier.ts';
import type { Benchmark, Outcome, Progress, Size } from './benchmark.ts';
import { largeTier } from './large-tier.ts';
import { pairMaker } from './processes/pair-maker.ts';
import { processorTimeMs } from './processes/processor-time.ts';
import { median } from './samples.ts';

const GOAL_MS = 3_000;
const COMMAND_BYTES = 200;
const ENTRIES_PER_BATCH = 1_000;
/** So much shorter is the tail than what makes a node take a snapshot: every start adds an entry or two. */
const SPARED_ENTRIES = 200;
const LOOK_INTERVAL_MS = 5;
const NO_STATE = new Uint8Array(0);
const SIZES = {
  full: {
    snapshotIndex: 1_000_000,
    tailEntries: LIMITS.entriesBeforeSnapshot - SPARED_ENTRIES,
    groups: 1_000,
    topics: 10_000,
    starts: 5,
  },
  tiny: { snapshotIndex: 3_000, tailEntries: 500, groups: 4, topics: 8, starts: 1 },
} as const satisfies Record<Size, unknown>;

const statusPage = z.object({ node: z.object({ lastIndex: z.int(), appliedIndex: z.int() }) });

const statusOf = async (tier: Tier, node: TierNode) =>
  statusPage.parse((await tier.call('GET', '/v1/status', undefined, node)).body).node;

/** What all three logs have in common: how they began, the snapshot, what it was made of, and what follows it. */
type History = {
  readonly begun: readonly RaftEntry[];
  readonly behind: readonly RaftEntry[];
  readonly snapshot: RaftSnapshot;
  readonly tail: readonly RaftEntry[];
};

function historyAfter(restored: RestoredLog, size: Size): History {
  const { snapshotIndex, tailEntries, groups, topics } = SIZES[size];
  const state = new AppliedState(restored.snapshot);
  for (const entry of restored.entries) state.apply(entry);
  const { index: last, term } = restored.entries.at(-1) ?? restored.snapshot ?? { index: 0, term: 0 };
  const large = largeTier(groups, topics);
  const pairAt = pairMaker(COMMAND_BYTES);
  const commandAt = (nth: number): Command => large[nth] ?? { type: 'keyValue.set', ...pairAt(nth) };
  const entryAt = (index: number): RaftEntry => {
    const data = encodeCommand(commandAt(index - last - 1));
    return { index, term, kind: 'command', data };
  };
  const behind: RaftEntry[] = [];
  for (let index = last + 1; index <= snapshotIndex; index += 1) {
    const entry = entryAt(index);
    if (state.apply(entry)?.result.ok !== true) throw new Error(`entry ${index} of the history is refused`);
    behind.push(entry);
  }
  const tail = Array.from({ length: tailEntries }, (_, nth) => entryAt(snapshotIndex + 1 + nth));
  const snapshot = { index: snapshotIndex, term, data: state.encoded() };
  return { begun: restored.entries, behind, snapshot, tail };
}

async function append(log: DiskLog, hardState: HardState, entries: readonly RaftEntry[]): Promise<void> {
  for (let from = 0; from < entries.length; from += ENTRIES_PER_BATCH) {
    const batch = entries.slice(from, from + ENTRIES_PER_BATCH);
    const reached = { ...hardState, commitIndex: batch.at(-1)?.index ?? hardState.commitIndex };
    await log.persist({
      hardState: reached,
      snapshot: null,
      truncateFrom: null,
      entries: batch,
      compactBelow: null,
    });
  }
}

/** Writes the last `written` entries behind the snapshot before it, as a node that took a snapshot before them has them. */
async function prepare(
  node: TierNode,
  { begun, behind, snapshot, tail }: History,
  written: number,
): Promise<void> {
  const log = await openDiskLog({ directory: node.dataDirectory, node: nodeName(node.name) });
  const { hardState, entries } = await log.load();
  const takeSnapshot = ({ index, term, data }: RaftSnapshot): Promise<void> =>
    log.persist({
      hardState: { ...hardState, commitIndex: index },
      snapshot: { index, term, data },
      truncateFrom: null,
      entries: [],
      compactBelow: index + 1,
    });
  const { index, term } = snapshot;
  // Whoever was killed a moment before the last one may lack what was written in that moment.
  const ownLast = entries.at(-1)?.index ?? 0;
  await append(
    log,
    hardState,
    begun.filter((entry) => entry.index > ownLast),
  );
  if (written < behind.length) await takeSnapshot({ index: index - written, term, data: NO_STATE });
  await append(log, hardState, behind.slice(-written));
  await takeSnapshot(snapshot);
  await append(log, hardState, tail);
  await log.close();
}

const lastOf = ({ entries }: RestoredLog): number => entries.at(-1)?.index ?? 0;

async function restoredFrom(node: TierNode): Promise<RestoredLog> {
  const log = await openDiskLog({ directory: node.dataDirectory, node: nodeName(node.name) });
  const restored = await log.load();
  await log.close();
  return restored;
}

const pause = (durationMs: number): Promise<void> =>
  new Promise((done) => {
    setTimeout(done, durationMs);
  });

async function isReady(node: TierNode): Promise<boolean> {
  const answer = await fetch(`${node.httpUrl}/readyz`).catch(() => null);
  await answer?.arrayBuffer();
  return answer?.status === 200;
}

type Start = {
  readonly listensMs: number;
  readonly takesPartMs: number;
  /** That the node had by then, which other work on the machine hardly changes. */
  readonly processorMs: number;
};

/** Starts a node that is down; it takes part once it is ready and has applied `index`. */
async function timedStart(tier: Tier, node: TierNode, index: number): Promise<Start> {
  const startedMs = performance.now();
  await node.start();
  const listensMs = performance.now() - startedMs;
  while (!(await isReady(node)) || (await statusOf(tier, node)).appliedIndex < index)
    await pause(LOOK_INTERVAL_MS);
  const takesPartMs = performance.now() - startedMs;
  return { listensMs, takesPartMs, processorMs: processorTimeMs(node.pid()) };
}

async function restarts(
  tier: Tier,
  node: TierNode,
  count: number,
  say: (start: Start) => void,
): Promise<Start[]> {
  const starts: Start[] = [];
  for (let nth = 0; nth < count; nth += 1) {
    const { lastIndex } = await statusOf(tier, await tier.leader());
    await node.kill();
    const start = await timedStart(tier, node, lastIndex);
    say(start);
    starts.push(start);
  }
  return starts;
}

async function measure(size: Size, progress: Progress): Promise<Outcome> {
  const { snapshotIndex, starts } = SIZES[size];
  const tier = await startTier({ logLevel: 'warn' });
  try {
    const [first, second, third] = tier.nodes;
    const shown = (what: string) => (start: Start) =>
      progress(`${what}: takes part after ${Math.round(start.takesPartMs)} ms`);
    const empty = await restarts(tier, third, starts, shown('without data'));
    await eventually('all nodes hold the same log', async () => {
      const all = await Promise.all(tier.nodes.map((node) => statusOf(tier, node)));
      return all.every(({ lastIndex }) => lastIndex === all[0]?.lastIndex);
    });
    await Promise.all(tier.nodes.map((node) => node.kill()));
    const logs = await Promise.all(tier.nodes.map(restoredFrom));
    const longest = logs.reduce((one, other) => (lastOf(other) > lastOf(one) ? other : one));
    const history = historyAfter(longest, size);
    progress(`a snapshot of ${history.snapshot.data.length} bytes at ${snapshotIndex}; writing the logs`);
    const written = Math.min(history.behind.length, LIMITS.entriesBeforeSnapshot);
    for (const node of [first, second]) await prepare(node, history, written);
    await prepare(third, history, history.behind.length);
    progress('the logs are written');
    await Promise.all([first.start(), second.start()]);
    await tier.leader();
    const lastIndex = history.tail.at(-1)?.index ?? snapshotIndex;
    const undeleted = await timedStart(tier, third, lastIndex);
    shown(`with ${history.behind.length} entries undeleted`)(undeleted);
    const usual = await restarts(tier, second, starts, shown('with snapshot and tail'));
    return outcomeOf({ empty, undeleted, usual, history });
  } finally {
    await tier.close();
  }
}

const takesPart = (all: readonly Start[]): number => median(all.map(({ takesPartMs }) => takesPartMs));

function outcomeOf({
  empty,
  undeleted,
  usual,
  history,
}: {
  readonly empty: readonly Start[];
  readonly undeleted: Start;
  readonly usual: readonly Start[];
  readonly history: History;
}): Outcome {
  const figure = takesPart(usual);
  const peer = takesPart(empty);
  const slowest = Math.max(...usual.map(({ takesPartMs }) => takesPartMs));
  return {
    figure,
    peer,
    ratio: figure / peer,
    unit: 'ms',
    met: slowest < GOAL_MS,
    goal: `every start under ${GOAL_MS} ms`,
    comparedWith: 'the same node in the same tier before it held anything',
    details: {
      snapshotIndex: history.snapshot.index,
      snapshotBytes: history.snapshot.data.length,
      tailEntries: history.tail.length,
      entriesStillOnDisk: history.behind.length,
      commandBytes: COMMAND_BYTES,
      slowestMs: Math.round(slowest),
      undeletedMs: Math.round(undeleted.takesPartMs),
      startsMs: usual.map(({ takesPartMs }) => Math.round(takesPartMs)),
      listensMs: Math.round(median(usual.map(({ listensMs }) => listensMs))),
      processorMs: median(usual.map(({ processorMs }) => processorMs)),
      undeletedProcessorMs: undeleted.processorMs,
      emptyProcessorMs: median(empty.map(({ processorMs }) => processorMs)),
      emptyListensMs: Math.round(median(empty.map(({ listensMs }) => listensMs))),
    },
  };
}

export const restart: Benchmark = {
  summary: 'start of a node with a million entries behind its snapshot',
  measure,
};
