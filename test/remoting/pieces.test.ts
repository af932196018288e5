import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Pieces } from '../../src/remoting/pieces.ts';

const LENGTHS = [0, 1, 7, 200, 5_000, 16_383, 16_384, 65_536, 70_000];

describe('Pieces', () => {
  it('gives back what was pushed, in order, however it is asked for', () => {
    const action = fc.oneof(
      fc.record({ kind: fc.constant('push' as const), bytes: fc.constantFrom(...LENGTHS) }),
      fc.record({
        kind: fc.constantFrom('take' as const, 'peek' as const, 'drop' as const),
        share: fc.nat(100),
      }),
      fc.record({ kind: fc.constant('clear' as const) }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        const pieces = new Pieces();
        let expected = Buffer.alloc(0);
        let pushed = 0;
        const handedOut: { readonly bytes: Buffer; readonly copy: Buffer }[] = [];
        for (const one of actions) {
          if (one.kind === 'push') {
            const piece = Buffer.from(Array.from({ length: one.bytes }, (_, at) => (at * 31 + pushed) % 251));
            pushed += 1;
            pieces.push(piece);
            expected = Buffer.concat([expected, piece]);
          } else if (one.kind === 'clear') {
            pieces.clear();
            expected = Buffer.alloc(0);
          } else {
            const bytes = Math.floor((expected.length * one.share) / 100);
            if (one.kind === 'peek' && bytes > 0)
              assert.ok(pieces.peek(bytes).subarray(0, bytes).equals(expected.subarray(0, bytes)));
            if (one.kind === 'take') {
              const taken = pieces.take(bytes);
              assert.ok(taken.equals(expected.subarray(0, bytes)));
              handedOut.push({ bytes: taken, copy: Buffer.from(taken) });
            }
            if (one.kind === 'drop') pieces.drop(bytes);
            if (one.kind !== 'peek') expected = expected.subarray(bytes);
          }
          assert.equal(pieces.bytes, expected.length);
        }
        for (const { bytes, copy } of handedOut) assert.ok(bytes.equals(copy), 'written over later');
      }),
      { seed: 20_261_126, numRuns: 300 },
    );
  });

  it('reserves at most twice of what arrived, and few objects for many short pieces', () => {
    for (const pieceBytes of [1, 3, 100, 1_460, 15_000]) {
      const pieces = new Pieces();
      const before = process.memoryUsage().arrayBuffers;
      const piece = Buffer.allocUnsafeSlow(pieceBytes);
      let arrived = 0;
      for (; arrived < 4_000_000; arrived += pieceBytes) pieces.push(piece);
      const reserved = process.memoryUsage().arrayBuffers - before;
      assert.ok(reserved <= 2 * arrived, `${reserved} bytes for ${arrived} in pieces of ${pieceBytes}`);
      assert.equal(pieces.take(arrived).length, arrived);
    }
  });
});
