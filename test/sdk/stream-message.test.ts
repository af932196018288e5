import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { streamKey } from '../../src/sdk/stream-key.ts';
import { decodeMessage, encodeMessage, type OutgoingMessage } from '../../src/sdk/stream-message.ts';

const onTheWire = (fields: readonly (string | Buffer)[]): readonly Buffer[] =>
  fields.map((field) => (typeof field === 'string' ? Buffer.from(field) : field));

test('a message comes back as it was sent', () => {
  const text = fc.string({ unit: 'binary' });
  // JSON gives `__proto__` a meaning of its own.
  const properties = fc.dictionary(
    text.filter((name) => name !== '__proto__'),
    text,
    { maxKeys: 5, noNullPrototype: true },
  );
  const message = fc.record({ body: fc.uint8Array(), key: text, properties }, { requiredKeys: ['body'] });
  fc.assert(
    fc.property(
      fc.string({ minLength: 1, unit: 'binary' }),
      message,
      fc.nat(),
      (id, sent: OutgoingMessage, born) => {
        const encoded = encodeMessage(id, sent, born);
        assert.ok(encoded.ok);
        assert.deepEqual(decodeMessage(onTheWire(encoded.value.fields)), {
          id,
          key: sent.key ?? null,
          body: Buffer.from(sent.body),
          properties: sent.properties ?? {},
          bornWallMs: born,
        });
      },
    ),
  );
});

test('bounds are refused, each with its field', () => {
  const refusal = (message: OutgoingMessage, id = 'id'): string => {
    const result = encodeMessage(id, message, 0);
    return result.ok ? 'accepted' : `${result.refusal.code} ${result.refusal.field}`;
  };
  const many = Object.fromEntries(Array.from({ length: 65 }, (_, number) => [`p${number}`, '']));
  assert.equal(refusal({ body: 'x' }, ''), 'invalidRequest id');
  assert.equal(refusal({ body: 'x', properties: many }), 'invalidRequest properties');
  assert.equal(refusal({ body: '', key: 'x'.repeat(1024 * 1024) }), 'bodyTooLarge body');
});

test('entries of others are no messages; unknown fields are ignored', () => {
  const decoded = (...fields: readonly string[]): string | null =>
    decodeMessage(onTheWire(fields))?.id ?? null;
  assert.equal(decoded(), null);
  assert.equal(decoded('id', '1', 'body', ''), null);
  assert.equal(decoded('id', '1', 'born', 'soon', 'body', ''), null);
  assert.equal(decoded('id', '1', 'born', '1', 'body', '', 'properties', '[]'), null);
  assert.equal(decoded('id', '1', 'born', '1', 'body', '', 'properties', '{'), null);
  assert.equal(decoded('id', '1', 'born', '1', 'body', '', 'other', 'x'), '1');
});

test('no two queues share a key', () => {
  const name = fc.stringMatching(/^[A-Za-z0-9._-]{1,5}$/);
  const queue = fc.tuple(name, name, fc.nat(20));
  fc.assert(
    fc.property(queue, queue, (left, right) => {
      assert.equal(streamKey(...left) === streamKey(...right), left.join('/') === right.join('/'));
    }),
  );
});
