/**
 * One fault on one ground: traffic, the fault, traffic again, and then what was acknowledged is read back from the
 * servers. Everything that is wrong with a row is a sentence; a row without one is green.
 */
import { eventually } from '../support/eventually.ts';
import { readBack } from '../support/read-back.ts';
import { monotonicMs } from './client-messages.ts';
import { type Fault, MissedError } from './fault.ts';
import type { FaultGround } from './fault-ground.ts';
import { longestGapMs } from './idc-clients.ts';
import { lateAcknowledgements } from './judge.ts';
import { pause, Scene } from './scene.ts';

/** Traffic before the fault and after it, so that both have something to lose. */
const TRAFFIC_MS = 400;
/** By then a group is whole again after everything was mended. */
const WHOLE_WITHIN_MS = 30_000;
/** Longer than a reader takes over what another one left behind. */
const HANDLED_WITHIN_MS = 8_000;
/** A write may be on the master for so long before it is acknowledged. */
const READ_BACK_MS = 15_000;
/** Sentences of one kind that are shown; the rest is counted. */
const SHOWN = 3;

export type Row = {
  readonly fault: string;
  readonly layout: string;
  readonly policy: string;
  readonly verdict: 'green' | 'red' | 'missed';
  readonly acknowledged: number;
  readonly lost: number;
  readonly unhandled: number;
  readonly longestGapMs: Readonly<Record<string, number>>;
  /** How many reigns began. */
  readonly reigns: number;
  /** From the end of the fault until the group was whole; null where it never was. */
  readonly wholeAfterMs: number | null;
  readonly tookMs: number;
  readonly wrong: readonly string[];
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The first master reigns, everything is there, and both IDCs write. */
async function begin(scene: Scene): Promise<void> {
  await scene.whole();
  const first = `${(await scene.group()).name}-1`;
  if ((await scene.master()).id !== first) {
    const path = `/v1/groups/${(await scene.group()).name}/switchover`;
    // A node that the fault before had cut off may not have heard of the leader yet; it has changed nothing then.
    await eventually('the first master is told to come back', async () => {
      const { status, body } = await scene.ground.tier.call('POST', path, { to: first });
      if (status !== 202) throw new Error(JSON.stringify(body));
      return true;
    });
    await scene.whole();
  }
  await scene.acknowledges();
}

/** What a fault that went wrong half-way may have left. */
async function mend(scene: Scene): Promise<void> {
  const { sites, tier, groups } = scene.ground;
  await sites.heal();
  for (const node of tier.nodes) {
    node.signal('SIGCONT');
    if (!node.isRunning()) await node.start();
  }
  for (const { servers } of groups)
    for (const { redis } of servers) {
      redis.signal('SIGCONT');
      if (!redis.isRunning()) await redis.start();
    }
}

export async function attempt(fault: Fault, ground: FaultGround): Promise<Row> {
  const scene = new Scene(ground);
  const wrong: string[] = [];
  const startedMs = monotonicMs();
  await begin(scene);
  const fromMs = monotonicMs();
  const fromWallMs = Date.now();
  const { epoch: firstEpoch } = await scene.group();
  await pause(TRAFFIC_MS);
  let missed = false;
  const step = async (what: string, act: () => Promise<void>): Promise<boolean> => {
    try {
      await act();
      return true;
    } catch (error) {
      if (error instanceof MissedError) missed = true;
      wrong.push(`${what}${messageOf(error)}`);
      return false;
    }
  };

  await step('', () => fault.run(scene));
  await step('mending: ', () => mend(scene));
  const mendedMs = monotonicMs();
  const isWhole = await step('', () => scene.whole(WHOLE_WITHIN_MS));
  const wholeAfterMs = isWhole ? monotonicMs() - mendedMs : null;
  await step('', () => scene.acknowledges());
  await pause(TRAFFIC_MS);

  const toMs = monotonicMs();
  const acknowledged = ground.clients.each.flatMap((client) =>
    client.acknowledged.filter(([, , , , knownMs]) => knownMs >= fromMs && knownMs <= toMs),
  );
  const ids = acknowledged.map(([id]) => id);
  let lost = ids;
  await step('reading back: ', async () => {
    const kept = await readBack(
      { groups: ground.groups, group: () => scene.group() },
      fromWallMs - READ_BACK_MS,
    );
    lost = ids.filter((id) => !kept.has(id));
  });
  if (lost.length > 0) wrong.push(`acknowledged and lost: ${shown(lost)}`);
  const late = lateAcknowledgements(ground.clients.each.flatMap((client) => client.acknowledged));
  if (late.length > 0) wrong.push(`two writable epochs: ${shown(late)}`);
  const unhandled = await waitUntilHandled(ground, ids);
  if (unhandled.length > 0) wrong.push(`acknowledged and not delivered: ${shown(unhandled)}`);
  const reigns = await scene.group().then(
    ({ epoch }) => epoch - firstEpoch,
    () => Number.NaN,
  );
  return {
    fault: fault.name,
    layout: fault.layout,
    policy: fault.policy,
    verdict: missed ? 'missed' : wrong.length === 0 ? 'green' : 'red',
    acknowledged: ids.length,
    lost: lost.length,
    unhandled: unhandled.length,
    longestGapMs: Object.fromEntries(
      ground.clients.each.map((client) => [client.idc, Math.round(longestGapMs(client, fromMs, toMs))]),
    ),
    reigns,
    wholeAfterMs: wholeAfterMs === null ? null : Math.round(wholeAfterMs),
    tookMs: Math.round(monotonicMs() - startedMs),
    wrong,
  };
}

const shown = (all: readonly string[]): string =>
  all.slice(0, SHOWN).join('; ') + (all.length > SHOWN ? `; and ${all.length - SHOWN} more` : '');

async function waitUntilHandled(ground: FaultGround, ids: readonly string[]): Promise<readonly string[]> {
  const deadlineMs = monotonicMs() + HANDLED_WITHIN_MS;
  for (;;) {
    const open = ids.filter((id) => !ground.clients.handled.has(id));
    if (open.length === 0 || monotonicMs() > deadlineMs) return open;
    await pause(100);
  }
}
