import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalJson, frameJson, taggedJson, unframeJson } from '../../../src/core/metadata/tagged-json.ts';
import { InvariantError } from '../../../src/core/primitives/assert.ts';

/** Any value of the shapes that state and commands have, bigints among them; no key starts with `$`. */
const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.bigInt(),
    fc.string({ unit: 'binary' }),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.stringMatching(/^[a-z+][A-Za-z$]{0,8}$/), tie('value'), {
      maxKeys: 4,
      noNullPrototype: true,
    }),
  ),
})).value;

test('both writings read back as the same value', () => {
  fc.assert(
    fc.property(values, (value) => {
      for (const text of [taggedJson(value), canonicalJson(value)]) {
        assert.deepEqual(unframeJson(7, frameJson(7, text), 'it'), value);
      }
    }),
  );
});

test('the canonical writing does not depend on the order of keys', () => {
  assert.equal(canonicalJson({ b: 1n, a: [{ d: 1, c: 2 }] }), canonicalJson({ a: [{ c: 2, d: 1 }], b: 1n }));
});

test('another format, broken UTF-8 and broken JSON are told apart from a value', () => {
  const framed = frameJson(1, '{"a":1}');
  assert.throws(
    () => unframeJson(2, framed, 'the snapshot'),
    /the snapshot is of format 1; .* reads format 2/,
  );
  assert.throws(() => unframeJson(1, new Uint8Array(), 'it'), InvariantError);
  assert.throws(() => unframeJson(1, framed.subarray(0, 5), 'it'), InvariantError);
  assert.throws(() => unframeJson(1, Uint8Array.of(1, 0x22, 0xff, 0x22), 'it'), InvariantError);
});
