import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ByteBudget } from '../../../src/doors/rocketmq/byte-budget.ts';

it('counts what all connections wait for, and refuses the one that goes beyond', () => {
  const budget = new ByteBudget(100);
  const [one, other] = [budget.share(), budget.share()];
  assert.ok(one.arrived(60));
  assert.ok(other.arrived(40));
  assert.equal(other.arrived(1), false);
  other.taken();
  assert.equal(budget.used, 60);
  assert.ok(other.arrived(40));
  one.taken();
  other.taken();
  assert.equal(budget.used, 0);
});
