import assert from 'node:assert/strict';
import { test } from 'node:test';
import { B, BrokerTier, IDC_A, IDC_B, W } from './broker-tier.ts';

/** A set whose master stands in the first IDC, while this node, started anew, is called by no broker. */
function uncalled(): BrokerTier {
  const world = new BrokerTier([IDC_A, IDC_A, IDC_B]).begin();
  const input = world.tier.input.bind(world.tier);
  world.tier.input = (node, what) => {
    if (node !== B || what.kind !== 'broker') input(node, what);
  };
  world.tier.crash(B);
  world.run(500);
  world.tier.start(B);
  return world;
}

test('a node that was just started can testify of a master that dies before it calls, which is all that is left to do', () => {
  const world = uncalled();
  world.run(1_500);
  world.tier.crash(W);
  world.kill(1);
  world.until(() => world.tier.leader() !== null, 'a leader');
  world.until(() => world.set.masterEpoch === 2 && world.set.master !== null, 'elected', 8_000);
  world.judge();
});

test('a master is asked until it has answered once, and then no more', () => {
  const world = uncalled();
  const { address } = world.broker(1);
  world.broker(1).unreachableFrom.add(B);
  world.asked.length = 0;
  const asks = (): number => world.asked.filter((line) => line === `${B} ${address} probe`).length;
  world.run(5_000);
  const before = asks();
  assert.ok(before >= 3, `${before} times`);
  world.broker(1).unreachableFrom.clear();
  world.run(2_000);
  const reached = asks();
  assert.ok(reached > before);
  world.run(3_000);
  assert.equal(asks(), reached);
});
