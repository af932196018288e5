import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryLog } from '../../src/platform/memory-log.ts';
import { describeLog } from './log-contract.ts';

describeLog('memory log', async () => {
  const log = memoryLog();
  return { open: async () => log, dispose: async () => undefined };
});

test('what a memory log holds can be looked at without waiting, and is a copy', async () => {
  const log = memoryLog();
  await log.load();
  const data = Uint8Array.from([1, 2, 3]);
  await log.persist({
    hardState: { term: 1, votedFor: null, commitIndex: 0 },
    snapshot: null,
    truncateFrom: null,
    entries: [{ index: 1, term: 1, kind: 'command', data }],
    compactBelow: null,
  });
  data[0] = 9;
  assert.deepEqual([...(log.contents().entries[0]?.data ?? [])], [1, 2, 3]);
});
