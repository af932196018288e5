/** All brokers of a set are gone at once, and come back in any order. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BrokerTier, IDC_A, IDC_B } from './broker-tier.ts';

const SITES = [IDC_A, IDC_A, IDC_B] as const;
const ORDERS = [
  [1, 2, 3],
  [1, 3, 2],
  [2, 1, 3],
  [2, 3, 1],
  [3, 1, 2],
  [3, 2, 1],
] as const;

function killAll(world: BrokerTier): void {
  for (const { id } of world.brokers) world.kill(id);
  world.until(() => world.set.master === null, 'without a master', 8_000);
}

for (const order of ORDERS)
  test(`whoever of the sync state set is back first reigns, the others follow: ${order.join(', ')}`, () => {
    const world = new BrokerTier(SITES).begin();
    killAll(world);
    const [first] = order;
    for (const id of order) {
      world.broker(id).restart();
      world.until(() => world.set.master === first, `${first} reigns`, 5_000);
      world.run(500);
    }
    world.until(() => world.isWhole(), 'whole', 20_000);
    assert.equal(world.set.master, first);
    world.judge();
  });

test('who is back first and holds less than all that was acknowledged waits for who holds it', () => {
  const world = new BrokerTier(SITES).begin();
  world.broker(3).state = 'silent';
  world.until(() => !world.set.syncStateSet.includes(3), 'dropped');
  world.run(2_000);
  killAll(world);
  world.broker(3).restart();
  world.run(15_000);
  assert.equal(world.set.master, null);
  world.broker(2).restart();
  world.until(() => world.set.master === 2, 'elected', 5_000);
  world.broker(1).restart();
  world.until(() => world.isWhole(), 'whole', 20_000);
  world.judge();
});
