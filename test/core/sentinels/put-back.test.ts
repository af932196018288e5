import assert from 'node:assert/strict';
import { test } from 'node:test';
import { putBack } from '../../../src/core/sentinels/put-back.ts';
import type { MasterSeen } from '../../../src/core/sentinels/sentinel-port.ts';

const seen: MasterSeen = {
  sentinel: { id: 'a'.repeat(40), address: '10.0.0.1:26379' },
  address: '[2001:db8::1]:6379',
  flags: ['master'],
  quorum: 2,
  settings: [],
  slaves: [],
  others: [],
};

test('a Sentinel gets the address without brackets, and its settings as redis-cli reads them', () => {
  assert.deepEqual(putBack('orders', seen), ['SENTINEL MONITOR orders 2001:db8::1 6379 2']);
  const settings = [
    ['failover-timeout', '6000'],
    ['notification-script', '/opt/our scripts/"tell".sh'],
  ] as const;
  assert.equal(
    putBack('orders', { ...seen, settings })[1],
    'SENTINEL SET orders failover-timeout 6000 notification-script "/opt/our scripts/\\"tell\\".sh"',
  );
});
