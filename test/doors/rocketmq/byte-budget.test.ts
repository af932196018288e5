import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ByteBudget } from '../../../src/doors/rocketmq/byte-budget.ts';

it('counts what all connections wait for, and refuses the one that goes beyond', () => {
  const budget = new ByteBudget(100);
  const [one, other] = [budget.share(), budget.share()];
  assert.ok(one.arrived(60));
  assert.ok(other.arrived(40));
  assert.equal(other.arrived(1), false);
  other.taken()();
  assert.equal(budget.used, 60);
  assert.ok(other.arrived(40));
  one.taken()();
  other.taken()();
  assert.equal(budget.used, 0);
});

it('holds a request until it is answered, whatever arrives behind it', () => {
  const budget = new ByteBudget(100);
  const share = budget.share();
  share.arrived(60);
  const answered = share.taken();
  assert.ok(share.arrived(40));
  assert.equal(budget.share().arrived(1), false);
  answered();
  answered();
  assert.equal(budget.used, 41);
});
