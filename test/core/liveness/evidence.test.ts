import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EvidenceBook } from '../../../src/core/liveness/evidence.ts';
import { incarnation, lineage } from '../../../src/core/primitives/identifiers.ts';
import {
  A2,
  answered,
  at,
  disconnected,
  errorAnswer,
  evidenceOf,
  GROUP,
  M,
  masterReport,
  observation,
  refused,
  silent,
  slaveReport,
} from './evidence-fixture.ts';

test('an answer is kept with its time, and the answer time is smoothed', () => {
  const evidence = evidenceOf(
    [100, answered(masterReport(), 8)],
    [200, answered(masterReport({ offset: 2n }), 16)],
  );
  assert.equal(evidence.answered?.report.offset, 2n);
  assert.equal(evidence.heardAtMs, 200);
  assert.equal(evidence.answerMs, 9);
  assert.equal(evidence.link, 'up');
});

test('an error answer is a sign of life, but no report', () => {
  const evidence = evidenceOf([100, errorAnswer]);
  assert.equal(evidence.heardAtMs, 100);
  assert.equal(evidence.answered, null);
});

test('late observations never take evidence back', () => {
  const evidence = evidenceOf(
    [200, answered(masterReport({ offset: 2n }))],
    [100, answered(masterReport())],
    [150, silent()],
  );
  assert.equal(evidence.answered?.report.offset, 2n);
  assert.equal(evidence.heardAtMs, 200);
  assert.equal(evidence.newest.atMs, 200);
  assert.equal(evidenceOf([200, answered(masterReport())], [100, disconnected]).link, 'up');
  assert.equal(evidenceOf([200, disconnected], [100, answered(masterReport())]).link, 'down');
});

test('the established connection: up, dead from its first loss on, up again', () => {
  const lost = evidenceOf(
    [100, answered(masterReport())],
    [110, disconnected],
    [120, disconnected],
    [130, refused],
  );
  assert.deepEqual([lost.link, lost.disconnectedAtMs, lost.refusedAtMs], ['down', 110, 130]);
  const again = evidenceOf(
    [100, answered(masterReport())],
    [110, disconnected],
    [140, answered(masterReport())],
  );
  assert.equal(again.link, 'up');
  const refusedOnly = evidenceOf([100, answered(masterReport())], [130, refused]);
  assert.deepEqual([refusedOnly.link, refusedOnly.disconnectedAtMs], ['down', 130]);
});

test('what happens to a fresh connection says nothing of the established one', () => {
  const evidence = evidenceOf(
    [100, answered(masterReport())],
    [110, disconnected, true],
    [120, refused, true],
  );
  assert.equal(evidence.link, 'up');
  assert.equal(evidence.refusedAtMs, 120);
  const fresh = evidenceOf([100, answered(masterReport()), true]);
  assert.deepEqual([fresh.link, fresh.heardAtMs, fresh.establishedHeardAtMs], ['none', 100, null]);
});

test('receipt: the age of the last byte, rounded up, before the answer was even asked for', () => {
  const evidence = evidenceOf([5_000, answered(slaveReport(1n, { lastReceivedSecondsAgo: 0 }), 10)]);
  assert.equal(evidence.receipt?.afterMs, 3_990);
});

test('receipt: a higher offset proves bytes later than the answer before was asked for', () => {
  const evidence = evidenceOf([5_000, answered(slaveReport(1n), 10)], [5_100, answered(slaveReport(2n), 10)]);
  assert.equal(evidence.receipt?.afterMs, 4_990);
  const same = evidenceOf([5_000, answered(slaveReport(1n), 10)], [5_100, answered(slaveReport(1n), 10)]);
  assert.ok((same.receipt?.afterMs ?? 0) < 0);
});

test('receipt: growth of another stream, process or upstream proves nothing of this master', () => {
  const after = (report: ReturnType<typeof slaveReport>) =>
    evidenceOf([5_000, answered(slaveReport(1n))], [5_100, answered(report)]).receipt?.afterMs ?? 0;
  assert.ok(after(slaveReport(2n, {}, { lineage: lineage('L2') })) < 0);
  assert.ok(after(slaveReport(2n, {}, { incarnation: incarnation('slave-2') })) < 0);
  assert.ok(after(slaveReport(2n, { address: 'other:1' })) < 0);
  assert.ok(after(slaveReport(2n)) > 0, 'and its own growth does');
});

test('receipt: a link that is down received nothing, and keeps what was proven before', () => {
  const evidence = evidenceOf(
    [5_000, answered(slaveReport(1n, { lastReceivedSecondsAgo: 0 }))],
    [5_100, answered(slaveReport(2n, { linkUp: false, lastReceivedSecondsAgo: -1 }))],
  );
  assert.equal(evidence.receipt?.afterMs, 3_999);
  assert.equal(evidence.linkedAtMs, 5_000);
});

test('a restart voids what the process before had shown', () => {
  const other = slaveReport(1n, { linkUp: false }, { incarnation: incarnation('slave-2') });
  const evidence = evidenceOf(
    [5_000, answered(slaveReport(1n, { lastReceivedSecondsAgo: 0 }))],
    [5_100, answered(other)],
  );
  assert.equal(evidence.receipt, null);
  assert.equal(evidence.linkedAtMs, null);
});

test('a full resync is not a link', () => {
  assert.equal(evidenceOf([100, answered(slaveReport(1n, { syncing: true }))]).linkedAtMs, null);
});

test('the book keeps replicas apart, lists them, and forgets', () => {
  const book = new EvidenceBook();
  const ofMaster = observation(answered(masterReport()));
  const ofSlave = { ...observation(silent()), ref: { group: GROUP, replica: A2 } };
  assert.equal(book.record(ofMaster, at(100)), true);
  assert.equal(book.record(ofSlave, at(110)), true);
  assert.equal(book.of({ group: GROUP, replica: A2 })?.heardAtMs, null);
  assert.deepEqual(
    [...book.entries()].map((entry) => entry.ref.replica),
    [M, A2],
  );
  book.forget({ group: GROUP, replica: M });
  assert.equal(book.of({ group: GROUP, replica: M }), null);
  assert.equal(book.size, 1);
});
