import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createVantages } from '../../../src/core/coordinator/vantages.ts';
import type { ProbeOutcome } from '../../../src/core/liveness/observation.ts';
import { nodeName } from '../../../src/core/primitives/identifiers.ts';
import { report } from '../node/loop-harness.ts';
import { KEY } from './adopted-group.ts';
import { M } from './fake-servers.ts';

const ref = { group: KEY, replica: M };
const [B, W] = [nodeName('pollux-b'), nodeName('pollux-w')];
const answered = (offset: bigint): ProbeOutcome => ({
  kind: 'answered',
  answerMs: 1,
  report: report({ offset }),
});
const silent: ProbeOutcome = { kind: 'silent', waitedMs: 100 };
const seen = (outcome: ProbeOutcome, ageMs = 0) => [{ observation: { ref, fresh: false, outcome }, ageMs }];

test('the newest answer of any node counts, however many others hear nothing', () => {
  const vantages = createVantages();
  vantages.record(B, seen(silent), 1_000);
  vantages.record(W, seen(answered(7n), 50), 1_000);
  assert.equal(vantages.newestAnswer(ref, 500)?.offset, 7n);
  assert.equal(vantages.nodeThatReaches(ref, 1_000), W);
  vantages.record(B, seen(answered(8n)), 1_000);
  assert.equal(vantages.newestAnswer(ref, 500)?.offset, 8n);
});

test('an answer is as old as it was when it was told', () => {
  const vantages = createVantages();
  vantages.record(B, seen(answered(7n), 900), 1_000);
  assert.equal(vantages.newestAnswer(ref, 100), null);
  assert.equal(vantages.nodeThatReaches(ref, 1_599), B);
  assert.equal(vantages.nodeThatReaches(ref, 1_600), null);
});

test('what was seen of groups that are not declared any more is forgotten', () => {
  const vantages = createVantages();
  vantages.record(B, seen(answered(7n)), 1_000);
  vantages.keepOnly(new Map([[KEY, 'declared']]));
  assert.equal(vantages.rows().length, 1);
  vantages.keepOnly(new Map());
  assert.deepEqual(vantages.rows(), []);
});

test('what was seen of a group goes with it', () => {
  const vantages = createVantages();
  vantages.record(B, seen(answered(7n)), 1_000);
  vantages.dropGroup(KEY);
  assert.deepEqual(vantages.rows(), []);
});
