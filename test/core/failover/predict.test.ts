import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseCandidate } from '../../../src/core/failover/candidates.ts';
import { predictSet } from '../../../src/core/failover/predict.ts';
import { epoch } from '../../../src/core/primitives/identifiers.ts';
import { A2, B1, B2, fencing, group, processOf, read, subsets, syncSet } from './group-fixture.ts';

test('provable, and by whom', () => {
  const prediction = predictSet(group(), [read(B1, 10n), read(B2, 12n)]);
  assert.ok(prediction.provable);
  const { candidates, ...said } = prediction;
  assert.deepEqual(said, { provable: true, members: [B2, B1], nothingPromised: false, furthest: [B2] });
  assert.deepEqual(
    candidates.map(({ replica, offset }) => [replica, offset]),
    [
      [B1, 10n],
      [B2, 12n],
      ['m', null],
      [A2, null],
    ],
  );
  const even = predictSet(group(), [read(B1, 12n), read(B2, 12n)]);
  assert.deepEqual(even.provable && [...even.furthest].sort(), [B1, B2]);
});

test('not provable says what is missing and who does not count', () => {
  const prediction = predictSet(group(), [read(B1, 10n), read(B2, 10n, { incarnation: processOf(B2, 2) })]);
  assert.ok(!prediction.provable);
  assert.match(prediction.detail, /2 must be read; not read: a2, b2; b2: it is not a member/);
  assert.match(prediction.detail, /m: does not answer; a2: does not answer$/);
  assert.equal(prediction.bestOffset, 10n);
  assert.deepEqual(prediction.missing, ['m', A2, B2]);
});

test('async promises nothing but still needs somebody', () => {
  const async = group({ syncSets: [syncSet([A2, B1], 0)], policy: 'async' });
  assert.equal(predictSet(async, []).provable, false);
  const prediction = predictSet(async, [read(B1, 1n)]);
  assert.ok(prediction.provable && prediction.nothingPromised);
  assert.deepEqual(prediction.members, [B1]);
});

test('before the first reign everybody must be there', () => {
  const young = group({ reigns: [], syncSets: [], master: null, epoch: epoch(0) });
  assert.equal(predictSet(young, [read(A2, 1n)]).provable, false);
});

test('what is predicted provable, with offsets that only grow, is then chosen', () => {
  for (const present of subsets([A2, B1, B2])) {
    for (let k = 1; k <= 3; k += 1) {
      const of = group({ syncSets: [syncSet([A2, B1, B2], k)] });
      const prediction = predictSet(
        of,
        present.map((id) => read(id, 10n)),
      );
      const choice = chooseCandidate({
        group: { ...of, phase: fencing() },
        reads: present.map((id) => read(id, 20n)),
        collectionOver: true,
      });
      assert.equal(choice.kind === 'promote', prediction.provable, `${present.join()} k=${k}`);
    }
  }
});
