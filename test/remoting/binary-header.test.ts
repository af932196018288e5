import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeBinaryHeader } from '../../src/remoting/binary-header.ts';
import { damageText } from '../../src/remoting/damage.ts';

const FIXED = '0069 00 01df 00000007 00000000';
const decode = (hex: string) => decodeBinaryHeader(Buffer.from(hex.replaceAll(' ', ''), 'hex'));

function refusalOf(hex: string): string {
  const header = decode(hex);
  return header.kind === 'damaged' ? damageText(header.damage) : 'none';
}

describe('decodeBinaryHeader', () => {
  it('takes the last value of a name that comes twice, and nothing for an empty value, as Java does', () => {
    const header = decode(
      `${FIXED} 00000000 00000017 0001 61 00000001 31 0001 61 00000001 32 0001 62 00000000`,
    );
    assert.ok(header.kind === 'read');
    assert.deepEqual([...header.value.fields], [['a', '2']]);
    assert.equal(header.value.remark, null);
  });

  it('reads a language that it does not know as none', () => {
    const header = decode('0069 7f 01df 00000007 00000003 00000000 00000000');
    assert.ok(header.kind === 'read');
    assert.deepEqual(
      [header.value.language, header.value.isResponse, header.value.isOneWay],
      [null, true, true],
    );
  });

  const refused: readonly (readonly [what: string, hex: string, text: string])[] = [
    ['an end before the fixed part', '0069', 'expected at least 21 bytes of header, found 2'],
    [
      'a remark of negative length',
      `${FIXED} ffffffff 00000000`,
      'expected a text of at most the 4 bytes left, found -1 bytes',
    ],
    [
      'a remark longer than the header',
      `${FIXED} 00000005 00000000`,
      'expected a text of at most the 4 bytes left, found 5 bytes',
    ],
    [
      'no length of the fields',
      `${FIXED} 00000002 61620000`,
      'expected the length of the fields, found the end of the header',
    ],
    ['fields of negative length', `${FIXED} 00000000 ffffffff`, 'expected 0 bytes of fields, found -1'],
    ['bytes behind the fields', `${FIXED} 00000000 00000000 00`, 'expected 1 bytes of fields, found 0'],
    [
      'a name of negative length',
      `${FIXED} 00000000 00000002 ffff`,
      'expected a text of at most the 0 bytes left, found -1 bytes',
    ],
    [
      'a name without a value',
      `${FIXED} 00000000 00000003 0001 61`,
      'expected a length inside the header, found its end at 24',
    ],
    [
      'a value longer than the header',
      `${FIXED} 00000000 00000008 0001 61 7fffffff 31`,
      'expected a text of at most the 1 bytes left, found 2147483647 bytes',
    ],
    ['a name that is no UTF-8', `${FIXED} 00000000 00000003 0001 ff`, 'expected UTF-8, found 1 other bytes'],
    [
      'more fields than a header has',
      `${FIXED} 00000000 00000606 ${'0000 00000000'.repeat(257)}`,
      'expected at most 256 header fields, found more',
    ],
  ];
  for (const [what, hex, text] of refused) {
    it(`refuses ${what}`, () => {
      assert.equal(refusalOf(hex), text);
    });
  }
});
