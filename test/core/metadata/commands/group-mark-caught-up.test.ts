import assert from 'node:assert/strict';
import { test } from 'node:test';
import { epoch, replicaId } from '../../../../src/core/primitives/identifiers.ts';
import {
  activate,
  type CommandOf,
  changeSyncSet,
  declared,
  fence,
  member,
  ORDERS,
  promote,
  reigning,
} from '../ledger.ts';

const mark = (version: number, replica: string, epochNumber = 1): CommandOf<'group.markCaughtUp'> => ({
  type: 'group.markCaughtUp',
  key: ORDERS,
  epoch: epoch(epochNumber),
  version,
  replicas: [replicaId(replica)],
});

const lagging = () =>
  declared().accept(promote(1, 1, { members: [member(2, false), member(3, false)] }), activate(1));

test('only the named members of the last set are marked', () => {
  const ledger = lagging().accept(changeSyncSet(1, 1, { members: [member(2, false), member(3, false)] }));
  ledger.accept(mark(2, 'orders-3'));
  assert.deepEqual(
    ledger.group().syncSets.map((set) => set.members.map(({ caughtUp }) => caughtUp)),
    [
      [false, false],
      [false, true],
    ],
  );
});

test('what was seen of a set stays true while the next reign is prepared', () => {
  const ledger = lagging().accept(fence(2), mark(1, 'orders-2'));
  assert.equal(ledger.group().syncSets[0]?.members[0]?.caughtUp, true);
});

test('another set than the last, or a replica outside of it, is not marked', () => {
  declared().refuse(mark(0, 'orders-2'), 'staleEpoch');
  const ledger = reigning().accept(changeSyncSet(1, 1));
  ledger.refuse(mark(1, 'orders-2'), 'staleEpoch');
  ledger.refuse(mark(2, 'orders-2', 2), 'staleEpoch');
  ledger.refuse(mark(2, 'orders-3'), 'unknownReplica', 'replicas.0');
});
