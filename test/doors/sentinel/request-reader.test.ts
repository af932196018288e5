import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { LIMITS } from '../../../src/core/primitives/limits.ts';
import { RequestReader } from '../../../src/doors/sentinel/request-reader.ts';

const encoded = (words: readonly string[]): Buffer =>
  Buffer.from(
    `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`,
    'latin1',
  );

/** Everything that comes out of `bytes` when they arrive in these pieces. */
function readAll(
  pieces: readonly Buffer[],
  isTrusted = true,
): { requests: string[][]; broken: string | null } {
  const reader = new RequestReader();
  reader.trust(isTrusted);
  const requests: string[][] = [];
  for (const piece of pieces) {
    reader.push(piece);
    for (;;) {
      const outcome = reader.next();
      if (outcome.kind === 'incomplete') break;
      if (outcome.kind === 'broken') return { requests, broken: outcome.text };
      requests.push([...outcome.words]);
    }
  }
  return { requests, broken: null };
}

const words = fc.array(
  fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 40 }).map((codes) => String.fromCharCode(...codes)),
  { minLength: 1, maxLength: 6 },
);

describe('RequestReader', () => {
  it('reads the same requests however their bytes are split', () => {
    fc.assert(
      fc.property(
        fc.array(words, { minLength: 1, maxLength: 5 }),
        fc.array(fc.nat(200)),
        (requests, cuts) => {
          const bytes = Buffer.concat(requests.map(encoded));
          const edges = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
          const pieces = [0, ...edges].map((from, at) => bytes.subarray(from, edges[at] ?? bytes.length));
          assert.deepEqual(readAll(pieces), { requests, broken: null });
        },
      ),
    );
  });

  it('reads a request byte by byte', () => {
    const bytes = encoded(['SENTINEL', 'get-master-addr-by-name', 'orders']);
    const pieces = [...bytes].map((byte) => Buffer.from([byte]));
    assert.deepEqual(readAll(pieces).requests, [['SENTINEL', 'get-master-addr-by-name', 'orders']]);
  });

  it('reads lines of words, and passes over empty requests in silence', () => {
    const text = '\r\nPING\n*0\r\n*-1\r\n  \r\nsentinel "masters"\r\n';
    assert.deepEqual(readAll([Buffer.from(text)]).requests, [['PING'], ['sentinel', 'masters']]);
  });

  const broken: readonly (readonly [what: string, bytes: string, text: string])[] = [
    ['a count that is no number', '*x\r\n', 'invalid multibulk length'],
    ['more words than may be', `*${LIMITS.sentinelRequestWords + 1}\r\n`, 'invalid multibulk length'],
    ['a word without its sign', '*1\r\nPING\r\n', "expected '$', got 'P'"],
    ['a word of negative length', '*1\r\n$-1\r\n', 'invalid bulk length'],
    ['a word that is too long', `*1\r\n$${LIMITS.sentinelRequestBytes}\r\n`, 'invalid bulk length'],
    ['a length beyond all numbers', '*1\r\n$99999999999999999999\r\n', 'invalid bulk length'],
    ['a line without an end', 'x'.repeat(LIMITS.sentinelLineBytes + 1), 'too big inline request'],
    ['a count without an end', `*${'1'.repeat(LIMITS.sentinelLineBytes)}`, 'too big mbulk count string'],
    [
      'a length without an end',
      `*1\r\n$${'1'.repeat(LIMITS.sentinelLineBytes)}`,
      'too big bulk count string',
    ],
    ['quotes that are not closed', 'echo "a\r\n', 'unbalanced quotes in request'],
  ];
  for (const [what, bytes, text] of broken) {
    it(`gives up at ${what}`, () => {
      assert.deepEqual(readAll([Buffer.from(bytes)]), {
        requests: [],
        broken: `ERR Protocol error: ${text}`,
      });
    });
  }

  it('grants little to who has not logged in', () => {
    assert.equal(
      readAll([Buffer.from('*11\r\n')], false).broken,
      'ERR Protocol error: unauthenticated multibulk length',
    );
    assert.equal(
      readAll([Buffer.from('*1\r\n$16385\r\n')], false).broken,
      'ERR Protocol error: unauthenticated bulk length',
    );
    assert.equal(readAll([Buffer.from('*10\r\n')], false).broken, null);
  });

  it('hands out what came before the bytes that make no sense', () => {
    const read = readAll([Buffer.concat([encoded(['PING']), Buffer.from('*x\r\n')])]);
    assert.deepEqual(read.requests, [['PING']]);
    assert.notEqual(read.broken, null);
  });
});
