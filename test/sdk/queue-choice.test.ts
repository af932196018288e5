import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RouteAnswer, RouteGroup } from '../../src/contract/routes.ts';
import { chooseQueue, hashOf } from '../../src/sdk/queue-choice.ts';
import { routeAnswer, routeGroup } from './fake-node.ts';

const near = (name: string, address: string | null = '127.0.0.1:1'): RouteGroup => routeGroup(name, address);
const far = (name: string, address: string | null = '127.0.0.1:1'): RouteGroup =>
  routeGroup(name, address, { near: false, idc: 'idc-b' });

function chosen(route: RouteAnswer, key?: string, turn = 0, avoided: readonly string[] = []): string {
  const choice = chooseQueue({ route, key, turn, avoided: new Set(avoided) });
  return choice.ok ? `${choice.value.group.group}${choice.value.queue}` : choice.refusal.code;
}

test('without a key, all queues of the near groups take turns', () => {
  const route = routeAnswer(1, [near('a'), near('b'), far('c')]);
  assert.deepEqual(
    [0, 1, 2, 3, 4].map((turn) => chosen(route, undefined, turn)),
    ['a0', 'a1', 'b0', 'b1', 'a0'],
  );
});

test('the other IDC is used only when no near group takes writes', () => {
  assert.match(chosen(routeAnswer(1, [near('a', null), far('b')])), /^b/);
  assert.equal(chosen(routeAnswer(1, [near('a', null), far('b', null)])), 'noWritableGroup');
});

test('a group that just failed is avoided, near or far, unless nothing else is left', () => {
  const route = routeAnswer(1, [near('a'), near('b'), far('c')]);
  assert.match(chosen(route, undefined, 0, ['a']), /^b/);
  assert.match(chosen(route, undefined, 0, ['a', 'b']), /^c/);
  assert.match(chosen(route, undefined, 0, ['a', 'b', 'c']), /^a/);
});

test('a key stays with its queue, and keys spread', () => {
  const route = routeAnswer(1, [near('a'), near('b')]);
  const queues = new Set(Array.from({ length: 100 }, (_, number) => chosen(route, `key-${number}`, number)));
  assert.equal(queues.size, 4);
  assert.equal(chosen(route, 'k', 1), chosen(route, 'k', 2));
});

test('a key of an ordered topic has one queue, from whichever IDC it is written, and waits for its group', () => {
  const fromA = routeAnswer(1, [near('a'), far('b')], { order: true });
  const fromB = routeAnswer(
    1,
    [
      { ...far('b'), near: true },
      { ...near('a'), near: false },
    ],
    { order: true },
  );
  const keys = Array.from({ length: 50 }, (_, number) => `key-${number}`);
  assert.deepEqual(
    keys.map((key) => chosen(fromA, key)),
    keys.map((key) => chosen(fromB, key)),
  );
  const ofB = keys.find((key) => chosen(fromA, key).startsWith('b')) ?? '';
  assert.equal(chosen(routeAnswer(1, [near('a'), far('b', null)], { order: true }), ofB), 'noWritableGroup');
});

test('a strict topic is not written from an unknown IDC', () => {
  assert.equal(chosen(routeAnswer(1, [far('a')], { near: 'strict' })), 'noWritableGroup');
  assert.equal(chosen(routeAnswer(1, [near('a')], { near: 'strict' })), 'a0');
});

test('the hash is FNV-1a', () => {
  // Published vectors of the 32-bit variant.
  assert.equal(hashOf(''), 0x811c9dc5);
  assert.equal(hashOf('a'), 0xe40c292c);
  assert.equal(hashOf('foobar'), 0xbf9cf968);
});
