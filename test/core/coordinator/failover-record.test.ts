import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addStep } from '../../../src/core/coordinator/failover-record.ts';
import type { HistoryRecord } from '../../../src/core/metadata/state.ts';
import { LIMITS } from '../../../src/core/primitives/limits.ts';
import { adoptedGroup } from './adopted-group.ts';
import { leadingContext } from './leading-context.ts';

const { lastRecord, state } = adoptedGroup();
const context = leadingContext(() => state);
const now = { monotonicMs: 1_000, wallMs: 0 };

function added(record: HistoryRecord, detail: string, once: 'step' | 'line'): boolean {
  addStep(context, record, { step: 'putRight', detail, measuredLossBytes: null }, now, once);
  return context.takeEffects().length === 1;
}

const withSteps = (count: number): HistoryRecord => ({
  ...lastRecord,
  steps: Array.from({ length: count }, (_, at) => ({ step: 'putRight', wallMs: 0, detail: `${at}` })),
});

test('a step is added once, or once for each thing that it says', () => {
  assert.deepEqual([added(withSteps(0), '0', 'step'), added(withSteps(1), '1', 'step')], [true, false]);
  assert.deepEqual([added(withSteps(1), '1', 'line'), added(withSteps(1), '0', 'line')], [true, false]);
});

test('nothing is proposed for a record that has no room: it would be refused, at every look again', () => {
  assert.equal(added(withSteps(LIMITS.stepsPerRecord - 1), 'new', 'line'), true);
  assert.equal(added(withSteps(LIMITS.stepsPerRecord), 'new', 'line'), false);
});
