import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { damageText } from '../../src/remoting/damage.ts';
import { decodeJsonHeader, encodeJsonHeader } from '../../src/remoting/json-header.ts';
import { createRequest, fieldsOf } from '../../src/remoting/remoting-command.ts';
import { REQUEST } from '../../src/remoting/request-codes.ts';

function headerOf(text: string) {
  const header = decodeJsonHeader(Buffer.from(text));
  assert.ok(header.kind === 'read', text);
  return header.value;
}

describe('a JSON header', () => {
  it('is written key for key as Java writes it', () => {
    const fields = fieldsOf({ topic: 'TopicA', left: null, out: undefined });
    assert.equal(
      encodeJsonHeader(createRequest({ code: REQUEST.getRouteInfoByTopic, opaque: 7, fields })),
      '{"code":105,"extFields":{"topic":"TopicA"},"flag":0,"language":"JAVA","opaque":7,"serializeTypeCurrentRPC":"JSON","version":479}',
    );
  });

  it('is read where only the code, the opaque and the flag are there', () => {
    assert.deepEqual(headerOf('{"code":0,"opaque":7,"flag":1}'), {
      code: 0,
      language: 'JAVA',
      version: 0,
      opaque: 7,
      isResponse: true,
      isOneWay: false,
      remark: null,
      fields: new Map(),
    });
  });

  it('may have values that are no strings, as Java reads them', () => {
    const { fields } = headerOf(
      '{"code":1,"opaque":7,"extFields":{"a":5,"b":true,"c":null,"d":"","e":9223372036854775807}}',
    );
    assert.deepEqual(
      [...fields],
      [
        ['a', '5'],
        ['b', 'true'],
        ['d', ''],
        ['e', '9223372036854775807'],
      ],
    );
  });

  it('is the same whichever way it is read: a number among its fields is all that differs', () => {
    const values = ['', 'x', '\u0000', 'zwölf', '"', '\\', '9223372036854775807', '$ref', '__proto__'];
    for (const more of [
      {},
      { remark: 'no' },
      { language: 'GO', version: 479, flag: 3 },
      { language: 'COBOL' },
    ]) {
      const common = { code: -1, opaque: -2_147_483_648, ...more };
      const strings = Object.fromEntries(values.map((value, at) => [`f${at}`, value]));
      const quick = headerOf(JSON.stringify({ ...common, extFields: strings }));
      const careful = headerOf(JSON.stringify({ ...common, extFields: { ...strings, last: 1 } }));
      assert.deepEqual([...quick.fields, ['last', '1']], [...careful.fields]);
      assert.deepEqual({ ...quick, fields: null }, { ...careful, fields: null });
    }
  });

  it('may name a language that we do not know, or one by its number', () => {
    assert.equal(headerOf('{"code":1,"opaque":7,"language":"COBOL"}').language, null);
    assert.equal(headerOf('{"code":1,"opaque":7,"language":9}').language, 'GO');
  });

  const refused: readonly (readonly [what: string, text: string])[] = [
    ['no JSON', '{'],
    ['an array', '[]'],
    ['no code', '{"opaque":7}'],
    ['a code that is no integer', '{"code":1.5,"opaque":7}'],
    ['an opaque beyond 32 bits', '{"code":1,"opaque":2147483648}'],
    ['a field that is an object', '{"code":1,"opaque":7,"extFields":{"a":{}}}'],
  ];
  for (const [what, text] of refused) {
    it(`is refused with ${what}`, () => {
      const header = decodeJsonHeader(Buffer.from(text));
      assert.ok(header.kind === 'damaged');
      assert.equal(
        damageText(header.damage),
        `expected a JSON header with code, opaque and flag, found ${text}`,
      );
    });
  }

  it('is refused with more fields than a header has', () => {
    const extFields = Object.fromEntries(Array.from({ length: 257 }, (_, at) => [`f${at}`, '']));
    const header = decodeJsonHeader(Buffer.from(JSON.stringify({ code: 1, opaque: 7, extFields })));
    assert.ok(header.kind === 'damaged');
    assert.equal(damageText(header.damage), 'expected at most 256 header fields, found 257');
  });
});
