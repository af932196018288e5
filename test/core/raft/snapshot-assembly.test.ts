import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SnapshotAssembly } from '../../../src/core/raft/snapshot-assembly.ts';
import { B, bytes, C } from './harness.ts';

const DATA = bytes('abcdefgh');

const chunk = (offset: number, length: number, index = 9, term = 2) => ({
  type: 'snapshotChunk' as const,
  term,
  snapshot: { index, term: 1 },
  offset,
  totalBytes: DATA.byteLength,
  data: DATA.subarray(offset, offset + length),
  round: 1,
});

test('chunks make the snapshot, in order; doubled and early ones change nothing', () => {
  const assembly = new SnapshotAssembly(100);
  assert.equal(assembly.take(B, chunk(0, 3))?.receivedBytes, 3);
  assert.equal(assembly.take(B, chunk(0, 3))?.receivedBytes, 3);
  assert.equal(assembly.take(B, chunk(6, 2))?.receivedBytes, 3);
  assert.equal(assembly.take(B, chunk(3, 3))?.receivedBytes, 6);
  const done = assembly.take(B, chunk(6, 2));
  assert.equal(Buffer.from(done?.snapshot?.data ?? bytes('')).toString('latin1'), 'abcdefgh');
});

test('bytes of two leaders, terms or snapshots are never mixed', () => {
  for (const [from, other] of [
    [C, chunk(3, 5)],
    [B, chunk(3, 5, 10)],
    [B, chunk(3, 5, 9, 3)],
  ] as const) {
    const assembly = new SnapshotAssembly(100);
    assembly.take(B, chunk(0, 3));
    assert.deepEqual(assembly.take(from, other), { receivedBytes: 0, snapshot: null });
  }
});

test('a snapshot past its limit, or a chunk past its end, is not taken', () => {
  assert.equal(new SnapshotAssembly(7).take(B, chunk(0, 3)), null);
  assert.equal(new SnapshotAssembly(100).take(B, { ...chunk(6, 2), data: DATA }), null);
});

test('an empty state is a snapshot too', () => {
  const done = new SnapshotAssembly(100).take(B, { ...chunk(0, 0), totalBytes: 0 });
  assert.equal(done?.snapshot?.data.byteLength, 0);
});
