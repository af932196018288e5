import assert from 'node:assert/strict';
import { test } from 'node:test';
import { epoch, incarnation, lineage } from '../../../../src/core/primitives/identifiers.ts';
import { LIMITS } from '../../../../src/core/primitives/limits.ts';
import { type CommandOf, fence, ORDERS, reigning } from '../ledger.ts';

const first = () => {
  const [reign] = reigning().group().reigns;
  assert.ok(reign !== undefined);
  return reign;
};

const note = (change: Partial<CommandOf<'group.noteLineage'>> = {}): CommandOf<'group.noteLineage'> => ({
  type: 'group.noteLineage',
  key: ORDERS,
  epoch: epoch(1),
  incarnation: first().incarnation,
  formerLineage: first().lineage,
  lineage: lineage('another'),
  cut: first().cut + 500n,
  ...change,
});

test('the reign goes on as a further one of the same epoch, and what it was stays known', () => {
  const group = reigning().accept(note()).group();
  assert.deepEqual(group.reigns, [
    first(),
    { ...first(), lineage: lineage('another'), cut: first().cut + 500n },
  ]);
  assert.deepEqual(group.phase, { kind: 'active' });
});

test('it is the running reign, its process and its lineage that go on, and not from before they began', () => {
  const ledger = reigning();
  ledger.refuse(note({ epoch: epoch(2) }), 'staleEpoch');
  ledger.refuse(note({ incarnation: incarnation('somebody-else') }), 'staleEpoch');
  ledger.refuse(note({ formerLineage: lineage('unknown') }), 'staleEpoch');
  const begun = reigning()
    .accept(note())
    .accept(note({ formerLineage: lineage('another'), lineage: lineage('third') }));
  begun.refuse(note({ formerLineage: lineage('third'), cut: first().cut }), 'invalidRequest', 'cut');
  ledger.accept(note()).refuse(note(), 'staleEpoch');
  reigning().accept(fence(2)).refuse(note(), 'notActive');
});

test('however often it changes, no more reigns are remembered than ever', () => {
  const ledger = reigning();
  for (let number = 1; number <= LIMITS.reignsPerGroup + 3; number += 1) {
    const formerLineage = number === 1 ? first().lineage : lineage(`name-${number - 1}`);
    ledger.accept(note({ formerLineage, lineage: lineage(`name-${number}`) }));
  }
  assert.equal(ledger.group().reigns.length, LIMITS.reignsPerGroup);
});
