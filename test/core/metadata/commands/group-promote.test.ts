import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  epoch,
  incarnation,
  lineage,
  replicaId,
  siteName,
} from '../../../../src/core/primitives/identifiers.ts';
import { LIMITS } from '../../../../src/core/primitives/limits.ts';
import {
  activate,
  changeSyncSet,
  declared,
  fence,
  type Ledger,
  member,
  ORDERS,
  promote,
  reigning,
  set,
} from '../ledger.ts';

const fenced = (): Ledger => reigning().accept(fence(2));
const raiseFloor = (floor: bigint) =>
  ({ type: 'group.raiseFloor', key: ORDERS, epoch: epoch(1), floor }) as const;

test('a promotion adds the rule of the new reign to those in force', () => {
  const candidates = [
    {
      replica: replicaId('orders-2'),
      site: siteName('idc-a'),
      offset: 1_000n,
      epoch: epoch(1),
      chosen: true,
      detail: 'the highest offset',
    },
  ];
  const ledger = fenced().accept(promote(2, 2, { candidates }));
  const group = ledger.group();
  assert.deepEqual(group.phase, {
    kind: 'promoting',
    epoch: 2,
    reason: 'masterLost',
    recordId: 'move-2',
    candidate: 'orders-2',
    incarnation: 'run-2',
    cut: 1_000n,
    cutLineage: 'lineage-1',
    cutEpoch: 1,
  });
  assert.deepEqual([group.epoch, group.master], [1, 'orders-1']);
  assert.deepEqual(
    group.syncSets.map((set) => [set.version, set.epoch, set.author]),
    [
      [1, 1, 'pollux'],
      [2, 2, 'pollux'],
    ],
  );
  const record = ledger.record('move-2');
  assert.equal(record.to, 'orders-2');
  assert.deepEqual(record.candidates, candidates);
  assert.deepEqual(
    record.steps.map(({ step }) => step),
    ['fencing', 'promoting'],
  );
});

test('it comes only out of fencing for the same epoch', () => {
  reigning().refuse(promote(2, 2), 'staleEpoch');
  fenced().refuse(promote(1, 2), 'staleEpoch');
  fenced().refuse(promote(3, 2), 'staleEpoch');
  fenced().accept(promote(2, 2)).refuse(promote(2, 3), 'staleEpoch');
});

test('the processes of members are taken in with it', () => {
  const members = [{ ...member(3), incarnation: incarnation('run-3b') }];
  const incarnations = [{ replica: replicaId('orders-3'), incarnation: incarnation('run-3b') }];
  const group = fenced()
    .accept(promote(2, 2, { members, incarnations }))
    .group();
  assert.deepEqual(
    group.replicas.map((replica) => replica.incarnation),
    ['run-1', 'run-2', 'run-3b'],
  );
});

test('members are other replicas, once each, as the process that is taken in', () => {
  const ledger = fenced();
  const stranger = { ...member(3), replica: replicaId('orders-9') };
  ledger.refuse(promote(2, 2, { candidate: replicaId('orders-9') }), 'unknownReplica', 'candidate');
  ledger.refuse(promote(2, 2, { members: [stranger] }), 'unknownReplica', 'members.0.replica');
  ledger.refuse(promote(2, 2, { members: [member(1), member(2)] }), 'invalidRequest', 'members.1.replica');
  ledger.refuse(promote(2, 2, { members: [member(1), member(1)] }), 'invalidRequest', 'members.1.replica');
  const restarted = { ...member(3), incarnation: incarnation('run-3b') };
  ledger.refuse(promote(2, 2, { members: [restarted] }), 'invalidRequest', 'members.0.incarnation');
  const named = { replica: replicaId('orders-2'), incarnation: incarnation('run-2b') };
  ledger.refuse(promote(2, 2, { incarnations: [named] }), 'invalidRequest', 'incarnation');
  const known = { replica: replicaId('orders-3'), incarnation: incarnation('run-3') };
  ledger.refuse(promote(2, 2, { incarnations: [known, known] }), 'invalidRequest', 'incarnations.1.replica');
  ledger.refuse(
    promote(2, 2, { incarnations: [{ ...known, replica: stranger.replica }] }),
    'unknownReplica',
    'incarnations.0.replica',
  );
});

test('the place of the cut is one that the group remembers, and so are the lineages that were found out', () => {
  const ledger = fenced().accept(promote(2, 2), fence(3, { reason: 'promotionFailed' }));
  ledger.refuse(promote(3, 2, { cutEpoch: epoch(3) }), 'invalidRequest', 'cutEpoch');
  const branch = (number: number, name: string) => ({ epoch: epoch(number), lineage: lineage(name) });
  ledger.refuse(promote(3, 2, { branches: [branch(1, 'x')] }), 'invalidRequest', 'branches.0.epoch');
  ledger.accept(promote(3, 2, { cutEpoch: epoch(2), branches: [branch(2, 'x')] }));
  assert.deepEqual(
    ledger.group().givenUp.map((promotion) => [promotion.epoch, promotion.lineage]),
    [[2, 'x']],
  );
  ledger.accept(fence(4, { reason: 'promotionFailed' }));
  ledger.accept(promote(4, 2, { cutEpoch: null, branches: [branch(2, 'y'), branch(3, 'z')] }));
  assert.deepEqual(
    ledger.group().givenUp.map((promotion) => promotion.lineage),
    ['x', 'z'],
    'what was found first stays',
  );
});

test('k may exceed the members, which blocks acknowledgements, but not what a group can have', () => {
  const ledger = fenced();
  const tooMany = { kind: 'anyOf', k: LIMITS.replicasPerGroup + 1 } as const;
  ledger.refuse(promote(2, 2, { rule: tooMany }), 'limitReached', 'rule.k');
  ledger.accept(promote(2, 2, { members: [], rule: { kind: 'anyOf', k: 2 } }));
});

test('an offset below the floor of the same lineage is not promoted, unless an operator accepts the loss', () => {
  const beyond = (unsafe: boolean) =>
    reigning().accept(raiseFloor(1_001n), fence(2, { unsafe, reason: 'operatorFailover' }));
  beyond(false).refuse(promote(2, 2), 'unprovable', 'cut');
  beyond(false).accept(promote(2, 2, { cut: 1_001n }));
  beyond(false).accept(promote(2, 2, { cutLineage: lineage('another') }));
  beyond(true).accept(promote(2, 2));
});

test('where no acknowledgement is asked for, the floor promises nothing', () => {
  const rule = { kind: 'anyOf', k: 0 } as const;
  const ledger = declared().accept(promote(1, 1, { rule }), activate(1), raiseFloor(2_000n), fence(2));
  ledger.accept(promote(2, 2));
});

test('a promotion leaves rules behind that nothing could be acknowledged under, so they never pile up', () => {
  const ledger = reigning();
  const none = { members: [], rule: { kind: 'anyOf', k: 1 } } as const;
  for (let at = 2; at < 2 + LIMITS.rulesInForce; at += 1)
    ledger.accept(fence(at), promote(at, (at % 2) + 1, none), activate(at));
  assert.deepEqual(
    ledger.group().syncSets.map((set) => set.version),
    [1, LIMITS.rulesInForce + 1],
  );
});

test('rules in force are limited; an unsafe promotion gives up the oldest', () => {
  const ledger = reigning();
  for (let version = 1; version < LIMITS.rulesInForce; version += 1) ledger.accept(changeSyncSet(1, version));
  ledger.accept(fence(2)).refuse(promote(2, 2), 'limitReached');
  ledger.accept(fence(3, { reason: 'operatorFailover', unsafe: true }));
  ledger.accept(promote(3, 2, { cutEpoch: epoch(1) }));
  assert.deepEqual(
    ledger.group().syncSets.map((set) => set.version),
    [2, 3, 4, 5, 6, 7, 8, 9],
  );
});

test('candidates on the record are limited', () => {
  const line = {
    replica: replicaId('orders-2'),
    site: siteName('idc-a'),
    offset: 1n,
    epoch: epoch(1),
    chosen: false,
    detail: '',
  };
  const candidates = Array.from({ length: LIMITS.replicasPerGroup + 1 }, () => line);
  fenced().refuse(promote(2, 2, { candidates }), 'limitReached', 'candidates');
});

test('nobody is promoted automatically in an IDC that is stopped, but for the master itself', () => {
  const stop = {
    type: 'automatic.stop',
    stop: {
      scope: { kind: 'idc', site: siteName('idc-b') },
      by: 'eve',
      reason: '',
      sinceWallMs: 1,
      untilWallMs: null,
    },
  } as const;
  const inB =
    reigning()
      .group()
      .replicas.findIndex(({ site }) => site === 'idc-b') + 1;
  reigning().accept(fence(2), stop).refuse(promote(2, inB), 'automaticStopped', 'candidate');
  reigning().accept(fence(2, { reason: 'operatorFailover' }), stop, promote(2, inB));
  const other = reigning().accept(
    fence(2, { reason: 'operatorFailover' }),
    promote(2, inB),
    activate(2),
    fence(3),
    stop,
  );
  other.accept(promote(3, inB));
});

test('a weaker rule is not begun with where an operator has taken that back meanwhile', () => {
  const block = set({ onShortage: 'block' });
  const ledger = reigning().accept(block, fence(2));
  ledger.refuse(promote(2, 2, { degraded: true }), 'staleEpoch');
  ledger.accept(promote(2, 2, { degraded: false }));
});
