import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  linksSince,
  pingShowsMs,
  receiptWindowMs,
  stillReceiving,
} from '../../../src/core/liveness/receipt.ts';
import { A2, answered, B1, evidenceOf, MASTER_ADDRESS, slaveReport } from './evidence-fixture.ts';

const PACE = { detectionMs: 1_000, probeIntervalMs: 100 };

/** It proves receipt later than 4,990. */
const receiving = evidenceOf([5_000, answered(slaveReport(1n), 10)], [5_100, answered(slaveReport(2n), 10)]);
const ask = (evidence: typeof receiving, sinceMs: number, nowMs: number) =>
  stillReceiving([{ replica: A2, evidence }], MASTER_ADDRESS, sinceMs, nowMs, PACE)?.replica ?? null;

test('the window is never shorter than a ping and its slack', () => {
  assert.equal(receiptWindowMs({ ...PACE, detectionMs: 500 }), 1_300);
  assert.equal(receiptWindowMs({ ...PACE, detectionMs: 3_000 }), 3_000);
  assert.equal(receiptWindowMs({ ...PACE, probeIntervalMs: 500 }), pingShowsMs(500));
});

test('only bytes after the master’s last answer, and within the window, speak for it', () => {
  assert.equal(ask(receiving, 4_900, 5_200), A2);
  assert.equal(ask(receiving, 4_990, 5_200), null);
  assert.equal(ask(receiving, 4_900, 6_289), A2);
  assert.equal(ask(receiving, 4_900, 6_290), null);
});

test('a slave that lost its link, or follows another, takes its word back', () => {
  const lost = evidenceOf(
    [5_000, answered(slaveReport(1n), 10)],
    [5_100, answered(slaveReport(2n), 10)],
    [5_150, answered(slaveReport(2n, { linkUp: false }))],
  );
  assert.equal(ask(lost, 4_900, 5_200), null);
  const [only] = [stillReceiving([{ replica: A2, evidence: receiving }], 'other:1', 4_900, 5_200, PACE)];
  assert.equal(only, null);
});

test('the newest proof is named', () => {
  const later = evidenceOf([5_080, answered(slaveReport(1n), 10)], [5_150, answered(slaveReport(2n), 10)]);
  const followers = [
    { replica: A2, evidence: receiving },
    { replica: B1, evidence: later },
  ];
  assert.deepEqual(stillReceiving(followers, MASTER_ADDRESS, 0, 5_200, PACE), {
    replica: B1,
    afterMs: 5_070,
  });
});

test('links count by answers that were asked for since', () => {
  const up = evidenceOf([5_000, answered(slaveReport(1n), 10)]);
  const down = evidenceOf([5_000, answered(slaveReport(1n, { linkUp: false }), 10)]);
  const followers = [
    { replica: A2, evidence: up },
    { replica: B1, evidence: down },
  ];
  assert.deepEqual(linksSince(followers, MASTER_ADDRESS, 4_990), { up: [A2], down: [B1] });
  assert.deepEqual(linksSince(followers, MASTER_ADDRESS, 4_991), { up: [], down: [] });
  assert.deepEqual(linksSince(followers, 'other:1', 0), { up: [], down: [] });
});
