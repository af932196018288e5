import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ByteBudget, heldUntil } from '../../../src/doors/rocketmq/byte-budget.ts';

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

it('holds nothing of a request that is passed over, and counts again from the next one on', () => {
  const budget = new ByteBudget(100);
  const [one, other] = [budget.share(), budget.share()];
  other.arrived(30);
  one.arrived(60);
  one.passOver();
  assert.equal(budget.used, 30);
  assert.ok(one.arrived(1_000));
  one.taken()();
  assert.equal(budget.used, 30);
  assert.equal(one.arrived(71), false);
});

it('holds what is served until it is answered, or has failed', async () => {
  let released = 0;
  const release = (): void => {
    released += 1;
  };
  assert.equal(
    heldUntil(release, () => 7),
    7,
  );
  assert.equal(released, 1);
  const fails = (): never => {
    throw new Error('a bug');
  };
  assert.throws(() => heldUntil(release, fails), /a bug/);
  assert.equal(released, 2);
  let done: (value: number) => void = () => undefined;
  const later = heldUntil(release, () => new Promise<number>((resolve) => (done = resolve)));
  assert.equal(released, 2);
  done(8);
  assert.equal(await later, 8);
  assert.equal(released, 3);
  await assert.rejects(async () => heldUntil(release, async () => fails()));
  assert.equal(released, 4);
});
