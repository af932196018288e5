import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { damageText } from '../../src/remoting/damage.ts';
import { decodeFastjson } from '../../src/remoting/fastjson.ts';
import { jsonBody } from '../../src/remoting/json-writer.ts';
import { REMOTING_LIMITS } from '../../src/remoting/limits.ts';

const decode = (text: string) => decodeFastjson(Buffer.from(text));

function parsed(text: string): unknown {
  const result = decode(text);
  assert.ok(result.kind === 'read', result.kind === 'damaged' ? damageText(result.damage) : '');
  return result.value;
}

function damageOf(bytes: Buffer): string {
  const result = decodeFastjson(bytes);
  return result.kind === 'damaged' ? damageText(result.damage) : 'none';
}

const json = fc.jsonValue({ maxDepth: 6 }).filter((value) => !/__proto__|\$ref/.test(JSON.stringify(value)));

/** Whole numbers that are beyond the exact ones come back as bigints. */
const exactly = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && /^-?\d+$/.test(String(value)) && !Number.isSafeInteger(value)
    ? BigInt(String(value))
    : value;

describe('fastjson', () => {
  it('reads all that JSON has', () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = JSON.stringify(value);
        assert.deepEqual(parsed(text), JSON.parse(text, exactly));
      }),
      { seed: 20_261_126, numRuns: 500 },
    );
  });

  it('reads what is written here, whole numbers of any size included', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })), (values) => {
        const expected = values.map((value) => (Number.isSafeInteger(Number(value)) ? Number(value) : value));
        assert.deepEqual(parsed(jsonBody({ values }).toString()), { values: expected });
      }),
      { seed: 20_261_126 },
    );
    assert.equal(parsed('9223372036854775807'), 9_223_372_036_854_775_807n);
    assert.equal(parsed('-9223372036854775808'), -9_223_372_036_854_775_808n);
    assert.equal(parsed('9007199254740991'), Number.MAX_SAFE_INTEGER);
  });

  it('reads keys that are numbers without quotes', () => {
    assert.deepEqual(parsed('{0:"1.1.1.1:10911","2":"x",-1:{3 : 4}}'), {
      0: '1.1.1.1:10911',
      2: 'x',
      '-1': { 3: 4 },
    });
  });

  it('puts the value in place of a reference to it', () => {
    const text =
      '{"table":{"a-b":{"attributes":{"+k":"v"}},"B":{"attributes":{"$ref":"$.table.a\\\\-b.attributes"}}},"list":[[1],{"$ref":"$.list[0]"}]}';
    assert.deepEqual(parsed(text), {
      table: { 'a-b': { attributes: { '+k': 'v' } }, B: { attributes: { '+k': 'v' } } },
      list: [[1], [1]],
    });
    assert.deepEqual(parsed('{"m":{0:{"x":1}},"n":{"$ref":"$.m[0]"},"o":{"$ref":"$.n"}}'), {
      m: { 0: { x: 1 } },
      n: { x: 1 },
      o: { x: 1 },
    });
  });

  it('makes null of a reference that leads nowhere, or around', () => {
    for (const path of [
      '$.nowhere',
      '$.a.length',
      '$',
      '..',
      '@',
      '$.b',
      'a',
      '$.a[',
      '$.toString',
      `$${'.a'.repeat(99)}`,
    ]) {
      assert.deepEqual(
        parsed(`{"a":"text","b":{"c":{"$ref":"${path}"}}}`),
        { a: 'text', b: { c: null } },
        path,
      );
    }
    assert.deepEqual(parsed('{"a":{"x":{"$ref":"$.b"}},"b":{"y":{"$ref":"$.a"}}}'), {
      a: { x: null },
      b: { y: { x: null } },
    });
  });

  it('refuses references that make much out of little', () => {
    const levels = Array.from({ length: 30 }, (_, at) => {
      const reference = `{"$ref":"$.l${at}"}`;
      return `"l${at + 1}":[${Array.from({ length: 10 }, () => reference).join(',')}]`;
    });
    assert.equal(
      damageOf(Buffer.from(`{"l0":[1],${levels.join(',')}}`)),
      `expected at most ${REMOTING_LIMITS.jsonValues} values, found more, by references`,
    );
  });

  it('takes __proto__ for nothing', () => {
    assert.deepEqual(parsed('{"__proto__":{"polluted":1},"a":1}'), { a: 1 });
    assert.equal(Reflect.get({}, 'polluted'), undefined);
  });

  const refused: readonly (readonly [what: string, text: string, damage: string])[] = [
    ['nothing', '', 'expected a value at byte 0, found the end'],
    ['something behind the end', '{} x', 'expected the end at byte 3, found x'],
    ['a text without an end', '["abc', 'expected the end of a text at byte 1, found "abc'],
    [
      'an escape that JSON has not',
      '"a\\x41"',
      'expected a text with JSON\'s escapes at byte 0, found "a\\x41"',
    ],
    ['an escaped end', '"\\"', 'expected the end of a text at byte 0, found "\\"'],
    ['a control character', '"a\u0001"', 'expected no control character in a text at byte 2, found \u0001"'],
    ['a text in single quotes', "'a'", "expected a value at byte 0, found 'a'"],
    ['a key that is neither text nor number', '{a:1}', 'expected a key at byte 1, found a:1}'],
    ['a key without a value', '{"a"}', "expected ':' at byte 4, found }"],
    ['a list without an end', '[1', "expected ',' or an end at byte 2, found the end"],
    ['a list with nothing behind a comma', '[1,]', 'expected a value at byte 3, found ]'],
    ['a number that is none', '-', 'expected a number at byte 0, found -'],
    ['a sum', '1+2', 'expected a number at byte 0, found 1+2'],
    [
      'a number without end',
      '1'.repeat(41),
      `expected a number of at most 40 characters at byte 0, found ${'1'.repeat(24)}`,
    ],
    ['a word that is none', 'nul', 'expected a value at byte 0, found nul'],
  ];
  for (const [what, text, damage] of refused) {
    it(`refuses ${what}`, () => {
      assert.equal(damageOf(Buffer.from(text)), damage);
    });
  }

  it('refuses what is no UTF-8', () => {
    assert.equal(damageOf(Buffer.from([0x22, 0xff, 0x22])), 'expected a body in UTF-8, found 3 other bytes');
  });

  it('refuses more levels than a body has, however many there are', () => {
    for (const open of ['[', '{"a":']) {
      const text = open.repeat(1_000_000);
      const at = (REMOTING_LIMITS.jsonDepth + 1) * open.length;
      assert.match(damageOf(Buffer.from(text)), new RegExp(`^expected at most 32 levels at byte ${at},`));
    }
    const deepest = `${'['.repeat(REMOTING_LIMITS.jsonDepth)}1${']'.repeat(REMOTING_LIMITS.jsonDepth)}`;
    assert.equal(damageOf(Buffer.from(deepest)), 'none');
    assert.match(damageOf(Buffer.from(`[${deepest}]`)), /^expected at most 32 levels/);
  });

  it('refuses more values than a body has', () => {
    const text = `[${'1,'.repeat(REMOTING_LIMITS.jsonValues)}1]`;
    assert.match(damageOf(Buffer.from(text)), /^expected at most 2000000 values at byte/);
  });
});

describe('jsonBody', () => {
  it('leaves out what is undefined, with bigints and without', () => {
    assert.equal(jsonBody({ b: undefined, a: [1, 'x', null] }).toString(), '{"a":[1,"x",null]}');
    assert.equal(
      jsonBody({ b: undefined, 'a"': [1n, 'x\n', null, true, { c: 2.5 }] }).toString(),
      '{"a\\"":[1,"x\\n",null,true,{"c":2.5}]}',
    );
  });
});
