/** One round of a failover benchmark: a writer in traffic, the fault in the middle of it, traffic again, and reading back. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { type Forked, forkBeside } from '../processes/forked.ts';
import { readBack, type System } from './system.ts';

const gapsSchema = z.object({
  gapsMs: z.array(z.number()),
  silentMs: z.array(z.number()),
  acknowledged: z.int(),
});
const stoppedSchema = z.object({ acknowledged: z.int() });
const startedSchema = z.object({ started: z.literal(true) });
const markedSchema = z.object({ marked: z.literal(true) });

export type Writer = {
  mark(): Promise<void>;
  /** Longest time without an acknowledgement since the mark, of each target. */
  gaps(): Promise<z.infer<typeof gapsSchema>>;
  /** Ids of what was acknowledged. */
  stop(): Promise<readonly string[]>;
  end(): Promise<void>;
};

export type Load = {
  readonly lanesPerTarget: number;
  readonly pauseMs: number;
};

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

let lastWriter = 0;

/** A writer that has had an acknowledgement from every target. `under` is a command line that runs the writer's. */
export async function startWriter(
  system: System,
  idc: string,
  load: Load,
  under: (line: readonly string[]) => readonly string[] = (line) => line,
): Promise<Writer> {
  const forked: Forked = forkBeside('writer', under);
  lastWriter += 1;
  const name = `${process.pid}-${lastWriter}`;
  const directory = mkdtempSync(join(tmpdir(), 'pollux-writer-'));
  const end = async (): Promise<void> => {
    await forked.end();
    rmSync(directory, { recursive: true, force: true });
  };
  const { targets } = system;
  try {
    await forked.ask({ ask: 'start', name, through: system.through(idc), targets, ...load }, startedSchema);
  } catch (error) {
    await end();
    throw error;
  }
  return {
    mark: async () => {
      await forked.ask({ ask: 'mark' }, markedSchema);
    },
    gaps: () => forked.ask({ ask: 'gaps' }, gapsSchema),
    stop: async () => {
      const idsFile = join(directory, 'acknowledged');
      await forked.ask({ ask: 'stop', idsFile }, stoppedSchema);
      const text = readFileSync(idsFile, 'utf8');
      return text === '' ? [] : text.split('\n');
    },
    end,
  };
}

/** A fault shows within this time, if it does. */
const SHOWS_MS = 500;
/** Every target has been acknowledging again for a while: no silence longer than this at the moment of looking. */
const BACK_MS = 300;
const LOOKS = 4;
const LOOK_EVERY_MS = 50;
const BACK_TIMEOUT_MS = 60_000;

export class NeverWroteAgain extends Error {}

export async function writesAgain(writer: Writer): Promise<void> {
  await pause(SHOWS_MS);
  const deadlineMs = performance.now() + BACK_TIMEOUT_MS;
  for (let looks = 0; looks < LOOKS; await pause(LOOK_EVERY_MS)) {
    const { silentMs } = await writer.gaps();
    const longestMs = Math.max(...silentMs);
    looks = longestMs < BACK_MS ? looks + 1 : 0;
    if (performance.now() > deadlineMs)
      throw new NeverWroteAgain(`a target was not written to for ${Math.round(longestMs)} ms`);
  }
}

export type RoundResult = {
  /** Of each target, in the order of the system's. */
  readonly gapsMs: readonly number[];
  readonly acknowledged: number;
  readonly lost: number;
};

/** The writer stands in `idc`; `fault` returns once it has happened, `after` (bringing back what was lost) comes last. */
export async function round(
  system: System,
  { idc, load, trafficMs }: { readonly idc: string; readonly load: Load; readonly trafficMs: number },
  fault: () => Promise<unknown>,
  after: () => Promise<unknown>,
): Promise<RoundResult> {
  const writer = await startWriter(system, idc, load);
  try {
    await pause(trafficMs);
    await writer.mark();
    await fault();
    await writesAgain(writer);
    const { gapsMs } = await writer.gaps();
    const acknowledged = await writer.stop();
    await after();
    await system.whole();
    const kept = await readBack(system);
    return {
      gapsMs,
      acknowledged: acknowledged.length,
      lost: acknowledged.filter((id) => !kept.has(id)).length,
    };
  } finally {
    await writer.end();
  }
}
