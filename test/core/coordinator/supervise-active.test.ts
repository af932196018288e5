import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addRequest, GroupTier } from './adopted-group.ts';
import { A2, B1, M } from './fake-servers.ts';

test('a group is taken on with every slave in its sync set, and its master is interrupted last', () => {
  const tier = new GroupTier();
  assert.equal(tier.ask(addRequest()).ok, true);
  tier.settled(1, [A2, B1]);
  assert.equal(tier.group.master, M);
  assert.deepEqual(tier.servers.writable(), [M]);
  const revoked = tier.servers.done.filter((line) => line.endsWith('revoke'));
  assert.equal(revoked.at(-1), 'm revoke');
  assert.equal(revoked.length, 3);
  assert.deepEqual(tier.alerts, []);
});
