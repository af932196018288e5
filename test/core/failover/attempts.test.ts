import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unfinishedPromotions } from '../../../src/core/failover/attempts.ts';
import type { HistoryRecord } from '../../../src/core/metadata/state.ts';
import { clusterName, epoch, groupKey, groupName } from '../../../src/core/primitives/identifiers.ts';
import { A2, B1, group, SITE_A } from './group-fixture.ts';

const record = (
  number: number,
  outcome: HistoryRecord['outcome'],
  chosen: typeof A2 | null,
): HistoryRecord => ({
  id: `r${number}`,
  group: group().key,
  reason: 'masterLost',
  epoch: epoch(number),
  from: null,
  to: null,
  by: 'test',
  evidence: [],
  steps: [],
  candidates: [A2, B1].map((replica) => ({
    replica,
    site: SITE_A,
    offset: 950n,
    epoch: epoch(1),
    chosen: replica === chosen,
    detail: '',
  })),
  loss: { predictedBytes: null, measuredBytes: null },
  outcome,
});

test('a promotion that was committed and never became active is found by its record', () => {
  const other = { ...record(9, 'superseded', A2), group: groupKey(clusterName('main'), groupName('other')) };
  const history = [
    record(4, 'superseded', B1),
    record(1, 'completed', A2),
    record(2, 'reinstated', A2),
    other,
  ];
  const found = unfinishedPromotions(group(), [
    ...history,
    record(3, 'superseded', A2),
    record(5, 'superseded', null),
  ]);
  assert.deepEqual(found, [
    { epoch: 3, candidate: A2, cut: 950n },
    { epoch: 4, candidate: B1, cut: 950n },
  ]);
});
