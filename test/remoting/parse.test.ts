import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { damageText } from '../../src/remoting/damage.ts';
import {
  address,
  flag,
  headerCodec,
  integer,
  long,
  name,
  optional,
  parseBody,
} from '../../src/remoting/parse.ts';

const codec = headerCodec(
  z.object({
    name,
    address: optional(address),
    long: optional(long),
    integer: optional(integer),
    flag: optional(flag),
  }),
);

const decode = (fields: Readonly<Record<string, string>>) => codec.decode(new Map(Object.entries(fields)));

describe('fields', () => {
  it('become what they mean; absent ones are null, and unknown ones are ignored', () => {
    assert.deepEqual(
      decode({ name: 'n', long: '-9223372036854775808', flag: 'TRUE', address: '::1:9876', more: 'x' }),
      {
        kind: 'read',
        value: { name: 'n', long: -(2n ** 63n), flag: true, address: '::1:9876', integer: null },
      },
    );
    assert.deepEqual(decode({ name: 'n', flag: 'yes' }), {
      kind: 'read',
      value: { name: 'n', long: null, flag: false, address: null, integer: null },
    });
  });

  const refused: readonly (readonly [fields: Readonly<Record<string, string>>, damage: string])[] = [
    [{}, 'expected name: a text of 1 to 255 characters, found none'],
    [
      { name: 'n', long: '9223372036854775808' },
      'expected long: a whole number of 64 bits, found "9223372036854775808"',
    ],
    [{ name: 'n', integer: '2147483648' }, 'expected integer: a whole number of 32 bits, found "2147483648"'],
    [{ name: 'n', integer: '1.0' }, 'expected integer: a whole number of 32 bits, found "1.0"'],
    [{ name: 'n', address: 'host' }, 'expected address: an address, host:port, found "host"'],
    [{ name: 'n', address: 'a b:1' }, 'expected address: an address, host:port, found "a b:1"'],
  ];
  for (const [fields, damage] of refused) {
    it(`are refused: ${damage}`, () => {
      const result = decode(fields);
      assert.equal(result.kind === 'damaged' && damageText(result.damage), damage);
    });
  }
});

describe('a body', () => {
  it('that is something else is told in a few words, whatever it is', () => {
    const found = (body: string): string => {
      const result = parseBody(z.object({ a: z.string('a text') }, 'an object'), Buffer.from(body));
      return result.kind === 'damaged' ? result.damage.found : 'nothing wrong';
    };
    assert.deepEqual(
      [
        '1',
        '9223372036854775807',
        'null',
        '[1,9223372036854775807]',
        '{"a":[9223372036854775807]}',
        '{"a":{}}',
        '{}',
      ].map(found),
      ['1', '9223372036854775807', 'null', 'a list of 2', 'a list of 1', 'an object', 'none'],
    );
    assert.ok(found(`{"a":[${'9223372036854775807,'.repeat(50_000)}1]}`).length < 20);
  });
});
