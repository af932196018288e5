import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { decodeProperties, encodeProperties } from '../../../src/remoting/messages/properties-text.ts';
import { damageIn, valueIn } from './read-message.ts';

const decode = (text: string) => [...valueIn(decodeProperties(Buffer.from(text)))];

describe('properties', () => {
  const read: readonly (readonly [
    what: string,
    text: string,
    entries: readonly (readonly [string, string])[],
  ])[] = [
    [
      'a line for each',
      'a=1\nb = 2\r\nc:3\rd 4\n',
      [
        ['a', '1'],
        ['b', '2'],
        ['c', '3'],
        ['d', '4'],
      ],
    ],
    ['comments and blank lines', '# no\n! no\n\n  # no\n a=#1\n', [['a', '#1']]],
    [
      'a key without a value',
      'a\nb=\n',
      [
        ['a', ''],
        ['b', ''],
      ],
    ],
    [
      'only the first separator',
      'a==1\nb=1:2 = 3\n',
      [
        ['a', '=1'],
        ['b', '1:2 = 3'],
      ],
    ],
    ['escaped separators', 'a\\ b\\=c=1\n', [['a b=c', '1']]],
    [
      'lines that go on',
      'a=1,\\\n   2,\\\r\n3\nb=x\\\\\nc=y\\',
      [
        ['a', '1,2,3'],
        ['b', 'x\\'],
        ['c', 'y'],
      ],
    ],
    ['characters by name and number', 'a=\\t\\n\\r\\f\\u00e9\\q\n', [['a', '\t\n\r\fé' + 'q']]],
    ['UTF-8', 'a=é\n', [['a', 'é']]],
    ['the last value of a key', 'a=1\na=2\n', [['a', '2']]],
    ['nothing', '', []],
  ];
  for (const [what, text, entries] of read) {
    it(`are read: ${what}`, () => {
      assert.deepEqual(decode(text), entries);
    });
  }

  it('come back as they were written', () => {
    const texts = fc.string({ unit: 'binary', maxLength: 12 });
    fc.assert(
      fc.property(fc.array(fc.tuple(texts, texts), { maxLength: 6 }), (entries) => {
        const properties = new Map(entries);
        assert.deepEqual(valueIn(decodeProperties(encodeProperties(properties))), properties);
      }),
      { seed: 20_261_126, numRuns: 1_000 },
    );
    assert.equal(encodeProperties(new Map([['listenPort', '9876']])).toString(), 'listenPort=9876\n');
  });

  it('are refused where a character by number has no number, and where they are too many', () => {
    assert.equal(
      damageIn(decodeProperties(Buffer.from('a=\\u00g0'))),
      'expected four hexadecimal digits behind \\u, found a=\\u00g0',
    );
    assert.equal(
      damageIn(decodeProperties(Buffer.from('a=1\n'.repeat(4_097)))),
      'expected at most 4096 properties, found 4097',
    );
    assert.equal(
      damageIn(decodeProperties(Buffer.from([0xff]))),
      'expected properties in UTF-8, found 1 other bytes',
    );
  });
});
