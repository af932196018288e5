import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type AskedBroker,
  chooseMaster,
  highestHeard,
} from '../../../../src/core/coordinator/broker-sets/choose-master.ts';
import { MAX_EPOCH } from '../../../../src/core/primitives/identifiers.ts';
import { answered, NAME, REFUSED } from './broker-signs.ts';

const asked = (
  id: number,
  epoch: number,
  maxOffset: bigint,
  more: { priority?: number; reigns?: boolean; serves?: boolean } = {},
): AskedBroker => ({
  id,
  site: null,
  priority: more.priority ?? 100,
  serves: more.serves ?? true,
  answer: answered(epoch, maxOffset, { brokerId: more.reigns === true ? 0 : id }),
});
const SET = { name: NAME, masterEpoch: 1 };
const chosen = (brokers: readonly AskedBroker[], heedReign = false): number | null =>
  chooseMaster(SET, brokers, () => true, heedReign).chosen?.id ?? null;

test('the highest epoch, then the highest offset, exactly: a gap above 2^53 is a gap', () => {
  assert.equal(chosen([asked(1, 3, 999n), asked(2, 4, 1n)]), 2);
  assert.equal(chosen([asked(1, 3, 2n ** 62n), asked(2, 3, 2n ** 62n + 1n)]), 2);
  assert.equal(chosen([asked(1, 3, 2n ** 40n), asked(2, 3, 0n)]), 1);
});

test('priority breaks a tie and nothing else, then the lower id', () => {
  assert.equal(chosen([asked(1, 3, 5n), asked(2, 3, 5n, { priority: 1 })]), 2);
  assert.equal(chosen([asked(1, 3, 6n), asked(2, 3, 5n, { priority: 1 })]), 1);
  assert.equal(chosen([asked(2, 3, 5n), asked(1, 3, 5n)]), 1);
});

test('a broker that reigns goes first only where that is asked for, and only in the highest epoch', () => {
  const brokers = [asked(1, 3, 5n, { reigns: true }), asked(2, 3, 6n)];
  assert.equal(chosen(brokers), 2);
  assert.equal(chosen(brokers, true), 1);
  assert.equal(chosen([asked(1, 3, 5n, { reigns: true }), asked(2, 4, 1n)], true), 2);
});

test('one that waits for its role does not reign, whatever id it answers with', () => {
  const waits = asked(1, 3, 5n, { reigns: true, serves: false });
  assert.equal(chosen([waits, asked(2, 3, 6n)], true), 2);
});

test('who proves nothing is no candidate, and the record says why', () => {
  const choice = chooseMaster(
    SET,
    [
      { id: 1, site: null, priority: 1, serves: true, answer: REFUSED },
      { id: 2, site: null, priority: 1, serves: true, answer: null },
      {
        id: 3,
        site: null,
        priority: 1,
        serves: true,
        answer: { kind: 'answeredError', code: 1, remark: 'no' },
      },
      { id: 4, site: null, priority: 1, serves: true, answer: answered(9, 9n, { brokerName: 'broker-b' }) },
      { id: 5, site: null, priority: 1, serves: true, answer: answered(9, 9n, { epochs: null }) },
      { id: 6, site: null, priority: 1, serves: true, answer: answered(1, 1n, { epochs: [] }) },
      { id: 7, site: null, priority: 1, serves: true, answer: answered(1, 2n ** 63n) },
      { id: 8, site: null, priority: 1, serves: true, answer: answered(1.5, 5n) },
      { id: 9, site: null, priority: 1, serves: true, answer: answered(1_000_002, 5n) },
    ],
    () => true,
    false,
  );
  assert.equal(choice.chosen?.id, 6);
  assert.equal(choice.chosen.epoch, 0);
  assert.equal(choice.highestEpoch, 0);
  assert.deepEqual(
    choice.candidates.map(({ id, chosen: isChosen, epoch }) => [id, isChosen, epoch]),
    [
      [1, false, null],
      [2, false, null],
      [3, false, null],
      [4, false, null],
      [5, false, null],
      [6, true, 0],
      [7, false, null],
      [8, false, null],
      [9, false, null],
    ],
  );
  assert.ok(choice.candidates.every(({ detail, epoch }) => epoch !== null || detail.length > 0));
});

test('who may not be chosen still says which epoch is the highest', () => {
  const choice = chooseMaster(SET, [asked(1, 3, 5n), asked(2, 9, 1n)], ({ id }) => id === 1, false);
  assert.equal(choice.chosen?.id, 1);
  assert.equal(choice.highestEpoch, 9);
});

test('an epoch further ahead than any set gets is heard from nobody: to go above it would use all epochs up', () => {
  const said = [
    { epoch: 7 },
    null,
    { epoch: -1 },
    { epoch: 1.5 },
    { epoch: MAX_EPOCH - 1 },
    { epoch: 1_000_002 },
  ];
  assert.equal(highestHeard(SET, said), 7);
  assert.equal(highestHeard(SET, [...said, { epoch: 1_000_001 }]), 1_000_001);
  assert.equal(highestHeard(SET, []), 0);
});

test('the choice does not hang on the order in which brokers answered', () => {
  const broker = fc.record({
    epoch: fc.nat({ max: 3 }),
    maxOffset: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
    priority: fc.nat({ max: 2 }),
  });
  fc.assert(
    fc.property(
      fc.array(broker, { minLength: 1, maxLength: 6 }),
      fc.infiniteStream(fc.nat()),
      (made, dice) => {
        const brokers = made.map((one, index) => asked(index + 1, one.epoch, one.maxOffset, one));
        const shuffled = brokers
          .map((one) => ({ one, place: dice.next().value as number }))
          .sort((left, right) => left.place - right.place)
          .map(({ one }) => one);
        assert.equal(chosen(shuffled), chosen(brokers));
        const best = made[(chosen(brokers) ?? 1) - 1];
        assert.ok(made.every(({ epoch }) => epoch <= (best?.epoch ?? -1)));
        assert.ok(
          made.every(
            ({ epoch, maxOffset }) => epoch < (best?.epoch ?? 0) || maxOffset <= (best?.maxOffset ?? -1n),
          ),
        );
      },
    ),
  );
});
