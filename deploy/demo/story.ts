/** What happens in the demonstration: traffic, a master killed with SIGKILL, a failover, the old master's return. */
import type { HistoryRecordAnswer } from '../../src/contract/history.ts';
import { eventually } from '../../test/support/eventually.ts';
import { type Ground, type GroundGroup, isWhole, taken } from '../../test/support/ground.ts';

const TRAFFIC_BEFORE_MS = 3_000;
const OLD_MASTER_AWAY_MS = 1_500;
const TRAFFIC_AFTER_MS = 2_000;
const FAILOVER_TIMEOUT_MS = 30_000;

export type FailoverSeen = {
  readonly group: string;
  readonly from: string;
  readonly to: string;
  readonly epoch: number;
  /** Milliseconds from the kill to each step, by the wall clocks of one machine. */
  readonly stepsMs: Readonly<Record<string, number>>;
  readonly record: HistoryRecordAnswer;
};

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

export async function killAndRecover(ground: Ground, tell: (line: string) => void): Promise<FailoverSeen> {
  await pause(TRAFFIC_BEFORE_MS);
  const group = groupOf(ground);
  const before = await ground.group(group.name);
  const from = before.master?.replica;
  const server = group.servers.find(({ id }) => id === from);
  if (from === undefined || server === undefined) throw new Error(`${group.name} has no master to kill`);

  tell(`SIGKILL to ${from}, master of ${group.name} at ${server.site}`);
  const killedWallMs = Date.now();
  await server.redis.kill();
  const promoted = await eventually(
    `${group.name} has a new master`,
    async () => {
      const now = await ground.group(group.name);
      return now.phase.kind === 'active' && now.epoch > before.epoch ? now : null;
    },
    FAILOVER_TIMEOUT_MS,
  );
  const to = promoted.master?.replica ?? '';
  tell(`${to} is promoted: epoch ${promoted.epoch}, by what a majority of sites confirmed`);

  await pause(OLD_MASTER_AWAY_MS);
  tell(`${from} is started again from its own file: it boots fenced`);
  await server.redis.start();
  await eventually(
    `${from} is a slave again`,
    async () => isWhole(await ground.group(group.name)),
    FAILOVER_TIMEOUT_MS,
  );
  tell(`${from} follows ${to} and is in the sync set again`);
  await pause(TRAFFIC_AFTER_MS);

  const record = await recordOf(ground, group.name, promoted.epoch);
  const marks: [string, number | undefined][] = [
    ['suspected', record.evidence[0]?.wallMs],
    ['confirmed', record.evidence.at(-1)?.wallMs],
    ...record.steps.map(({ step, wallMs }): [string, number] => [step, wallMs]),
  ];
  const stepsMs = Object.fromEntries(
    marks.flatMap(([step, wallMs]) =>
      wallMs === undefined ? [] : [[step, Math.round(wallMs - killedWallMs)]],
    ),
  );
  return { group: group.name, from, to, epoch: promoted.epoch, stepsMs, record };
}

function groupOf(ground: Ground): GroundGroup {
  const [group] = ground.groups;
  if (group === undefined) throw new Error('the demonstration has groups');
  return group;
}

async function recordOf(ground: Ground, group: string, epoch: number): Promise<HistoryRecordAnswer> {
  const { records } = taken(await ground.admin.call('historyList', { query: { group } }), 'history');
  const record = records.find((one) => one.epoch === epoch);
  if (record === undefined) throw new Error(`the history has no record of epoch ${epoch} of ${group}`);
  return record;
}
