import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAlertBoard } from '../../../src/core/coordinator/alert-board.ts';
import type { GroupKey, ReplicaId } from '../../../src/core/primitives/identifiers.ts';
import { KEY } from './adopted-group.ts';
import { A2, B1 } from './fake-servers.ts';

const at = (wallMs: number) => ({ monotonicMs: wallMs, wallMs });

test('an alert is new once, keeps the moment it was raised, and shows its newest text', () => {
  const board = createAlertBoard();
  const held = { group: KEY, code: 'held', replica: null } as const;
  assert.equal(board.raise(held, 'first', at(1)), true);
  assert.equal(board.raise(held, 'second', at(2)), false);
  assert.deepEqual(board.list(), [{ ...held, message: 'second', sinceWallMs: 1 }]);
  assert.equal(board.lower(held), true);
  assert.equal(board.lower(held), false);
});

test('each server has an alert of its own, also where another board shows it', () => {
  const board = createAlertBoard();
  const of = (replica: ReplicaId) => ({ group: KEY, code: 'brokerRefused', replica }) as const;
  assert.equal(board.raise(of(A2), 'a2 refuses', at(1)), true);
  assert.equal(board.raise(of(B1), 'b1 refuses', at(2)), true);
  const other = createAlertBoard();
  other.replace(board.list());
  assert.deepEqual(other.list(), board.list());
  assert.equal(board.lower(of(A2)), true);
  assert.deepEqual(
    board.list().map(({ message }) => message),
    ['b1 refuses'],
  );
});

test('newest first; those of a group go with it, those of others stay', () => {
  const board = createAlertBoard();
  board.raise({ group: KEY, code: 'held', replica: null }, 'old', at(1));
  board.raise({ group: 'main/other' as GroupKey, code: 'held', replica: null }, 'new', at(2));
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
