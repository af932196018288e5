/** The checker against histories whose verdict is known, and against one that simply tries every order. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type SeededRandom, seededRandom } from '../../../src/core/primitives/seeded-random.ts';
import { type Operation, unexplained } from './linearizability.ts';

type Action = Operation['action'];

const set = (value: string): Action => ({ kind: 'set', value });
const read = (value: string | null): Action => ({ kind: 'read', value });
const remove = (wasThere: boolean | null): Action => ({ kind: 'remove', wasThere });

/** An operation on key `k` between two moments; it has no answer where the second is left out. */
const op = (action: Action, asked: number, answered: number | null = null): Operation => ({
  key: 'k',
  action,
  asked,
  answered,
});

const isLinearizable = (...operations: readonly Operation[]): boolean => unexplained(operations).length === 0;

test('one after the other', () => {
  assert.ok(isLinearizable(op(read(null), 1, 2), op(set('a'), 3, 4), op(read('a'), 5, 6)));
  assert.ok(isLinearizable(op(set('a'), 1, 2), op(remove(true), 3, 4), op(read(null), 5, 6)));
  assert.ok(isLinearizable(op(remove(false), 1, 2)));
});

test('a stale read, a lost write and a wrong answer are found', () => {
  assert.ok(!isLinearizable(op(set('a'), 1, 2), op(read(null), 3, 4)));
  assert.ok(!isLinearizable(op(set('a'), 1, 2), op(set('b'), 3, 4), op(read('a'), 5, 6)));
  assert.ok(!isLinearizable(op(read('a'), 1, 2), op(set('a'), 3, 4)));
  assert.ok(!isLinearizable(op(set('a'), 1, 2), op(remove(false), 3, 4)));
  assert.ok(!isLinearizable(op(remove(true), 1, 2)));
});

test('what overlaps may have happened in either order, but in one for all', () => {
  const one = op(set('a'), 1, 10);
  const other = op(set('b'), 2, 9);
  assert.ok(isLinearizable(one, other, op(read('a'), 11, 12)));
  assert.ok(isLinearizable(one, other, op(read('b'), 11, 12)));
  assert.ok(isLinearizable(one, other, op(read(null), 3, 4), op(read('a'), 5, 6), op(read('b'), 7, 8)));
  assert.ok(!isLinearizable(one, other, op(read('a'), 11, 12), op(read('b'), 13, 14)));
  assert.ok(!isLinearizable(one, other, op(read('a'), 3, 4), op(read(null), 5, 6)));
});

test('a write without an answer may happen late, or never, but only once', () => {
  const lost = op(set('a'), 1);
  assert.ok(isLinearizable(lost, op(read(null), 2, 3)));
  assert.ok(isLinearizable(lost, op(read(null), 2, 3), op(read('a'), 4, 5)));
  assert.ok(isLinearizable(lost, op(set('b'), 2, 3), op(read('b'), 4, 5), op(read('a'), 6, 7)));
  assert.ok(!isLinearizable(lost, op(read('a'), 2, 3), op(read(null), 4, 5)));
  assert.ok(
    !isLinearizable(lost, op(read('a'), 2, 3), op(set('b'), 4, 5), op(read('b'), 6, 7), op(read('a'), 8, 9)),
  );
  assert.ok(isLinearizable(op(remove(null), 1), op(set('b'), 2, 3), op(read(null), 4, 5)));
  assert.ok(isLinearizable(op(set('a'), 1), op(remove(null), 2), op(read('a'), 3, 4), op(read(null), 5, 6)));
});

test('a value that nobody wrote is found, and keys are judged apart', () => {
  assert.ok(!isLinearizable(op(read('a'), 1, 2)));
  const elsewhere = { ...op(set('a'), 1, 2), key: 'other' };
  assert.deepEqual(unexplained([elsewhere, op(read(null), 3, 4)]), []);
  assert.equal(unexplained([elsewhere, op(read('a'), 3, 4)])[0]?.key, 'k');
});

/** Tries every order of every choice of the operations without an answer. */
function someOrderFits(operations: readonly Operation[]): boolean {
  const tries = (left: readonly Operation[], value: string | null): boolean => {
    if (left.every(({ answered }) => answered === null)) return true;
    return left.some((next) => {
      // Nothing that was answered before this was asked may still be to come.
      if (left.some((other) => other.answered !== null && other.answered < next.asked)) return false;
      const { action } = next;
      const rest = left.filter((other) => other !== next);
      if (action.kind === 'set') return tries(rest, action.value);
      if (action.kind === 'read')
        return (next.answered === null || action.value === value) && tries(rest, value);
      return (action.wasThere === null || action.wasThere === (value !== null)) && tries(rest, null);
    });
  };
  return tries(operations, null);
}

function randomHistory(random: SeededRandom): Operation[] {
  const count = random.integer(1, 7);
  const values = ['a', 'b', 'c'];
  const anyValue = (): string => values[random.integer(0, values.length)] ?? 'a';
  const moments = Array.from({ length: 2 * count }, (_, position) => position);
  return Array.from({ length: count }, () => {
    const take = (): number => moments.splice(random.integer(0, Math.min(moments.length, 5)), 1)[0] ?? 0;
    const [asked = 0, answered = 0] = [take(), take()].sort((one, other) => one - other);
    const isLost = random.next() < 0.25;
    const kind = random.integer(0, 3);
    const action =
      kind === 0
        ? set(anyValue())
        : kind === 1
          ? read(random.next() < 0.3 ? null : anyValue())
          : remove(isLost ? null : random.next() < 0.5);
    return op(action, asked, isLost ? null : answered);
  });
}

test('small random histories get the same verdict as from trying every order', () => {
  const random = seededRandom(20);
  const verdicts = { good: 0, bad: 0 };
  for (let round = 0; round < 6_000; round += 1) {
    const history = randomHistory(random);
    const expected = someOrderFits(history);
    assert.equal(isLinearizable(...history), expected, JSON.stringify(history));
    verdicts[expected ? 'good' : 'bad'] += 1;
  }
  assert.ok(verdicts.good > 1_000 && verdicts.bad > 1_000, JSON.stringify(verdicts));
});
