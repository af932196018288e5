import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LEFT_ALONE } from '../../../../src/core/metadata/history.ts';
import { groupKey, groupName, nodeName, siteName } from '../../../../src/core/primitives/identifiers.ts';
import { LIMITS } from '../../../../src/core/primitives/limits.ts';
import { fence, MAIN, note, promote, reigning } from '../ledger.ts';

const evidence = (detail: string) => [
  { node: nodeName('node-a'), site: siteName('idc-a'), verdict: 'alive' as const, detail, wallMs: 14 },
];

test('a suspicion begins a record and goes on in it, with its newest evidence', () => {
  const ledger = reigning().accept(
    note(1, { evidence: evidence('first') }),
    note(1, { outcome: 'unprovable', step: 'unprovable', detail: 'b', evidence: evidence('second') }),
    note(1, { outcome: 'unprovable', step: 'answersAgain', detail: 'c' }),
  );
  const record = ledger.record('note-1');
  assert.deepEqual(
    [record.outcome, record.from, record.to, record.epoch],
    ['unprovable', 'orders-1', null, 1],
  );
  assert.deepEqual(
    record.steps.map(({ step }) => step),
    ['refuted', 'unprovable', 'answersAgain'],
  );
  assert.equal(record.evidence[0]?.detail, 'second');
});

test('it is about the reign that runs, and about no record of a move', () => {
  const ledger = reigning();
  ledger.refuse(note(2), 'staleEpoch');
  ledger.refuse(note(1, { recordId: 'orders-adoption' }), 'duplicateName', 'recordId');
  ledger.refuse(note(1, { key: groupKey(MAIN, groupName('stock')) }), 'unknownGroup', 'key');
  ledger.accept(fence(2)).refuse(note(1), 'notActive');
});

test('a move that follows a death that was left alone says so there; one that was refuted has its end', () => {
  for (const outcome of LEFT_ALONE) {
    const left = reigning().accept(note(1, { outcome, step: outcome }), fence(2));
    assert.equal(left.record('note-1').outcome, 'carriedOut', outcome);
  }
  const dead = { outcome: 'unprovable', step: 'unprovable' } as const;
  const followed = reigning().accept(note(1, dead), fence(2));
  assert.equal(followed.record('note-1').outcome, 'carriedOut');
  assert.equal(followed.record('note-1').steps.at(-1)?.detail, 'by move-2: masterLost');
  const again = reigning().accept(note(1, dead), note(1, { ...dead, step: 'answersAgain' }), fence(2));
  assert.equal(again.record('note-1').outcome, 'unprovable');
  assert.equal(reigning().accept(note(1), fence(2)).record('note-1').outcome, 'refuted');
});

test('steps are limited, and notes push out notes, never a move', () => {
  const ledger = reigning().accept(note(1));
  while (ledger.record('note-1').steps.length < LIMITS.stepsPerRecord) ledger.accept(note(1));
  ledger.refuse(note(1), 'limitReached');
  for (let count = 2; count <= LIMITS.historyNotes + 5; count += 1)
    ledger.accept(note(1, { recordId: `note-${count}` }));
  const { history } = ledger.store;
  assert.equal(history.length, LIMITS.historyNotes + 1);
  assert.equal(history[0]?.id, 'orders-adoption');
  assert.equal(history[1]?.id, 'note-6');
});

test('a record of a suspicion is not taken for the one of the reign', () => {
  const ledger = reigning().accept(note(1, { outcome: 'unprovable' }), fence(2), promote(2, 2));
  assert.equal(ledger.record('move-2').loss.predictedBytes, 0n);
  assert.equal(ledger.record('note-1').loss.predictedBytes, null);
});
