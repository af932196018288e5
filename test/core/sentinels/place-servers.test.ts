import assert from 'node:assert/strict';
import { test } from 'node:test';
import { siteName } from '../../../src/core/primitives/identifiers.ts';
import { isLoopback, type Places, placeOf } from '../../../src/core/sentinels/place-servers.ts';

const places: Places = {
  said: new Map([
    ['10.1.0.1:6379', siteName('idc-b')],
    ['10.1.0.2', siteName('idc-b')],
    ['redis.local:1', siteName('idc-a')],
    ['::1', siteName('idc-a')],
    ['[2001:db8::2]', siteName('idc-b')],
  ]),
  idcOfAddress: (host) => (host.startsWith('10.1.') || host.includes('db8') ? siteName('idc-a') : null),
};

test('what the operator says goes before the ranges: an address, then its host', () => {
  const found = [
    '10.1.0.1:6379',
    '10.1.0.1:6380',
    '10.1.0.2:1',
    '[::1]:5',
    '[2001:db8::2]:5',
    '[2001:db8::3]:5',
  ];
  assert.deepEqual(
    found.map((address) => Object.values(placeOf(places, address) ?? {}).join(' ')),
    ['idc-b site', 'idc-a addressRange', 'idc-b site', 'idc-a site', 'idc-b site', 'idc-a addressRange'],
  );
  assert.equal(placeOf(places, '10.3.0.1:6379'), null);
});

test('addresses that are another server on every host', () => {
  const loops = [
    '127.0.0.1:1',
    '127.8.8.8:1',
    '[::1]:1',
    'localhost:1',
    'LocalHost:1',
    '0.0.0.0:1',
    '[::]:1',
  ];
  assert.deepEqual(
    loops.filter((address) => !isLoopback(address)),
    [],
  );
  assert.deepEqual(['10.127.0.1:1', '[::2]:1', 'localhost.example:1', '1.0.0.127:1'].filter(isLoopback), []);
});
