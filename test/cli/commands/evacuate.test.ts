/** `pollux evacuate`, word for word: the preview, the run that is followed, and the abort. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DrillPlanAnswer } from '../../../src/contract/drills.ts';
import { json, refusal } from '../../sdk/fake-node.ts';
import { drillDetail } from '../fixtures.ts';
import { inTurn, lines, runAgainst } from '../run-against.ts';

const started = json({ kind: 'drillStarted', drillId: 'drill-1' }, 202);
const bodyOf = (said: { readonly requests: readonly { readonly body: string }[] }): unknown =>
  JSON.parse(said.requests[0]?.body ?? '');

test('--plan shows where each master would go, what its policy can promise there, and who cannot move', async () => {
  const plan: DrillPlanAnswer = {
    kind: 'drillPlan',
    rows: [
      {
        cluster: 'default',
        group: 'orders-a',
        from: { replica: 'orders-a-1', site: 'idc-a' },
        move: {
          to: { replica: 'orders-a-3', site: 'idc-b' },
          lagBytes: '17',
          why: 'orders-a-3 is the only one that can take over',
          after: { state: 'met', waitCount: 1, detail: '' },
          withoutOldIdc: { state: 'blocked', waitCount: null, detail: '' },
        },
        problem: null,
        waitsFor: null,
      },
      {
        cluster: 'default',
        group: 'stock',
        from: { replica: 'stock-1', site: 'idc-a' },
        move: null,
        problem: { code: 'brokerUnreachable', message: 'Master stock-1 does not answer.' },
        waitsFor: null,
      },
    ],
    leftOff: 0,
  };
  const said = await runAgainst(() => json(plan), ['evacuate', 'idc-a', '--plan', '--parallel', '3']);
  assert.equal(said.exit, 0, said.stderr);
  assert.deepEqual(bodyOf(said), { kind: 'evacuation', idc: 'idc-a', plan: true, parallel: 3, resyncs: 1 });
  assert.equal(
    said.stdout,
    lines(
      'plan for:  evacuation of idc-a (nothing was changed)',
      'groups:    2, 1 of those shown can be moved now',
      '',
      'MOVES',
      'GROUP             FROM                TO                  LAG   POLICY AFTERWARDS  WITHOUT idc-a  WHY THIS ONE',
      'default/orders-a  orders-a-1 (idc-a)  orders-a-3 (idc-b)  17 B  met, wait 1        blocked        orders-a-3 is the only one that can take over',
      '',
      'CANNOT MOVE',
      'GROUP          CODE               WHY',
      'default/stock  brokerUnreachable  Master stock-1 does not answer.',
    ),
  );
});

test('a run is followed group by group to its end', async () => {
  const done = {
    ...drillDetail,
    outcome: 'completed',
    endedWallMs: drillDetail.startedWallMs + 1_500,
    counts: { ...drillDetail.counts, waiting: 0, moved: 1 },
    moves: drillDetail.moves.slice(0, 1),
  } as const;
  const said = await runAgainst(inTurn(started, json(drillDetail), json(done)), ['evacuate', 'idc-a']);
  assert.equal(said.exit, 0, said.stderr);
  assert.equal(
    said.stderr,
    lines(
      'default/orders-a: moved, orders-a-1 -> orders-a-2, orders-a-2 is the master in epoch 4',
      'default/stock: waiting, stock-1 -> ?, Master stock-1 does not answer.',
    ),
  );
  assert.equal(
    said.stdout,
    lines(
      'drill:    drill-1',
      'what:     evacuation of idc-a',
      'by:       operator',
      'limits:   2 groups and 1 full resyncs at once',
      'began:    2030-01-02 03:04:05.000Z',
      'took:     1.5 s',
      'outcome:  completed',
      'groups:   moved 1',
      '',
      'GROUPS',
      'GROUP             STATE  MOVE                      TRIES  DETAIL',
      'default/orders-a  moved  orders-a-1 -> orders-a-2  1      orders-a-2 is the master in epoch 4',
    ),
  );
});

test('one that ends incomplete is a failure that names the rest', async () => {
  const incomplete = {
    ...drillDetail,
    outcome: 'incomplete',
    counts: { ...drillDetail.counts, waiting: 0, failed: 1 },
  } as const;
  const said = await runAgainst(inTurn(started, json(incomplete)), ['evacuate', 'idc-a', '--json']);
  assert.equal(said.exit, 1);
  assert.equal(JSON.parse(said.stdout).error.code, 'incomplete');
  assert.match(JSON.parse(said.stdout).error.message, /moved 1, failed 1; the same command tries the rest/);
});

test('--no-wait and --wait-seconds do not stand there; --abort says what becomes of it', async () => {
  const atOnce = await runAgainst(() => started, ['evacuate', 'idc-a', '--no-wait']);
  assert.equal(atOnce.exit, 0);
  assert.match(atOnce.stdout, /pollux drill show drill-1/);
  const late = await runAgainst(inTurn(started, json(drillDetail)), [
    ...['evacuate', 'idc-a', '--wait-seconds', '1'],
  ]);
  assert.equal(late.exit, 4);
  assert.match(late.stderr, /still running after 1 s; it goes on by itself/);
  const unseen = await runAgainst(inTurn(started, refusal('noLeader', 503)), [
    ...['evacuate', 'idc-a', '--wait-seconds', '1'],
  ]);
  assert.equal(unseen.exit, 4);
  assert.match(unseen.stderr, /no node showed drill drill-1 within 1 s: .*noLeader/);
  assert.doesNotMatch(unseen.stderr, /still running/);
  const aborted = await runAgainst(
    () => json({ kind: 'committed', index: 7 }),
    ['evacuate', 'idc-a', '--abort'],
  );
  assert.equal(aborted.exit, 0);
  assert.deepEqual(bodyOf(aborted), { idc: 'idc-a' });
  assert.match(aborted.stdout, /no further group is begun/);
});
