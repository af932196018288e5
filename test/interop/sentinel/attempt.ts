/**
 * One fault and all clients at once: they write, the fault is done, it is mended, they write on; then what each had
 * acknowledged is compared with what the master holds. A cell without a sentence about what is wrong is green.
 */
import { eventually } from '../../support/eventually.ts';
import type { Client } from './client.ts';
import { pause } from './client-line.ts';
import { ClientProcess } from './client-process.ts';
import type { Fault } from './faults.ts';
import { CLIENT_IDC, doorAt, type InteropGround, MASTER, MASTER_IDC } from './ground.ts';

/** So many writes say that a client is at work. */
const ENOUGH = 20;
/** And so many that it came back while a fault lasts: a queue that waits for copies is slow then. */
const ENOUGH_DURING = 5;
const START_TIMEOUT_MS = 40_000;
const TRAFFIC_MS = 500;
/** Clients that notice by themselves have gone on by then, while the fault still lasts. */
const DURING_MS = 8_000;
/** And all others by then, after it was mended. */
const AFTER_MS = 25_000;
const SHOWN = 5;

export type Cell = {
  readonly client: string;
  readonly fault: string;
  readonly verdict: 'green' | 'red';
  /** Longest time between two successful writes. */
  readonly stoodStillMs: number;
  /** It wrote again only once the fault was over. */
  readonly afterMending: boolean;
  readonly written: number;
  /** Acknowledged to a client that did not WAIT, and not on the master: what asynchronous replication may lose. */
  readonly lost: number;
  readonly wrong: readonly string[];
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export async function attempt(
  fault: Fault,
  clients: readonly Client[],
  ground: InteropGround,
  progress: (line: string) => void,
): Promise<readonly Cell[]> {
  const wrong: string[] = [];
  const step = async (act: () => Promise<unknown>): Promise<void> => {
    try {
      await act();
    } catch (error) {
      wrong.push(messageOf(error));
    }
  };
  await step(() => ground.begin());
  await step(async () => fault.prepare?.(ground));
  const asked = [CLIENT_IDC, 'witness', MASTER_IDC];
  const first = fault.asksFirst ?? CLIENT_IDC;
  const sentinels = [first, ...asked.filter((site) => site !== first)].map(
    (site) => doorAt(ground, site).address,
  );
  const running = clients.map((client) => {
    const key = `interop-${client.name}-${fault.name}`;
    return new ClientProcess(client, ground.clientHost, { master: MASTER, key, sentinels });
  });
  const allSince =
    (fromMs: number, enough = ENOUGH) =>
    () =>
      running.every((one) => one.successesSince(fromMs) >= enough);
  try {
    await eventually('every client writes', allSince(0), START_TIMEOUT_MS).catch(() => undefined);
    await pause(TRAFFIC_MS);
    const fromMs = Date.now();
    await step(() => fault.run(ground));
    const switchedMs = Date.now();
    progress(`${fault.name}: another master after ${switchedMs - fromMs} ms`);
    await eventually('every client writes', allSince(switchedMs, ENOUGH_DURING), DURING_MS).catch(
      () => undefined,
    );
    const mendedMs = Date.now();
    const during = new Map(running.map((one) => [one, one.successesSince(switchedMs) >= ENOUGH_DURING]));
    await step(() => ground.mend());
    await step(() => ground.whole());
    await eventually('every client writes', allSince(mendedMs), AFTER_MS).catch(() => undefined);
    const toMs = Date.now();
    await Promise.all(running.map((one) => one.end()));
    const cells: Cell[] = [];
    for (const one of running) {
      const cell = await judge(one, fault, ground, { fromMs, mendedMs, toMs });
      const all = [...wrong, ...cell.wrong];
      const verdict = all.length === 0 ? 'green' : 'red';
      cells.push({ ...cell, verdict, afterMending: during.get(one) !== true, wrong: all });
    }
    return cells;
  } finally {
    await Promise.all(running.map((one) => one.end()));
    await ground.mend();
  }
}

type Times = { readonly fromMs: number; readonly mendedMs: number; readonly toMs: number };

async function judge(
  one: ClientProcess,
  fault: Fault,
  ground: InteropGround,
  { fromMs, mendedMs, toMs }: Times,
): Promise<Omit<Cell, 'verdict' | 'afterMending'>> {
  const wrong: string[] = [];
  const before = one.successes.filter(({ atMs }) => atMs < fromMs).length;
  if (before < ENOUGH) wrong.push(`it wrote ${before} times before the fault: ${one.complaint()}`);
  const after = one.successesSince(mendedMs);
  if (after < ENOUGH) wrong.push(`it wrote ${after} times after the fault: ${one.complaint()}`);
  const lost =
    one.client.isQueue === true ? lostJobs(one, wrong) : await lostWrites(one, ground, mendedMs, wrong);
  if (lost.length > 0 && (fault.isLossless || one.client.isQueue === true))
    wrong.push(`${lost.length} acknowledged and lost: ${lost.slice(0, SHOWN).join(', ')}`);
  return {
    client: one.client.name,
    fault: fault.name,
    stoodStillMs: Math.round(one.longestGapMs(fromMs, toMs)),
    written: one.successes.length,
    lost: lost.length,
    wrong,
  };
}

function lostJobs(one: ClientProcess, wrong: string[]): readonly number[] {
  if (one.queueEnd === null) {
    wrong.push(`the queue did not say what it took on: ${one.complaint()}`);
    return [];
  }
  if (one.queueEnd.accepted < ENOUGH) wrong.push(`the queue took on ${one.queueEnd.accepted} jobs`);
  return one.queueEnd.lost;
}

/**
 * Acknowledged writes that the master does not hold. None may be missing that began after everything was mended; a write
 * begins after the one before it, and one that a stopped master had in its queue already is answered when it goes on.
 */
async function lostWrites(
  one: ClientProcess,
  ground: InteropGround,
  mendedMs: number,
  wrong: string[],
): Promise<readonly number[]> {
  const client = (await ground.master()).client();
  const held = new Set((await client.smembers(one.key)).map(Number));
  client.disconnect();
  const lost = one.successes.filter(({ n }) => !held.has(n));
  const late = one.successes.filter(
    ({ n }, at) => !held.has(n) && (one.successes[at - 1]?.atMs ?? 0) >= mendedMs,
  );
  if (late.length > 0) wrong.push(`${late.length} writes that began after the fault are not on the master`);
  return lost.map(({ n }) => n);
}
