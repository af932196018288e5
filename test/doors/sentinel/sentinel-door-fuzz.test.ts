/** A million requests of nonsense: nothing throws, nothing grows without end, and sense is read after what was sense. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LIMITS } from '../../../src/core/primitives/limits.ts';
import { seededRandom } from '../../../src/core/primitives/seeded-random.ts';
import { dispatch } from '../../../src/doors/sentinel/dispatch.ts';
import { RequestReader } from '../../../src/doors/sentinel/request-reader.ts';
import { viewOf } from './fake-view.ts';

const FRAMES = 1_000_000;
const SEED = 20_261_126;

const TOKENS = [
  '*',
  '$',
  '+',
  '-',
  ':',
  '%',
  '>',
  '_',
  '\r\n',
  '\r',
  '\n',
  '\0',
  '"',
  "'",
  '\\x4',
  '-1',
  '0',
  '1',
  '3',
  '9',
  '65536',
  '2147483648',
  '99999999999999999999',
  'PING',
  'SENTINEL',
  'masters',
  'HELLO',
  'AUTH',
  ' ',
  '\xff',
  '*1\r\n$4\r\nPING\r\n',
  '*2\r\n$8\r\nSENTINEL\r\n',
  '*3\r\n',
  '$5\r\n',
  '*-1\r\n',
  '$-1\r\n',
  '*1\r\n*1\r\n*1\r\n',
] as const;

describe('Sentinel door: nonsense', () => {
  it(`reads ${FRAMES} random pieces without a throw and within its bounds (seed ${SEED})`, () => {
    const random = seededRandom(SEED);
    const { view, session } = viewOf();
    let reader = new RequestReader();
    let requests = 0;
    let broken = 0;
    let sincePushBytes = 0;
    for (let frame = 0; frame < FRAMES; frame += 1) {
      let text = '';
      const parts = 1 + random.integer(0, 4);
      for (let part = 0; part < parts; part += 1) text += TOKENS[random.integer(0, TOKENS.length)] ?? '';
      sincePushBytes += text.length;
      reader.push(Buffer.from(text, 'latin1'));
      for (;;) {
        const outcome = reader.next();
        if (outcome.kind === 'incomplete') break;
        sincePushBytes = 0;
        if (outcome.kind === 'broken') {
          assert.match(outcome.text, /^ERR Protocol error: /);
          broken += 1;
          reader = new RequestReader();
          break;
        }
        requests += 1;
        if (requests % 16 === 0) void dispatch(view, session, outcome.words);
      }
      assert.ok(sincePushBytes <= LIMITS.sentinelRequestBytes * 2, 'more is kept than one request may have');
    }
    assert.ok(requests > FRAMES / 100 && broken > FRAMES / 100, `${requests} requests, ${broken} broken`);
  });

  it('keeps no more than one request, whatever is promised', () => {
    const reader = new RequestReader();
    const piece = Buffer.alloc(64 * 1024, 0x61);
    reader.push(Buffer.from(`*2\r\n$${LIMITS.sentinelRequestBytes - 100}\r\n`));
    let outcome = reader.next();
    for (
      let sent = 0;
      sent < 4 * LIMITS.sentinelRequestBytes && outcome.kind === 'incomplete';
      sent += piece.length
    ) {
      reader.push(piece);
      outcome = reader.next();
    }
    assert.deepEqual(outcome, { kind: 'broken', text: 'ERR Protocol error: too big bulk count string' });
  });
});
