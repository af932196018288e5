/** Tries faults, those that need the same ground one after the other on it, and makes a new one after a red row. */
import { attempt, type Row } from './attempt.ts';
import type { Fault, GroundSpec } from './fault.ts';
import { type FaultGround, prepareFaultGround } from './fault-ground.ts';

/** A crash that missed its phase is tried again that often; it never counts as green. */
const TRIES = 4;
const GROUND_TRIES = 3;
const FAULTS_PER_GROUND = 12;

const keyOf = ({ layout, policy, onShortage, special }: GroundSpec): string =>
  [layout, policy, onShortage, special].join(' ');

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Lanes side by side, each with a ground of its own. */
export async function tryFaults(
  faults: readonly Fault[],
  lanes: number,
  progress: (line: string) => void,
): Promise<Row[]> {
  const rows = new Map<string, Row>();
  const batches = batchesOf(faults);
  const lane = async (): Promise<void> => {
    for (let batch = batches.shift(); batch !== undefined; batch = batches.shift())
      await tryBatch(batch, progress, (row) => {
        rows.set(row.fault, row);
        progress(lineOf(row));
      });
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return faults.flatMap(({ name }) => rows.get(name) ?? []);
}

/** Faults that can share a ground, a few at a time, so that no lane is left with all of a kind. */
function batchesOf(faults: readonly Fault[]): Fault[][] {
  const batches: Fault[][] = [];
  for (const key of new Set(faults.map(keyOf))) {
    const alike = faults.filter((one) => keyOf(one) === key);
    for (let from = 0; from < alike.length; from += FAULTS_PER_GROUND)
      batches.push(alike.slice(from, from + FAULTS_PER_GROUND));
  }
  return batches;
}

/** What goes wrong before any fault says nothing about faults: a busy machine is given another try. */
async function groundFor(fault: Fault, progress: (line: string) => void): Promise<FaultGround> {
  for (let turn = 1; ; turn += 1) {
    try {
      return await prepareFaultGround(fault);
    } catch (error) {
      if (turn === GROUND_TRIES) throw error;
      progress(`a ground for ${fault.name} is made once more: ${messageOf(error)}`);
    }
  }
}

async function tryBatch(
  batch: readonly Fault[],
  progress: (line: string) => void,
  done: (row: Row) => void,
): Promise<void> {
  let ground: FaultGround | null = null;
  for (const fault of batch) {
    for (let turn = 1; turn <= TRIES; turn += 1) {
      let row: Row;
      try {
        ground ??= await groundFor(fault, progress);
        row = await attempt(fault, ground);
      } catch (error) {
        row = withoutGround(fault, messageOf(error));
      }
      done(row);
      if (row.verdict === 'red' || fault.usesUp === true) {
        await ground?.close();
        ground = null;
      }
      if (row.verdict !== 'missed') break;
    }
  }
  await ground?.close();
}

/** The fault was never tried: something was wrong before it. */
const withoutGround = ({ name, layout, policy }: Fault, why: string): Row => ({
  fault: name,
  layout,
  policy,
  verdict: 'red',
  acknowledged: 0,
  lost: 0,
  unhandled: 0,
  longestGapMs: {},
  reigns: 0,
  wholeAfterMs: null,
  tookMs: 0,
  wrong: [`before the fault: ${why}`],
});

function lineOf(row: Row): string {
  const { fault, verdict, acknowledged, lost, longestGapMs, tookMs, wrong } = row;
  const gaps = Object.entries(longestGapMs).map(([idc, ms]) => `${idc} ${ms} ms`);
  const figures = `${acknowledged} acknowledged, ${lost} lost, gaps ${gaps.join(', ')}, ${(tookMs / 1_000).toFixed(1)} s`;
  return `${verdict.padEnd(6)} ${fault}: ${figures}${wrong.length === 0 ? '' : ` (${wrong.join('; ')})`}`;
}
