import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { siteName } from '../../../src/core/primitives/identifiers.ts';
import { LIMITS } from '../../../src/core/primitives/limits.ts';
import {
  type AddressTable,
  buildAddressTable,
  idcOfAddress,
} from '../../../src/core/routing/idc-of-address.ts';
import { parseIpAddress } from '../../../src/core/routing/ip-address.ts';

function tableOf(ranges: Readonly<Record<string, string>>): AddressTable {
  const table = buildAddressTable(
    Object.entries(ranges).map(([range, site]) => ({ range, site: siteName(site) })),
  );
  assert.ok(table.ok, JSON.stringify(table));
  return table.value;
}

function refusalOf(...ranges: readonly string[]): string {
  const table = buildAddressTable(ranges.map((range) => ({ range, site: siteName('idc-a') })));
  return table.ok ? 'accepted' : `${table.refusal.code} ${table.refusal.field ?? ''}`;
}

test('the longest range that holds the address wins', () => {
  const table = tableOf({
    '10.0.0.0/8': 'idc-a',
    '10.2.0.0/16': 'idc-b',
    '10.2.3.4': 'idc-c',
    '2001:db8::/32': 'idc-b',
    '2001:db8:5::/48': 'idc-a',
  });
  assert.equal(idcOfAddress(table, '10.1.1.1'), 'idc-a');
  assert.equal(idcOfAddress(table, '10.2.1.1'), 'idc-b');
  assert.equal(idcOfAddress(table, '10.2.3.4'), 'idc-c');
  assert.equal(idcOfAddress(table, '11.0.0.1'), null);
  assert.equal(idcOfAddress(table, '2001:db8::1'), 'idc-b');
  assert.equal(idcOfAddress(table, '2001:db8:5:ffff::1'), 'idc-a');
  assert.equal(idcOfAddress(table, '2001:db9::1'), null);
});

test('an IPv4 client on a dual-stack socket is placed by its IPv4 range, whichever way the range is written', () => {
  assert.equal(idcOfAddress(tableOf({ '10.0.0.0/8': 'idc-a' }), '::ffff:10.9.9.9'), 'idc-a');
  assert.equal(idcOfAddress(tableOf({ '::ffff:10.0.0.0/104': 'idc-a' }), '10.9.9.9'), 'idc-a');
  assert.equal(idcOfAddress(tableOf({ '::/0': 'idc-a' }), '10.9.9.9'), null);
});

test('a range of everything catches what no longer range does', () => {
  const table = tableOf({ '0.0.0.0/0': 'idc-a', '192.168.0.0/16': 'idc-b' });
  assert.equal(idcOfAddress(table, '8.8.8.8'), 'idc-a');
  assert.equal(idcOfAddress(table, '192.168.1.1'), 'idc-b');
  assert.equal(idcOfAddress(table, 'no address'), null);
});

test('ranges that say nothing clear are refused with their position', () => {
  assert.equal(refusalOf('10.0.0.0/8', '10.0.0.0/8'), 'duplicateName 1.range');
  assert.equal(refusalOf('10.0.0.1/8'), 'invalidRequest 0.range');
  assert.equal(refusalOf('::ffff:10.0.0.0/90'), 'invalidRequest 0.range');
  for (const text of [
    '',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0/8',
    '10.0.0.0/8/8',
    '::/129',
    'idc-a',
    '10.0.0.0/',
    '010.0.0.0/8',
    'fe80::%eth0/64',
  ]) {
    assert.equal(refusalOf(text), 'invalidRequest 0.range', text);
  }
  const many = Array.from(
    { length: LIMITS.addressRanges + 1 },
    (_, index) => `10.${index >> 8}.${index & 255}.0/24`,
  );
  assert.equal(refusalOf(...many), 'limitReached ');
  assert.equal(refusalOf(...many.slice(1)), 'accepted');
});

test('what is an address is what the platform calls one', () => {
  const piece = fc.constantFrom(
    '0',
    '1',
    '01',
    '255',
    '256',
    'ffff',
    '12345',
    ':',
    '::',
    '.',
    'g',
    '%e',
    '1.2.3.4',
  );
  const text = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.array(piece, { maxLength: 9 }).map((parts) => parts.join('')),
    fc.string(),
  );
  fc.assert(
    fc.property(text, (address) => {
      // A zone without a name is the platform's own affair.
      fc.pre(!address.includes('%'));
      assert.equal(parseIpAddress(address) !== null, isIP(address) !== 0);
    }),
    { numRuns: 2_000 },
  );
});

test('a lookup agrees with testing every range by hand', () => {
  const range = fc.record({
    prefixBits: fc.integer({ min: 0, max: 8 }),
    top: fc.integer({ min: 0, max: 255 }),
  });
  fc.assert(
    fc.property(fc.array(range, { maxLength: 12 }), fc.integer({ min: 0, max: 255 }), (ranges, top) => {
      const distinct = new Map(
        ranges.map(({ prefixBits, top: bits }) => {
          const prefix = prefixBits === 0 ? 0 : (bits >> (8 - prefixBits)) << (8 - prefixBits);
          return [`${prefix}.0.0.0/${prefixBits}`, { prefixBits, prefix }] as const;
        }),
      );
      const table = tableOf(Object.fromEntries([...distinct.keys()].map((text) => [text, text])));
      const holding = [...distinct]
        .filter(([, { prefixBits, prefix }]) =>
          Array.from({ length: prefixBits }, (_, bit) => 7 - bit).every(
            (bit) => ((top ^ prefix) & (1 << bit)) === 0,
          ),
        )
        .sort(([, left], [, right]) => right.prefixBits - left.prefixBits);
      assert.equal(idcOfAddress(table, `${top}.1.2.3`), holding[0]?.[0] ?? null);
    }),
  );
});
