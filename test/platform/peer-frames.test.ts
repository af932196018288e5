import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createFrameReader, frameOf, joinSmallParts } from '../../src/platform/peer-frames.ts';

const bytesOf = (payload: Uint8Array): Buffer => Buffer.concat(frameOf([payload]).parts);

function readAll(pieces: readonly Buffer[], limitBytes = 1_000): (Buffer | 'bad')[] {
  const reader = createFrameReader(limitBytes);
  const found: (Buffer | 'bad')[] = [];
  for (const piece of pieces) {
    reader.push(piece);
    for (let next = reader.next(); next !== null; next = reader.next()) {
      found.push(next);
      if (next === 'bad') return found;
    }
  }
  return found;
}

describe('peer frames', () => {
  it('reads the same frames however they are split', () => {
    const payloads = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(payloads, fc.array(fc.nat({ max: 2_500 }), { maxLength: 12 }), (made, cuts) => {
        const stream = Buffer.concat(made.map(bytesOf));
        const bounds = [
          0,
          ...cuts.filter((cut) => cut < stream.length).sort((one, two) => one - two),
          stream.length,
        ];
        const pieces = bounds.slice(1).map((end, position) => stream.subarray(bounds[position], end));
        const found = readAll(pieces).map((payload) => (payload === 'bad' ? payload : [...payload]));
        assert.deepEqual(
          found,
          made.map((payload) => [...payload]),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('joins what is small for one write, and leaves what is large uncopied and in its place', () => {
    const large = Buffer.alloc(100_000, 7);
    const frames = [
      frameOf([Buffer.from('ab'), Buffer.from('c')]),
      frameOf([large]),
      frameOf([Buffer.from('d')]),
    ];
    const pieces = joinSmallParts(frames);
    assert.equal(pieces.length, 3);
    assert.equal(pieces[1], large);
    assert.deepEqual(Buffer.concat(pieces), Buffer.concat(frames.flatMap(({ parts }) => parts)));
    assert.deepEqual(joinSmallParts([]), []);
  });

  it('reads a frame byte by byte', () => {
    const stream = bytesOf(Buffer.from('abc'));
    const pieces = [...stream].map((byte) => Buffer.from([byte]));
    assert.deepEqual(readAll(pieces), [Buffer.from('abc')]);
  });

  it('reads a frame in one piece without copying it', () => {
    const stream = Buffer.concat([bytesOf(Buffer.from('abc')), bytesOf(Buffer.from('defg'))]);
    for (const payload of readAll([stream])) {
      assert.ok(payload !== 'bad');
      assert.equal(payload.buffer, stream.buffer);
    }
  });

  it('refuses a length beyond the limit before it has taken memory for it', () => {
    assert.deepEqual(readAll([Buffer.from([0x7f, 0xff, 0xff, 0xff])]), ['bad']);
    assert.deepEqual(readAll([bytesOf(Buffer.alloc(11))], 10), ['bad']);
    assert.equal(readAll([bytesOf(Buffer.alloc(10))], 10).length, 1);
  });

  it('refuses an empty frame', () => {
    assert.deepEqual(readAll([Buffer.alloc(4)]), ['bad']);
  });

  it('stays bad', () => {
    const reader = createFrameReader(10);
    reader.push(Buffer.alloc(4));
    assert.equal(reader.next(), 'bad');
    reader.push(bytesOf(Buffer.from('abc')));
    assert.equal(reader.next(), 'bad');
  });

  it('takes a new limit for the frames after', () => {
    const reader = createFrameReader(10);
    reader.push(Buffer.concat([bytesOf(Buffer.alloc(10)), bytesOf(Buffer.alloc(500))]));
    assert.notEqual(reader.next(), 'bad');
    reader.setLimit(500);
    const next = reader.next();
    assert.ok(next instanceof Buffer && next.length === 500);
  });
});
