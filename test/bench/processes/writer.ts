/**
 * The writer of the failover benchmarks, a process of its own so that it can stand in any site and nothing else keeps it
 * waiting. It writes to each target from a number of lanes, counts what was acknowledged, and measures for each target
 * the longest time without an acknowledgement since it was last told to mark. Ids of acknowledged messages go to a file
 * when it stops, for whoever reads back.
 */
import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import { clientThroughPollux } from '../writing/through-pollux.ts';
import { clientThroughSentinel } from '../writing/through-sentinel.ts';
import type { WritingClient } from '../writing/writing-client.ts';
import { answerQuestions } from './forked.ts';

const through = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('pollux'), nodes: z.array(z.url()), idc: z.string() }),
  z.strictObject({
    kind: z.literal('sentinel'),
    sentinels: z.array(z.strictObject({ host: z.string(), port: z.int() })),
    waitCount: z.int().min(0),
  }),
]);

const question = z.discriminatedUnion('ask', [
  /** Answered once every target has acknowledged something. */
  z.strictObject({
    ask: z.literal('start'),
    name: z.string(),
    through,
    targets: z.array(z.string()).min(1),
    lanesPerTarget: z.int().min(1),
    pauseMs: z.number(),
  }),
  /** Gaps are measured from now on. */
  z.strictObject({ ask: z.literal('mark') }),
  z.strictObject({ ask: z.literal('gaps') }),
  z.strictObject({ ask: z.literal('stop'), idsFile: z.string() }),
]);

type Question = z.infer<typeof question>;
type Start = Extract<Question, { ask: 'start' }>;

type Target = {
  readonly name: string;
  readonly acknowledged: string[];
  lastMs: number;
  longestGapMs: number;
};

/** A lane that got no acknowledgement does not try again in the same moment. */
const AFTER_FAILURE_MS = 10;
const BODY = 'x'.repeat(100);

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

let writing: {
  readonly client: WritingClient;
  readonly targets: readonly Target[];
  lanes: Promise<void>[];
} | null = null;
let goesOn = true;

async function lane(client: WritingClient, target: Target, prefix: string, pauseMs: number): Promise<void> {
  for (let count = 0; goesOn; count += 1) {
    const id = `${prefix}-${count}`;
    const written = await client.write(target.name, { id, body: BODY });
    if (written !== 'acknowledged') {
      await pause(AFTER_FAILURE_MS);
      continue;
    }
    const nowMs = performance.now();
    target.longestGapMs = Math.max(target.longestGapMs, nowMs - target.lastMs);
    target.lastMs = nowMs;
    target.acknowledged.push(id);
    await pause(pauseMs);
  }
}

async function start({
  name,
  through: way,
  targets: names,
  lanesPerTarget,
  pauseMs,
}: Start): Promise<unknown> {
  const client =
    way.kind === 'pollux'
      ? clientThroughPollux(way.nodes, way.idc)
      : clientThroughSentinel(way.sentinels, way.waitCount);
  const targets = names.map((target) => ({
    name: target,
    acknowledged: [],
    lastMs: performance.now(),
    longestGapMs: 0,
  }));
  const lanes = targets.flatMap((target) =>
    Array.from({ length: lanesPerTarget }, (_, nth) =>
      lane(client, target, `${name}-${target.name}-${nth}`, pauseMs),
    ),
  );
  writing = { client, targets, lanes };
  while (targets.some(({ acknowledged }) => acknowledged.length === 0)) await pause(5);
  return { started: true };
}

/** A target that has not come back yet has been silent until now. */
const gapOf = ({ lastMs, longestGapMs }: Target): number =>
  Math.max(longestGapMs, performance.now() - lastMs);

answerQuestions(question, async (asked) => {
  if (asked.ask === 'start') return start(asked);
  if (writing === null) throw new Error('the writer has not started');
  const { client, targets, lanes } = writing;
  switch (asked.ask) {
    case 'mark':
      for (const target of targets) target.longestGapMs = 0;
      return { marked: true };
    case 'gaps':
      return {
        gapsMs: targets.map(gapOf),
        silentMs: targets.map(({ lastMs }) => performance.now() - lastMs),
        acknowledged: targets.reduce((total, { acknowledged }) => total + acknowledged.length, 0),
      };
    case 'stop':
      goesOn = false;
      await Promise.race([Promise.all(lanes), pause(5_000)]);
      await client.close();
      writeFileSync(asked.idsFile, targets.flatMap(({ acknowledged }) => acknowledged).join('\n'));
      return { acknowledged: targets.reduce((total, { acknowledged }) => total + acknowledged.length, 0) };
  }
});
