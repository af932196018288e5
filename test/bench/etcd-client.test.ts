/** The few bytes of gRPC that the etcd client writes by hand; whether etcd understands them is tried with etcd. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodePut } from './etcd-client.ts';

test('a put is a frame of gRPC with the key as field 1 and the value as field 2', () => {
  const head = [0, 0, 0, 0, 8];
  assert.deepEqual([...encodePut('ab', 'wx')], [...head, 0x0a, 2, 0x61, 0x62, 0x12, 2, 0x77, 0x78]);
});

test('lengths from 128 on take two bytes, the low seven bits first', () => {
  const put = encodePut('k', 'v'.repeat(300));
  assert.deepEqual([...put.subarray(0, 11)], [0, 0, 0, 1, 0x32, 0x0a, 1, 0x6b, 0x12, 0xac, 0x02]);
  assert.equal(put.length, 5 + 3 + 3 + 300);
});
