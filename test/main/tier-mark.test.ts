import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodeName } from '../../src/core/primitives/identifiers.ts';
import { accepted, refused } from '../../src/core/primitives/refusal.ts';
import { TierMark } from '../../src/main/tier-mark.ts';

const SELF = nodeName('node-a');
const knowing = (directoryId: string | null, tierId: string | null = 'tier-1') => ({
  tierId,
  joined: new Map(directoryId === null ? [] : [[SELF, directoryId]]),
});
const current = accepted({ kind: 'current', index: 7 } as const);
const barrier = { type: 'readBarrier' } as const;

test('a mark is left by a node that is current, once in a while, until it is there', () => {
  const mark = new TierMark({ node: SELF, directoryId: 'own' });
  assert.equal(mark.look(knowing(null, null), true, 0), 'wait');
  assert.equal(mark.look(knowing(null), false, 0), 'wait');
  const command = { type: 'member.join', node: SELF, directoryId: 'own' };
  assert.deepEqual(mark.look(knowing(null), true, 0), { type: 'propose', command });
  assert.equal(mark.look(knowing(null), true, 499), 'wait');
  assert.deepEqual(mark.look(knowing(null), true, 500), { type: 'propose', command });
  assert.equal(mark.look(knowing('own'), true, 501), 'done');
});

test('the mark of another directory counts only once the node has caught up', () => {
  const mark = new TierMark({ node: SELF, directoryId: 'own' });
  assert.deepEqual(mark.look(knowing('former'), true, 0), barrier);
  assert.equal(mark.isOfAnother(barrier, refused('noLeader', 'not yet'), knowing('former')), false);
  assert.equal(mark.isOfAnother(barrier, current, knowing('own')), false);
  assert.equal(mark.isOfAnother(barrier, current, knowing('former')), true);
});
