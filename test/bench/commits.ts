/**
 * Commands of 200 bytes committed by three node processes with synced disks, against three bare processes that write
 * the very batches, synced, at the same time: what consensus, encoding, sending and applying cost on top of the disk.
 * The batches are those that the nodes wrote in the run just before, each process its own.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../support/eventually.ts';
import type { Benchmark, Outcome, Progress, Size } from './benchmark.ts';
import { type CommitNodes, startCommitNodes } from './commit-nodes.ts';
import { type Batch, committed, notedBatches, nothing, written } from './processes/commit-messages.ts';
import { type Forked, forkBeside } from './processes/forked.ts';
import { processorTimeMs } from './processes/processor-time.ts';
import { median, rounded, sum } from './samples.ts';

const GOAL_RATIO = 0.5;
const COMMAND_BYTES = 200;
const RUN_TIMEOUT_MS = 120_000;
const SIZES = {
  full: {
    rounds: 7,
    warmup: 40_000,
    many: { inFlight: 64, commands: 20_000 },
    one: { inFlight: 1, commands: 300 },
  },
  tiny: { rounds: 1, warmup: 64, many: { inFlight: 64, commands: 640 }, one: { inFlight: 1, commands: 10 } },
} as const satisfies Record<Size, unknown>;

type Load = { readonly inFlight: number; readonly commands: number };
type Round = {
  readonly ours: number;
  readonly bare: number;
  readonly barePacked: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly leaderBusyShare: number;
  readonly batches: number;
  readonly largestBatch: number;
};
type Processes = { readonly tier: CommitNodes; readonly bare: readonly Forked[] };

/** What each node wrote since the last time, once all of them have all of it. */
async function takeBatches(
  nodes: readonly Forked[],
  commands: number,
): Promise<readonly (readonly Batch[])[]> {
  const taken: Batch[][] = nodes.map(() => []);
  await eventually('every node has written every command', async () => {
    await Promise.all(
      nodes.map(async (node, position) => {
        const { batches } = await node.ask({ kind: 'batches' }, notedBatches);
        taken[position]?.push(...batches);
      }),
    );
    return taken.every((batches) => sum(batches.map(({ entries }) => entries)) >= commands);
  });
  return taken;
}

async function measureRound({ tier, bare }: Processes, load: Load): Promise<Round> {
  const nodes = tier.all;
  await takeBatches(nodes, 0);
  const { leader } = await tier.roles();
  const busyBeforeMs = processorTimeMs(leader.pid);
  const question = { kind: 'commit', ...load, commandBytes: COMMAND_BYTES };
  const ours = await leader.ask(question, committed, RUN_TIMEOUT_MS);
  const busyMs = processorTimeMs(leader.pid) - busyBeforeMs;
  const batches = await takeBatches(nodes, load.commands);
  await Promise.all(
    bare.map((one, position) => one.ask({ kind: 'prepare', batches: batches[position] ?? [] }, nothing)),
  );
  const perSecond = async (packed: boolean): Promise<number> => {
    const writing = bare.map((one) => one.ask({ kind: 'write', packed }, written, RUN_TIMEOUT_MS));
    const slowestMs = Math.max(...(await Promise.all(writing)).map(({ elapsedMs }) => elapsedMs));
    return (load.commands * 1_000) / slowestMs;
  };
  const leaders = batches[nodes.indexOf(leader)] ?? [];
  return {
    ours: (load.commands * 1_000) / ours.elapsedMs,
    bare: await perSecond(false),
    barePacked: await perSecond(true),
    p50Ms: ours.p50Ms,
    p99Ms: ours.p99Ms,
    leaderBusyShare: busyMs / ours.elapsedMs,
    batches: leaders.length,
    largestBatch: Math.max(0, ...leaders.map(({ entries }) => entries)),
  };
}

function outcomeOf(many: readonly Round[], one: readonly Round[], size: Size): Outcome {
  const middle = (rounds: readonly Round[], of: keyof Round): number =>
    median(rounds.map((round) => round[of]));
  const figure = middle(many, 'ours');
  const peer = middle(many, 'bare');
  const ratio = figure / peer;
  const describe = (rounds: readonly Round[], load: Load) => ({
    inFlight: load.inFlight,
    commands: load.commands,
    commitsPerSecond: Math.round(middle(rounds, 'ours')),
    barePerSecond: Math.round(middle(rounds, 'bare')),
    ratio: rounded(middle(rounds, 'ours') / middle(rounds, 'bare')),
    barePackedPerSecond: Math.round(middle(rounds, 'barePacked')),
    ratioToPacked: rounded(middle(rounds, 'ours') / middle(rounds, 'barePacked')),
    ratioPerRound: rounds.map(({ ours, bare }) => rounded(ours / bare)),
    p50Ms: rounded(middle(rounds, 'p50Ms')),
    p99Ms: rounded(middle(rounds, 'p99Ms')),
    leaderBatches: middle(rounds, 'batches'),
    meanBatch: rounded(load.commands / middle(rounds, 'batches')),
    largestBatch: middle(rounds, 'largestBatch'),
    leaderBusyShare: rounded(middle(rounds, 'leaderBusyShare')),
  });
  return {
    figure,
    peer,
    ratio,
    unit: 'commits/s',
    met: ratio >= GOAL_RATIO,
    goal: `at least ${GOAL_RATIO} of the bare processes with 64 in flight`,
    comparedWith: 'three bare processes that write the same batches, synced, at the same time',
    details: {
      client: "in the leader's own event loop, at the face that the doors use",
      commandBytes: COMMAND_BYTES,
      rounds: SIZES[size].rounds,
      many: describe(many, SIZES[size].many),
      one: describe(one, SIZES[size].one),
    },
  };
}

async function measure(size: Size, progress: Progress): Promise<Outcome> {
  const { rounds, warmup, many } = SIZES[size];
  const directory = mkdtempSync(join(tmpdir(), 'pollux-commits-'));
  const tier = await startCommitNodes(directory);
  const bare = tier.all.map(() => forkBeside('bare-log'));
  try {
    await Promise.all(
      bare.map((each, position) =>
        each.ask({ kind: 'open', directory: join(directory, `bare-${position}`) }, nothing),
      ),
    );
    const processes = { tier, bare };
    progress('three nodes and three bare processes run; warming up');
    await measureRound(processes, { inFlight: many.inFlight, commands: warmup });
    const measured: { many: Round[]; one: Round[] } = { many: [], one: [] };
    for (let round = 1; round <= rounds; round += 1) {
      for (const which of ['many', 'one'] as const) {
        const result = await measureRound(processes, SIZES[size][which]);
        measured[which].push(result);
        const figures = `${Math.round(result.ours)}/s, bare ${Math.round(result.bare)}/s`;
        progress(`round ${round}, ${SIZES[size][which].inFlight} in flight: ${figures}`);
      }
    }
    return outcomeOf(measured.many, measured.one, size);
  } finally {
    await Promise.all([tier, ...bare].map((process) => process.end()));
    rmSync(directory, { recursive: true, force: true });
  }
}

export const commits: Benchmark = {
  summary: 'commands committed by three nodes, against three bare processes that sync the same batches',
  measure,
};
