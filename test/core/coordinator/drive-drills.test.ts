import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DrillDriver } from '../../../src/core/coordinator/drive-drills.ts';
import type { GroupDeclaration } from '../../../src/core/coordinator/requests.ts';
import { ReturnWatch } from '../../../src/core/coordinator/return-watch.ts';
import type { Command } from '../../../src/core/metadata/command.ts';
import type { Drill, DrillMove } from '../../../src/core/metadata/drill-state.ts';
import { must } from '../../../src/core/primitives/assert.ts';
import {
  type GroupKey,
  groupKey,
  groupName,
  replicaId,
  siteName,
} from '../../../src/core/primitives/identifiers.ts';
import { LIMITS } from '../../../src/core/primitives/limits.ts';
import { adoptedGroup, declaration, type GroupTier, KEY, NODES } from './adopted-group.ts';
import { A2, addressOf, B1, FakeServers, M } from './fake-servers.ts';
import { leadingContext } from './leading-context.ts';

const IDC_A = siteName('idc-a');
const [N, N2, O1] = ['n', 'n2', 'o1'].map(replicaId) as [typeof M, typeof M, typeof M];
const STOCK = groupKey(declaration().cluster, groupName('stock'));

type Begin = Extract<Command, { type: 'drill.begin' }>;
const begin = (change: Partial<Begin> = {}): Begin => ({
  type: 'drill.begin',
  drillId: 'drill-1',
  kind: 'evacuation',
  idc: IDC_A,
  groups: null,
  parallel: 1,
  resyncs: 1,
  healthyMs: 0,
  by: 'eve',
  wallMs: 1,
  ...change,
});

function propose(tier: GroupTier, command: Command): void {
  const reply = tier.ask({ type: 'propose', command });
  assert.ok(reply.ok, JSON.stringify(reply));
}

const stateOf = (tier: GroupTier) => tier.tier.loop(tier.tier.leader() ?? must(NODES[0], 'a node')).state();
const drillOf = (tier: GroupTier): Drill => must(stateOf(tier).drills.at(-1), 'a drill was begun');
const moveOf = (tier: GroupTier, key: GroupKey = KEY): DrillMove =>
  must(stateOf(tier).drillMoves.get(key), `${key} is concerned`);

function ended(tier: GroupTier, outcome: Drill['outcome'], limitMs = 60_000): void {
  tier.until(() => tier.tier.leader() !== null && drillOf(tier).outcome !== 'running', 'the end', limitMs);
  assert.equal(drillOf(tier).outcome, outcome, JSON.stringify([...stateOf(tier).drillMoves.values()]));
}

/** A second group of the same layout: n and n2 in idc-a, o1 in idc-b. */
function withStock(change: Partial<GroupDeclaration> = {}): {
  readonly tier: GroupTier;
  readonly stock: FakeServers;
} {
  const stock = new FakeServers([N, N2, O1]);
  const isStock = (address: string): boolean => [N, N2, O1].some((id) => addressOf(id) === address);
  const tier = adoptedGroup({}, 1, (servers) => {
    const { probe } = servers;
    servers.probe = (address, node) => (isStock(address) ? stock.probe(address, node) : probe(address, node));
  });
  stock.nowMs = () => tier.tier.now.monotonicMs;
  const { steer } = tier;
  tier.steer = (request, node) =>
    isStock(request.target.address) ? stock.steer(request, node) : steer(request, node);
  const replicas = declaration().replicas.map((replica, position) => {
    const id = must([N, N2, O1][position], 'three');
    return {
      ...replica,
      id,
      endpoints: { client: addressOf(id), replication: addressOf(id), announced: null },
    };
  });
  const reply = tier.ask({
    type: 'addGroup',
    declaration: declaration({ name: groupName('stock'), replicas, ...change }),
    planOnly: false,
    by: 'tests',
  });
  assert.ok(reply.ok, JSON.stringify(reply));
  tier.until(
    () => stateOf(tier).groups.get(STOCK)?.syncSets.at(-1)?.members.length === 2,
    'stock is taken on',
  );
  tier.tier.run(3_000);
  return { tier, stock };
}

test('an evacuation moves the master out, tells the history who did it, and leaves the IDC drained', () => {
  const tier = adoptedGroup();
  tier.servers.write();
  propose(tier, begin());
  ended(tier, 'completed');
  assert.equal(tier.group.master, B1);
  assert.deepEqual(tier.servers.writable(), [B1]);
  assert.equal(stateOf(tier).idcStates.get(IDC_A), 'drained');
  assert.match(moveOf(tier).detail, /b1 is the master in epoch 2/);
  assert.equal(tier.lastRecord.reason, 'switchover');
  assert.equal(tier.lastRecord.by, 'eve, evacuation of idc-a (drill-1)');
  tier.settled(2, [A2, M]);
});

test('a preview names the move that the run then makes, and changes nothing', () => {
  const tier = adoptedGroup();
  const plan = tier.ask({ type: 'drillPlan', kind: 'evacuation', idc: IDC_A, groups: null });
  assert.ok(plan.ok && plan.value.kind === 'drillPlan');
  const [row, ...others] = plan.value.rows;
  assert.deepEqual([row?.move?.to.replica, row?.waitsFor, others.length], [B1, null, 0]);
  assert.deepEqual([stateOf(tier).drills.length, stateOf(tier).idcStates.size], [0, 0]);
  propose(tier, begin());
  ended(tier, 'completed');
  assert.equal(tier.group.master, row?.move?.to.replica);
  const again = tier.ask({ type: 'drillPlan', kind: 'evacuation', idc: siteName('idc-b'), groups: null });
  assert.equal(!again.ok && again.refusal.code, 'noActiveIdc');
});

test('one after the other where one at a time was asked for, both at once where two were', () => {
  for (const parallel of [1, 2]) {
    const { tier } = withStock();
    propose(tier, begin({ parallel }));
    let most = 0;
    tier.until(() => {
      const moving = [...stateOf(tier).drillMoves.values()].filter(({ state }) => state === 'moving').length;
      const busy = [...stateOf(tier).groups.values()].filter(({ phase }) => phase.kind !== 'active').length;
      most = Math.max(most, moving, busy);
      return drillOf(tier).outcome !== 'running';
    }, 'the end');
    assert.equal(most, parallel);
    assert.equal(drillOf(tier).outcome, 'completed');
  }
});

test('a group that cannot be moved is tried again, listed with its reason, and holds up no other', () => {
  const { tier, stock } = withStock();
  tier.servers.kill(B1);
  tier.settled(1, [A2]);
  propose(tier, begin());
  tier.until(() => moveOf(tier, STOCK).state === 'moved', 'the other is moved', 20_000);
  assert.equal(stock.writable().join(), O1);
  ended(tier, 'incomplete');
  const { state, attempts, detail } = moveOf(tier);
  assert.deepEqual([state, attempts], ['failed', LIMITS.drillAttempts]);
  assert.match(detail, /No slave of main\/orders in an active IDC \(b1\) is a member/);
  assert.deepEqual(drillOf(tier).troubles, [{ group: KEY, detail }]);
  assert.equal(stateOf(tier).idcStates.get(IDC_A), 'draining');
});

test('a slave that lags is tried again once it has caught up', () => {
  const tier = adoptedGroup();
  tier.servers.of(B1).lags = true;
  tier.servers.write();
  propose(tier, begin());
  tier.until(() => moveOf(tier).attempts === 1 && moveOf(tier).state === 'waiting', 'the first try failed');
  assert.match(moveOf(tier).detail, /did not catch up within 1200 ms and is 10 bytes behind/);
  tier.until(() => tier.servers.writable().join() === M, 'writes go on', 500);
  tier.servers.of(B1).lags = false;
  tier.servers.write();
  ended(tier, 'completed');
  assert.equal(moveOf(tier).attempts, 2);
});

test('an abort lets a held master go on, and the IDC is active again', () => {
  const tier = adoptedGroup();
  tier.servers.of(B1).lags = true;
  tier.servers.write();
  propose(tier, begin());
  tier.until(() => tier.servers.of(M).paused, 'writes are held', 1_000);
  propose(tier, { type: 'drill.abort', idc: IDC_A, by: 'eve', wallMs: 2 });
  ended(tier, 'aborted', 1_000);
  tier.until(() => tier.servers.writable().join() === M, 'writes go on', 500);
  assert.deepEqual(
    [moveOf(tier).state, tier.phase(), stateOf(tier).idcStates.size],
    ['takenBack', 'active 1', 0],
  );
});

test('an abort takes a fenced group back: its old master reigns again', () => {
  const tier = adoptedGroup();
  const answered = tier.steer;
  tier.steer = (request, node) =>
    request.action.kind === 'revoke' && request.target.replica === B1
      ? { kind: 'failed', reason: 'unreachable', detail: 'slow' }
      : answered(request, node);
  propose(tier, begin());
  tier.until(() => tier.phase() === 'fencing 2', 'fenced', 2_000);
  propose(tier, { type: 'drill.abort', idc: IDC_A, by: 'eve', wallMs: 2 });
  tier.steer = answered;
  ended(tier, 'aborted', 10_000);
  assert.equal(moveOf(tier).state, 'takenBack');
  assert.deepEqual([tier.group.master, tier.lastRecord.outcome], [M, 'reinstated']);
});

test('a new leader goes on where the last one stopped', () => {
  const tier = adoptedGroup();
  tier.servers.of(B1).lags = true;
  tier.servers.write();
  propose(tier, begin());
  tier.until(() => tier.servers.of(M).paused, 'writes are held', 1_000);
  const before = tier.leader;
  tier.isolate(before);
  tier.servers.of(B1).lags = false;
  tier.until(
    () => NODES.some((node) => node !== before && tier.tier.leaders().includes(node)),
    'a new leader',
  );
  tier.tier.cut.clear();
  ended(tier, 'completed');
  assert.equal(tier.group.master, B1);
});

test('a master that moved by itself meanwhile counts as moved, and it did not stay in the IDC', () => {
  const tier = adoptedGroup();
  tier.servers.of(B1).lags = true;
  tier.servers.write();
  propose(tier, begin());
  tier.until(() => moveOf(tier).attempts === 1 && moveOf(tier).state === 'waiting', 'the first try failed');
  tier.servers.of(B1).lags = false;
  tier.servers.write();
  tier.servers.kill(M);
  tier.until(() => tier.phase() === 'active 2', 'failed over', 5_000);
  ended(tier, 'completed');
  assert.deepEqual([tier.group.master, moveOf(tier).attempts, tier.lastRecord.reason], [B1, 1, 'masterLost']);
});

test('a return waits until the IDC was well for as long as asked, and respects a stop', () => {
  const tier = adoptedGroup();
  propose(tier, begin());
  ended(tier, 'completed');
  tier.settled(2, [A2, M]);
  const stop = {
    scope: { kind: 'group', group: KEY },
    by: 'bob',
    reason: 'hands off',
    sinceWallMs: 1,
    untilWallMs: null,
  } as const;
  propose(tier, { type: 'automatic.stop', stop });
  propose(tier, begin({ drillId: 'drill-2', kind: 'return', healthyMs: 4_000 }));
  tier.tier.run(6_000);
  assert.deepEqual([moveOf(tier).state, tier.group.master], ['waiting', B1]);
  propose(tier, { type: 'drill.abort', idc: IDC_A, by: 'eve', wallMs: 2 });
  const plan = tier.ask({ type: 'drillPlan', kind: 'return', idc: IDC_A, groups: null });
  assert.ok(plan.ok && plan.value.kind === 'drillPlan');
  const [row] = plan.value.rows;
  assert.deepEqual([row?.from.replica, row?.move?.to.site], [B1, IDC_A]);
  assert.match(row?.waitsFor ?? '', /stopped by bob \(hands off\)/);
  propose(tier, begin({ drillId: 'drill-3', kind: 'return', healthyMs: 4_000 }));
  for (const node of tier.others) tier.servers.of(A2).unreachableFrom.add(node);
  tier.tier.run(3_000);
  propose(tier, { type: 'automatic.resume', scope: { kind: 'group', group: KEY }, by: 'bob', wallMs: 1 });
  tier.tier.run(3_000);
  assert.equal(tier.group.master, B1);
  tier.servers.of(A2).unreachableFrom.clear();
  const wellMs = tier.tier.now.monotonicMs;
  ended(tier, 'completed');
  assert.ok(tier.tier.now.monotonicMs - wellMs >= 3_500, `${tier.tier.now.monotonicMs - wellMs} ms`);
  assert.equal(stateOf(tier).evacuatedFrom.size, 0);
  assert.equal(tier.group.replicas.find(({ id }) => id === tier.group.master)?.site, IDC_A);
});

test('a rule brings masters to the preferred IDC by themselves, once, and only out of an IDC that is not closed', () => {
  const tier = adoptedGroup();
  const rule = { preferredIdc: siteName('idc-b'), returnAfterMs: 2_000 };
  propose(tier, { type: 'return.setRule', scope: { kind: 'all' }, rule, by: 'eve', wallMs: 1 });
  tier.until(() => stateOf(tier).drills.length === 1, 'a return begins', 4_000);
  ended(tier, 'completed');
  assert.deepEqual([tier.group.master, drillOf(tier).by, drillOf(tier).kind], [B1, 'pollux', 'return']);
  propose(tier, begin({ drillId: 'drill-2', idc: siteName('idc-b') }));
  ended(tier, 'completed');
  tier.tier.run(10_000);
  assert.equal(stateOf(tier).drills.length, 2);
  assert.notEqual(tier.group.master, B1);
});

test('a stop holds a return that nobody asked for also when its row says that it moves: a new leader leaves it', () => {
  const tier = adoptedGroup();
  tier.servers.of(B1).lags = true;
  tier.servers.write();
  const rule = { preferredIdc: siteName('idc-b'), returnAfterMs: 1_000 };
  propose(tier, { type: 'return.setRule', scope: { kind: 'all' }, rule, by: 'eve', wallMs: 1 });
  tier.until(() => tier.servers.of(M).paused, 'writes are held', 4_000);
  const stop = {
    scope: { kind: 'all' },
    by: 'bob',
    reason: 'hands off',
    sinceWallMs: 1,
    untilWallMs: null,
  } as const;
  propose(tier, { type: 'automatic.stop', stop });
  const before = tier.leader;
  tier.isolate(before);
  tier.servers.of(B1).lags = false;
  tier.until(
    () => NODES.some((node) => node !== before && tier.tier.leaders().includes(node)),
    'a new leader',
  );
  assert.equal(moveOf(tier).state, 'moving');
  tier.tier.cut.clear();
  tier.until(() => tier.tier.leader() !== null && moveOf(tier).state === 'waiting', 'it is held', 5_000);
  assert.match(moveOf(tier).detail, /stopped by bob \(hands off\)/);
  tier.tier.run(5_000);
  assert.deepEqual([tier.group.master, moveOf(tier).state], [M, 'waiting']);
});

test('a row whose note was lost on its way is noted again', () => {
  const tier = adoptedGroup();
  tier.servers.of(B1).lags = true;
  tier.servers.write();
  propose(tier, begin());
  tier.until(() => moveOf(tier).attempts === 1 && moveOf(tier).state === 'waiting', 'the first try failed');
  const state = stateOf(tier);
  const context = leadingContext(() => state);
  const driver = new DrillDriver(context, new ReturnWatch(context));
  const notesAt = (monotonicMs: number): number => {
    driver.tick({ monotonicMs, wallMs: 0 });
    return context.takeEffects().filter(({ kind }) => kind === 'propose').length;
  };
  assert.deepEqual([1_000, 1_100, 2_900, 3_100, 3_200].map(notesAt), [1, 0, 0, 1, 0]);
});

test('a group that is only watched is named at once as not moved, and no rule brings it back over and over', () => {
  const { tier } = withStock({ watchOnly: true });
  propose(tier, begin());
  ended(tier, 'incomplete');
  assert.deepEqual([moveOf(tier).state, tier.group.master], ['moved', B1]);
  const { state, attempts, detail } = moveOf(tier, STOCK);
  assert.deepEqual([state, attempts], ['failed', 0]);
  assert.match(detail, /main\/stock is watch-only/);
  const rule = { preferredIdc: siteName('idc-b'), returnAfterMs: 1_000 };
  propose(tier, { type: 'return.setRule', scope: { kind: 'all' }, rule, by: 'eve', wallMs: 1 });
  tier.tier.run(8_000);
  assert.equal(stateOf(tier).drills.length, 1);
});
