/** Two epochs that take writes at once are seen, and a reign that changes under writes is not taken for that. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Acknowledgement } from './client-messages.ts';
import { lateAcknowledgements } from './judge.ts';

const write = (id: string, epoch: number, sentMs: number, knownMs: number, group = 'orders') =>
  [id, group, epoch, sentMs, knownMs] as const satisfies Acknowledgement;

test('a write of an earlier epoch that began after a later one had acknowledged is late', () => {
  const late = lateAcknowledgements([write('a', 1, 0, 10), write('b', 2, 20, 30), write('c', 1, 31, 40)]);
  assert.equal(late.length, 1);
  assert.match(late[0] ?? '', /^c was acknowledged in epoch 1/);
});

test('a write that was under way while the reign changed is not', () => {
  assert.deepEqual(
    lateAcknowledgements([write('a', 1, 5, 50), write('b', 2, 20, 30), write('c', 2, 60, 70)]),
    [],
  );
});

test('epochs of different groups have nothing to do with each other', () => {
  assert.deepEqual(lateAcknowledgements([write('a', 2, 0, 10), write('b', 1, 20, 30, 'payments')]), []);
});

test('the order in which both IDCs tell it does not matter', () => {
  const late = lateAcknowledgements([write('c', 1, 31, 40), write('b', 3, 20, 30), write('a', 2, 31, 35)]);
  assert.equal(late.length, 2);
});
