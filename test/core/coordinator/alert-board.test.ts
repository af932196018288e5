import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAlertBoard } from '../../../src/core/coordinator/alert-board.ts';
import type { GroupKey } from '../../../src/core/primitives/identifiers.ts';
import { KEY } from './adopted-group.ts';

const at = (wallMs: number) => ({ monotonicMs: wallMs, wallMs });

test('an alert is new once, keeps the moment it was raised, and shows its newest text', () => {
  const board = createAlertBoard();
  assert.equal(board.raise(KEY, 'held', 'first', at(1)), true);
  assert.equal(board.raise(KEY, 'held', 'second', at(2)), false);
  assert.deepEqual(board.list(), [{ group: KEY, code: 'held', message: 'second', sinceWallMs: 1 }]);
  assert.equal(board.lower(KEY, 'held'), true);
  assert.equal(board.lower(KEY, 'held'), false);
});

test('newest first; those of a group go with it, those of others stay', () => {
  const board = createAlertBoard();
  board.raise(KEY, 'held', 'old', at(1));
  board.raise('main/other' as GroupKey, 'held', 'new', at(2));
  assert.deepEqual(
    board.list().map(({ message }) => message),
    ['new', 'old'],
  );
  board.dropGroup(KEY);
  assert.deepEqual(
    board.list().map(({ message }) => message),
    ['new'],
  );
});
