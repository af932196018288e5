/** Ways between places: cut by several faults at once, open when the last one is over. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodeName } from '../../../src/core/primitives/identifiers.ts';
import { seededRandom } from '../../../src/core/primitives/seeded-random.ts';
import { FAIR_WEATHER, Network } from './network.ts';
import { SITES, STANDINGS } from './places.ts';

const a1 = nodeName('pollux-a1');
const a2 = nodeName('pollux-a2');
const b1 = nodeName('pollux-b1');
const network = (): Network => new Network(STANDINGS[5], seededRandom(1));

const raft = { kind: 'raft', message: { type: 'timeoutNow', term: 1 } } as const;
const forward = { kind: 'forward', forwardId: 1, request: { type: 'readBarrier' } } as const;

test('a cut is one-way, and overlapping cuts end one by one', () => {
  const ways = network();
  const [first, second] = [ways.cut([a1], [b1]), ways.cut([a1], [b1, a2])];
  assert.deepEqual([ways.carries(a1, b1), ways.carries(b1, a1), ways.joins(a1, b1)], [false, true, false]);
  first();
  assert.equal(ways.carries(a1, b1), false);
  second();
  assert.ok(ways.joins(a1, b1) && ways.joins(a1, a2));
});

test('a site that is cut off takes its nodes and its servers with it, and leaves them to each other', () => {
  const ways = network();
  ways.cut([SITES.a], [SITES.b]);
  assert.deepEqual(
    [ways.carries(a1, b1), ways.carries(a2, SITES.b), ways.carries(SITES.a, b1)],
    [false, false, false],
  );
  assert.ok(ways.joins(a1, a2) && ways.joins(a1, SITES.a) && ways.carries(b1, a1));
});

test('after everything was opened, the end of an older cut opens nothing twice', () => {
  const ways = network();
  const open = ways.cut([a1], [b1]);
  ways.heal();
  ways.cut([a1], [b1]);
  open();
  assert.equal(ways.carries(a1, b1), false);
});

test('messages are lost and doubled, but no request of a client is ever doubled', () => {
  const ways = network();
  ways.weather = { ...FAIR_WEATHER, loss: 1, duplication: 1 };
  assert.equal(ways.delaysOf(a1, b1, raft).length, 1);
  assert.equal(ways.delaysOf(a1, b1, forward).length, 0);
  ways.weather = { ...FAIR_WEATHER, duplication: 1 };
  assert.equal(ways.delaysOf(a1, b1, raft).length, 2);
  assert.equal(ways.delaysOf(a1, b1, forward).length, 1);
});

test('a slow way delays what goes one way, until it is over', () => {
  const ways = network();
  const end = ways.slow([a1], [b1], 500);
  assert.ok((ways.delaysOf(a1, b1, raft)[0] ?? 0) > 500);
  assert.ok((ways.delaysOf(b1, a1, raft)[0] ?? 0) < 500);
  end();
  assert.ok((ways.delaysOf(a1, b1, raft)[0] ?? 0) < 500);
});
