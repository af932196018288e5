import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyCommand } from '../../../../src/core/metadata/apply.ts';
import { encodeCommand } from '../../../../src/core/metadata/command-codec.ts';
import {
  epoch,
  groupKey,
  groupName,
  MAX_EPOCH,
  nodeName,
  replicaId,
  siteName,
} from '../../../../src/core/primitives/identifiers.ts';
import { LIMITS } from '../../../../src/core/primitives/limits.ts';
import { declared, fence, MAIN, ORDERS, promote, reigning } from '../ledger.ts';

test('fencing keeps epoch and master of the reign that ends', () => {
  const ledger = reigning().accept(fence(2, { preferred: replicaId('orders-2') }));
  const group = ledger.group();
  assert.deepEqual([group.epoch, group.master], [1, 'orders-1']);
  assert.deepEqual(group.phase, {
    kind: 'fencing',
    epoch: 2,
    reason: 'masterLost',
    recordId: 'move-2',
    preferred: 'orders-2',
    unsafe: false,
  });
  const record = ledger.record('move-2');
  assert.deepEqual([record.from, record.to, record.outcome], ['orders-1', null, 'running']);
});

test('the epoch is exactly one above the highest ever given out', () => {
  const ledger = reigning();
  ledger.refuse(fence(1), 'staleEpoch');
  ledger.refuse(fence(3), 'staleEpoch');
  ledger.refuse(fence(3, { expectedEpoch: epoch(1) }), 'staleEpoch');
  ledger.refuse(fence(2, { expectedEpoch: epoch(0) }), 'staleEpoch');
  ledger.accept(fence(2));
  ledger.refuse(fence(2, { recordId: 'late', reason: 'operatorFailover' }), 'staleEpoch');
  ledger.accept(fence(3, { reason: 'promotionFailed' }));
});

test('the last epoch is the last', () => {
  const ledger = reigning();
  ledger.store.groups.set(ORDERS, { ...ledger.group(), epoch: epoch(MAX_EPOCH - 1) });
  ledger.accept(fence(MAX_EPOCH));
  const beyond = fence(MAX_EPOCH + 1, { reason: 'promotionFailed' });
  assert.throws(() => encodeCommand(beyond), /epoch/);
  const result = applyCommand(ledger.store, beyond, { index: ledger.store.appliedIndex + 1, term: 1 });
  assert.ok(!result.ok && result.refusal.code === 'limitReached');
});

test('fencing again supersedes the record of the phase under way', () => {
  for (const ledger of [reigning().accept(fence(2)), reigning().accept(fence(2), promote(2, 2))]) {
    ledger.accept(fence(3, { reason: 'promotionFailed', wallMs: 35 }));
    const record = ledger.record('move-2');
    assert.equal(record.outcome, 'superseded');
    assert.deepEqual(record.steps.at(-1), {
      step: 'superseded',
      wallMs: 35,
      detail: 'by move-3: promotionFailed',
    });
    assert.equal(ledger.record('move-3').outcome, 'running');
    assert.deepEqual([ledger.group().epoch, ledger.group().master], [1, 'orders-1']);
  }
});

test('a promotion that ends without a reign is remembered with its process, its place and whom it let in', () => {
  const ledger = reigning().accept(fence(2), promote(2, 2, { cut: 1_500n }));
  ledger.accept(fence(3, { reason: 'promotionFailed' }));
  assert.deepEqual(ledger.group().givenUp, [
    {
      epoch: 2,
      candidate: 'orders-2',
      incarnation: 'run-2',
      cut: 1_500n,
      cutLineage: 'lineage-1',
      cutEpoch: 1,
      members: [
        { replica: 'orders-1', incarnation: 'run-1' },
        { replica: 'orders-3', incarnation: 'run-3' },
      ],
      lineage: null,
    },
  ]);
  ledger.accept(fence(4, { reason: 'promotionFailed' }));
  assert.equal(ledger.group().givenUp.length, 1, 'nothing was promoted meanwhile');
});

test('promotions given up are remembered up to their limit, oldest dropped first', () => {
  const ledger = reigning();
  // Nothing can be acknowledged under these, so their rules do not pile up.
  const none = { members: [], rule: { kind: 'anyOf', k: 1 }, cutEpoch: epoch(1) } as const;
  ledger.accept(fence(2));
  for (let number = 2; number <= LIMITS.promotionsGivenUp + 3; number += 1) {
    ledger.accept(promote(number, 2, none), fence(number + 1, { reason: 'promotionFailed' }));
  }
  const { givenUp } = ledger.group();
  assert.equal(givenUp.length, LIMITS.promotionsGivenUp);
  assert.deepEqual([givenUp[0]?.epoch, givenUp.at(-1)?.epoch], [4, LIMITS.promotionsGivenUp + 3]);
});

test('out of a phase lead only its failure and an operator', () => {
  const ledger = declared();
  for (const reason of ['masterLost', 'masterRestarted', 'switchover'] as const) {
    ledger.refuse(fence(2, { reason }), 'busy', 'reason');
  }
  ledger.refuse(fence(2, { reason: 'adoption' }), 'invalidRequest', 'reason');
  ledger.accept(fence(2, { reason: 'operatorFailover', unsafe: true }));
  reigning().refuse(fence(2, { reason: 'promotionFailed' }), 'staleEpoch');
  reigning().refuse(fence(2, { reason: 'adoption' }), 'invalidRequest', 'reason');
});

test('group, preferred replica and record have to fit', () => {
  const ledger = reigning();
  ledger.refuse(fence(2, { key: groupKey(MAIN, groupName('stock')) }), 'unknownGroup', 'key');
  ledger.refuse(fence(2, { preferred: replicaId('orders-9') }), 'unknownReplica', 'preferred');
  ledger.refuse(fence(2, { recordId: 'orders-adoption' }), 'duplicateName', 'recordId');
});

test('a long answer of a server is cut and holds no failover up', () => {
  const ledger = reigning().accept(fence(2), promote(2, 2));
  const note = 'x'.repeat(LIMITS.textCharacters + 1);
  const { steps } = ledger.accept(fence(3, { reason: 'promotionFailed', note })).record('move-3');
  assert.equal(steps[0]?.detail.length, LIMITS.textCharacters);
});

test('evidence is kept up to its limit, long details are cut', () => {
  const line = {
    node: nodeName('node-b'),
    site: siteName('idc-b'),
    verdict: 'dead' as const,
    detail: 'x'.repeat(LIMITS.textCharacters + 1),
    wallMs: 5,
  };
  const evidence = Array.from({ length: LIMITS.evidencePerRecord + 1 }, () => line);
  const record = reigning().accept(fence(2, { evidence })).record('move-2');
  assert.equal(record.evidence.length, LIMITS.evidencePerRecord);
  assert.equal(record.evidence[0]?.detail.length, LIMITS.textCharacters);
});

test('a stop that was committed first holds an automatic move; an operator, and a phase under way, go on', () => {
  const stop = {
    type: 'automatic.stop',
    stop: {
      scope: { kind: 'group', group: ORDERS },
      by: 'eve',
      reason: '',
      sinceWallMs: 1,
      untilWallMs: null,
    },
  } as const;
  reigning().accept(stop).refuse(fence(2), 'automaticStopped');
  reigning().accept(stop, fence(2, { reason: 'operatorFailover' }));
  reigning().accept(fence(2), stop, fence(3, { reason: 'promotionFailed' }));
});
