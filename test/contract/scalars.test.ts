import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  addressSchema,
  decimalSchema,
  labelsSchema,
  nameSchema,
  offsetSchema,
} from '../../src/contract/scalars.ts';
import { LIMITS } from '../../src/core/primitives/limits.ts';

describe('scalars', () => {
  it('takes names of 1 to 127 of the documented characters', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 130 }), (text) => {
        const expected =
          /^[A-Za-z0-9._-]+$/.test(text) && text.length <= 127 && text !== '.' && text !== '..';
        assert.equal(nameSchema.safeParse(text).success, expected);
      }),
    );
    for (const text of ['a', '...', '.a', 'a'.repeat(127)])
      assert.ok(nameSchema.safeParse(text).success, text);
    for (const text of ['', '.', '..', 'a'.repeat(128), 'a\n', 'ä'])
      assert.ok(!nameSchema.safeParse(text).success, text);
  });

  it('takes every port from 1 to 65535 and no other', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000 }), (port) => {
        assert.equal(addressSchema.safeParse(`h:${port}`).success, port >= 1 && port <= 65_535);
      }),
      { numRuns: 1_000 },
    );
    for (const port of [1, 9_999, 10_000, 59_999, 65_535])
      assert.ok(addressSchema.safeParse(`[::1]:${port}`).success);
    for (const text of ['h:65536', 'h:00080', '::1:80', 'h', 'h:', 'http://h:80', 'h:80/', 'h :80']) {
      assert.ok(!addressSchema.safeParse(text).success, text);
    }
  });

  it('carries every bigint of 64 bits as text', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        assert.equal(BigInt(decimalSchema.parse(value.toString())), value);
        assert.equal(offsetSchema.safeParse(value.toString()).success, value >= 0n);
      }),
    );
    for (const text of ['', '1.0', '0x10', ' 1', '1e3'])
      assert.ok(!decimalSchema.safeParse(text).success, text);
  });

  it('bounds labels in number and names', () => {
    const labels = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, position) => [`label-${position}`, '']));
    assert.ok(labelsSchema.safeParse(labels(LIMITS.labelsPerObject)).success);
    assert.ok(!labelsSchema.safeParse(labels(LIMITS.labelsPerObject + 1)).success);
    assert.ok(!labelsSchema.safeParse({ 'a b': '' }).success);
    assert.deepEqual(Object.keys(labelsSchema.parse(JSON.parse('{"__proto__": "x"}'))), []);
  });
});
