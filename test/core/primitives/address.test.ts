import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitAddress } from '../../../src/core/primitives/address.ts';

test('an address is taken apart at its last colon, an IPv6 host without its brackets', () => {
  assert.deepEqual(splitAddress('redis-1.idc-a:6379'), { host: 'redis-1.idc-a', port: '6379' });
  assert.deepEqual(splitAddress('10.0.0.1:6379'), { host: '10.0.0.1', port: '6379' });
  assert.deepEqual(splitAddress('[fe80::1]:6379'), { host: 'fe80::1', port: '6379' });
  // As Redis names its master.
  assert.deepEqual(splitAddress('fe80::1:6379'), { host: 'fe80::1', port: '6379' });
});
