import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Header } from '../../src/remoting/header.ts';
import { decodeJsonHeader } from '../../src/remoting/json-header.ts';
import { KnownHeaders } from '../../src/remoting/known-headers.ts';

const routeOf = (opaque: string | number, topic = 'TopicA'): string =>
  `{"code":105,"extFields":{"topic":"${topic}"},"flag":0,"language":"JAVA","opaque":${opaque},"version":479}`;

/** What the engine makes of it, nothing kept, and how often that was needed. */
function reader() {
  const known = new KnownHeaders();
  let decoded = 0;
  const plainly = (bytes: Buffer): Header | null => {
    decoded += 1;
    const { opaque, extFields } = JSON.parse(bytes.toString()) as {
      opaque?: unknown;
      extFields?: Record<string, string>;
    };
    if (typeof opaque !== 'number') return null;
    const fields = new Map(Object.entries(extFields ?? {}));
    return {
      code: 105,
      language: 'JAVA',
      version: 0,
      isResponse: false,
      isOneWay: false,
      remark: null,
      fields,
      opaque,
    };
  };
  return {
    known,
    decoded: () => decoded,
    read: (text: string) => known.read(Buffer.from(text), plainly),
  };
}

describe('KnownHeaders', () => {
  it('takes a header apart once, whatever number it has', () => {
    const { read, decoded } = reader();
    for (const opaque of [7, 0, 123_456_789, 7]) {
      const header = read(routeOf(opaque));
      assert.deepEqual([header?.opaque, header?.fields.get('topic')], [opaque, 'TopicA']);
    }
    assert.equal(decoded(), 1);
    assert.equal(read(routeOf(7, 'TopicB'))?.fields.get('topic'), 'TopicB');
    assert.equal(read(routeOf(7, 'Töpic'))?.fields.get('topic'), 'Töpic');
    assert.equal(read(routeOf(7, 'Tópic'))?.fields.get('topic'), 'Tópic');
    assert.equal(decoded(), 4);
  });

  const odd: readonly (readonly [what: string, texts: readonly string[], opaques: readonly unknown[]])[] = [
    ['a sign', [routeOf(5), routeOf(-5)], [5, -5]],
    ['an exponent', [routeOf('1e3'), routeOf('2e3')], [1_000, 2_000]],
    ['more digits than 32 bits hold', [routeOf(5), routeOf('99999999999')], [5, 99_999_999_999]],
    ['a space', [routeOf(' 5'), routeOf(' 6')], [5, 6]],
    [
      'the name within a field',
      ['{"extFields":{"opaque":5},"opaque" :7}', '{"extFields":{"opaque":6},"opaque" :7}'],
      [7, 7],
    ],
    [
      'the name a second time, escaped',
      ['{"a":{"opaque":5},"\\u006fpaque":7}', '{"a":{"opaque":6},"\\u006fpaque":7}'],
      [7, 7],
    ],
    ['the number twice', ['{"opaque":5,"opaque":7}', '{"opaque":6,"opaque":7}'], [7, 7]],
    ['no number', ['{"opaque":"5"}', '{"code":1}'], [undefined, undefined]],
  ];
  for (const [what, texts, opaques] of odd)
    it(`is not misled by ${what}`, () => {
      const { read } = reader();
      assert.deepEqual(
        texts.map((text) => read(text)?.opaque),
        opaques,
      );
    });

  it('refuses zeros in front every time, whatever it knows', () => {
    assert.equal(decodeJsonHeader(Buffer.from(routeOf(7))).kind, 'read');
    const zeros = (): unknown => decodeJsonHeader(Buffer.from(routeOf('007')));
    assert.deepEqual(zeros(), zeros());
    const fresh = decodeJsonHeader(Buffer.from(routeOf('007', 'NobodyAskedForThis')));
    assert.equal((zeros() as { kind: string }).kind, fresh.kind);
  });

  it('keeps a bounded number, those that are asked for, and no long ones', () => {
    const { read, known, decoded } = reader();
    for (let nth = 0; nth < 20_000; nth += 1) {
      read(routeOf(nth, `topic-${nth}`));
      if (nth % 1_000 === 0) read(routeOf(nth, 'asked-for'));
    }
    assert.ok(known.count <= 2 * 4_096, String(known.count));
    assert.equal(decoded(), 20_001);
    const long = 'x'.repeat(600);
    read(routeOf(1, long));
    read(routeOf(2, long));
    assert.equal(decoded(), 20_003);
  });
});
