/**
 * An IDC with three masters is evacuated and returned to under traffic, by the command line: nothing that was acknowledged
 * is missing afterwards, and no more groups are in their move at once than asked for. A rule brings masters back by itself.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { DrillDetail } from '../../src/contract/drills.ts';
import type { StatusAnswer } from '../../src/contract/status.ts';
import { eventually } from '../support/eventually.ts';
import { type Ground, isWhole, prepareGround } from '../support/ground.ts';
import { runPollux } from '../support/pollux-process.ts';
import { readBack } from '../support/read-back.ts';
import { startWriteLoad, type WriteLoad } from '../support/write-load.ts';

const GROUPS = ['orders-a', 'orders-b', 'orders-c'] as const;
const PARALLEL = 2;

let ground: Ground;
let load: WriteLoad;

before(async () => {
  ground = await prepareGround({
    layout: GROUPS.map((group) => ({ group, sites: ['idc-a', 'idc-b', 'idc-b'] as const })),
  });
  load = startWriteLoad(ground.tier.urls);
});

after(async () => {
  await load.stop();
  await ground.close();
});

async function pollux<Answer>(...line: readonly string[]): Promise<Answer> {
  const ended = await runPollux(['--json', ...line], {
    POLLUX_NODES: ground.tier.urls.join(','),
    POLLUX_TOKEN: ground.tier.token,
  });
  assert.equal(ended.code, 0, ended.stdout + ended.stderr);
  return JSON.parse(ended.stdout) as Answer;
}

const mastersIn = async (idc: string): Promise<number> =>
  (await pollux<StatusAnswer>('status')).idcs.find(({ name }) => name === idc)?.masters ?? -1;

async function acknowledgesMore(count: number): Promise<void> {
  const from = load.idcs.map(({ acknowledged }) => acknowledged.size);
  await eventually(`${count} more acknowledged writes in each IDC`, () =>
    load.idcs.every(({ acknowledged }, position) => acknowledged.size >= (from[position] ?? 0) + count),
  );
}

/** Runs a drill to its end, and how many groups were in their move at once while it ran. */
async function drilled(...line: readonly string[]): Promise<{ drill: DrillDetail; most: number }> {
  let running = true;
  let most = 0;
  const watch = (async () => {
    while (running) {
      const { drill, groups } = await pollux<StatusAnswer>('status');
      const busy = groups.filter(({ phase }) => phase.kind !== 'active').length;
      most = Math.max(most, busy, drill?.outcome === 'running' ? (drill.counts.moving ?? 0) : 0);
    }
  })();
  const { drill } = await pollux<{ drill: DrillDetail }>(...line);
  running = false;
  await watch;
  for (const group of GROUPS)
    await eventually(`${group} is whole`, async () => isWhole(await ground.group(group)));
  return { drill, most };
}

test('an IDC is evacuated as its plan said, and returned to, under traffic', async () => {
  await acknowledgesMore(50);
  assert.equal(await mastersIn('idc-a'), GROUPS.length);
  type Plan = { rows: { group: string; move: { to: { replica: string; site: string } } | null }[] };
  const { rows } = await pollux<Plan>('evacuate', 'idc-a', '--plan');
  assert.deepEqual(
    rows.map(({ group, move }) => [group, move?.to.site]),
    GROUPS.map((group) => [group, 'idc-b']),
  );

  const out = await drilled('evacuate', 'idc-a', '--parallel', String(PARALLEL));
  assert.equal(out.drill.outcome, 'completed', JSON.stringify(out.drill));
  assert.ok(out.most <= PARALLEL, `${out.most} groups at once`);
  assert.deepEqual(
    out.drill.moves.map(({ group, to }) => [group, to]),
    rows.map(({ group, move }) => [group, move?.to.replica]),
  );
  assert.equal(await mastersIn('idc-a'), 0);
  assert.equal((await pollux<StatusAnswer>('status')).idcs[0]?.state, 'drained');
  await acknowledgesMore(50);

  const back = await drilled('return', 'idc-a', '--healthy-seconds', '1');
  assert.equal(back.drill.outcome, 'completed', JSON.stringify(back.drill));
  assert.ok(back.most <= 1, `${back.most} groups at once`);
  assert.equal(await mastersIn('idc-a'), GROUPS.length);
  await acknowledgesMore(50);
});

test('a master that was failed over comes back by itself where a rule says so', async () => {
  await pollux('return-rule', '--group', 'orders-a', '--prefer', 'idc-a', '--after-seconds', '2');
  const server = ground.groups[0]?.servers[0];
  assert.ok(server);
  await server.redis.kill();
  await eventually('another master reigns', async () => {
    const group = await ground.group('orders-a');
    return group.phase.kind === 'active' && group.master?.site === 'idc-b';
  });
  await server.redis.start();
  await eventually(
    'the master is back',
    async () => {
      const group = await ground.group('orders-a');
      return group.phase.kind === 'active' && group.master?.site === 'idc-a';
    },
    60_000,
  );
  const { drill } = await pollux<StatusAnswer>('status');
  assert.deepEqual([drill?.kind, drill?.by], ['return', 'pollux']);
  await acknowledgesMore(50);
});

test('an evacuation that is aborted at once ends, and masters stand somewhere', async () => {
  const { tier } = ground;
  const begun = await tier.call('POST', '/v1/drills', { kind: 'evacuation', idc: 'idc-a' });
  assert.equal(begun.status, 202, JSON.stringify(begun.body));
  // The command line takes longer to start than a quick machine to evacuate three groups.
  const aborted = await tier.call('POST', '/v1/drills/abort', { idc: 'idc-a' });
  assert.equal(aborted.status, 200, JSON.stringify(aborted.body));
  const drill = await eventually('it is over', async () => {
    const { drill: newest } = await pollux<StatusAnswer>('status');
    return newest?.outcome === 'running' ? null : newest;
  });
  assert.equal(drill.outcome, 'aborted');
  assert.ok((drill.counts.notBegun ?? 0) > 0, JSON.stringify(drill.counts));
  assert.equal((await pollux<StatusAnswer>('status')).idcs[0]?.state, 'active');
  assert.equal((await mastersIn('idc-a')) + (await mastersIn('idc-b')), GROUPS.length);
});

test('nothing that was acknowledged is missing', async (context) => {
  await acknowledgesMore(50);
  await load.stop();
  const kept = await readBack(ground);
  const acknowledged = load.acknowledged();
  const lost = acknowledged.filter((id) => !kept.has(id));
  const gaps = load.idcs.map(({ idc, longestGapMs }) => `${idc} ${longestGapMs.toFixed(0)} ms`);
  context.diagnostic(
    `${acknowledged.length} acknowledged, ${lost.length} lost; longest gaps ${gaps.join(', ')}`,
  );
  assert.ok(acknowledged.length > 500, `${acknowledged.length} writes were acknowledged`);
  assert.deepEqual(lost, []);
});
