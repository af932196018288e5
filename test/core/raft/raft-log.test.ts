import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { InvariantError } from '../../../src/core/primitives/assert.ts';
import { RaftLog } from '../../../src/core/raft/raft-log.ts';
import { entry } from './harness.ts';

function logOf(terms: readonly number[], base = { index: 0, term: 0 }): RaftLog {
  const log = new RaftLog(base);
  terms.forEach((term, position) => {
    log.append(entry(base.index + position + 1, term));
  });
  return log;
}

test('an entry that leaves a gap or whose term falls is a bug, not an entry', () => {
  const log = logOf([1, 2]);
  assert.throws(() => log.append(entry(4, 2)), InvariantError);
  assert.throws(() => log.append(entry(3, 1)), InvariantError);
  assert.throws(() => log.slice(0, 2), InvariantError);
  assert.throws(() => log.slice(1, 3), InvariantError);
  assert.throws(() => log.truncateFrom(3), InvariantError);
});

test('terms are known from the base to the last entry and nowhere else', () => {
  const log = logOf([5, 6], { index: 10, term: 4 });
  assert.deepEqual(
    [9, 10, 11, 12, 13].map((index) => log.termAt(index)),
    [null, 4, 5, 6, null],
  );
});

test('entries behind a snapshot go, and what follows stays where it was', () => {
  const log = logOf([1, 1, 2, 3]);
  log.dropThrough(2);
  assert.equal(log.baseIndex, 2);
  assert.deepEqual(
    log.slice(3, 4).map(({ index, term }) => [index, term]),
    [
      [3, 2],
      [4, 3],
    ],
  );
  log.dropThrough(1);
  assert.equal(log.baseIndex, 2);
});

test('a message holds entries up to both limits, and a single larger one travels alone', () => {
  const log = new RaftLog({ index: 0, term: 0 });
  for (const [position, size] of [10, 10, 50, 10, 10].entries())
    log.append(entry(position + 1, 1, 'x'.repeat(size)));
  assert.equal(log.lastThatFits(1, { entries: 9, bytes: 20 }), 2);
  assert.equal(log.lastThatFits(1, { entries: 1, bytes: 20 }), 1);
  assert.equal(log.lastThatFits(3, { entries: 9, bytes: 20 }), 3);
  assert.equal(log.lastThatFits(4, { entries: 9, bytes: 20 }), 5);
});

test('behind a snapshot so many entries and bytes are kept, and none of an entry that is too large', () => {
  const log = new RaftLog({ index: 10, term: 1 });
  for (const [position, bytes] of [4, 2, 3].entries())
    log.append({ ...entry(11 + position, 1), data: new Uint8Array(bytes) });
  const spared = (entries: number, bytes: number, index = 13) => log.lastToSpare(index, { entries, bytes });
  assert.deepEqual(
    [0, 2, 3, 4, 5, 8, 9, 99].map((bytes) => spared(9, bytes)),
    [13, 13, 12, 12, 11, 11, 10, 10],
  );
  assert.deepEqual(
    [0, 1, 2, 3, 4].map((entries) => spared(entries, 99)),
    [13, 12, 11, 10, 10],
  );
  assert.equal(spared(9, 4, 12), 11, 'only what is up to the index counts');
});

test('two logs of one history are compared to the last entry that they may share', () => {
  const terms = fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 8 }).map((steps) => {
    let term = 1;
    return steps.map((step) => {
      term += step;
      return term;
    });
  });
  fc.assert(
    fc.property(terms, fc.nat(10), fc.nat(20), (of, index, term) => {
      const found = logOf(of).lastOfTermAtMost(index, term);
      const expected = of.findLastIndex((one, position) => position < index && one <= term) + 1;
      assert.equal(found, expected);
    }),
  );
});
