import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Inbox, waitsForDisk } from '../../../src/core/node/inbox.ts';
import type { NodeInput } from '../../../src/core/node/inputs.ts';
import { nodeName } from '../../../src/core/primitives/identifiers.ts';
import { LIMITS } from '../../../src/core/primitives/limits.ts';

const tick: NodeInput = { kind: 'tick' };

test('what waits is taken once, in order, and bounded', () => {
  const inbox = new Inbox();
  const inputs: NodeInput[] = [tick, { kind: 'handOver' }, { kind: 'tick' }];
  for (const input of inputs) inbox.add(input);
  assert.deepEqual(inbox.takeAll(), inputs);
  assert.deepEqual(inbox.takeAll(), []);
  for (let count = 0; count < LIMITS.inboxInputs + 10; count += 1) inbox.add(tick);
  assert.equal(inbox.takeAll().length, LIMITS.inboxInputs);
});

test('only consensus waits for the disk, and of it nothing that may be stepped ahead', () => {
  const from = nodeName('b');
  const raft = { kind: 'raft', message: { type: 'timeoutNow', term: 1 } } as const;
  const evidence = { kind: 'coordinator', message: { type: 'evidence', observations: [] } } as const;
  const waits = (input: NodeInput, mayStepAhead: boolean): boolean =>
    waitsForDisk(input, { mayStepAhead: () => mayStepAhead });
  assert.equal(waits(tick, true), true);
  assert.equal(waits({ kind: 'handOver' }, true), true);
  assert.equal(waits({ kind: 'peer', from, message: raft }, false), true);
  assert.equal(waits({ kind: 'peer', from, message: raft }, true), false);
  assert.equal(waits({ kind: 'peer', from, message: evidence }, false), false);
  assert.equal(waits({ kind: 'persisted', persistId: 1 }, false), false);
  assert.equal(waits({ kind: 'settle' }, false), false);
});
