import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settledFrom, standsAlone } from '../../../src/core/failover/settle.ts';
import { epoch, replicaId } from '../../../src/core/primitives/identifiers.ts';
import { A2, B1, B2, memberOf, subsets, syncSet } from './group-fixture.ts';

/** By the meaning: whoever a promotion under this rule may read, one of them is caught up. */
function everyPromotionReadsOneCaughtUp(n: number, k: number, caughtUp: number, gone = 0): boolean {
  const members = Array.from({ length: n }, (_, index) => index);
  const acknowledging = subsets(members).filter((subset) => subset.length >= k);
  return subsets(members)
    .filter((read) => read.length > 0 && read.every((one) => one < n - gone))
    .filter((read) => k === 0 || acknowledging.every((subset) => subset.some((one) => read.includes(one))))
    .every((read) => read.some((one) => one < caughtUp));
}

test('a set stands alone exactly when every promotion under it reads a caught-up member', () => {
  for (let n = 1; n <= 5; n += 1) {
    for (let k = 0; k <= n; k += 1) {
      for (let caughtUp = 0; caughtUp <= n; caughtUp += 1) {
        const members = Array.from({ length: n }, (_, index) =>
          memberOf(replicaId(`s${index}`), index < caughtUp),
        );
        const expected = everyPromotionReadsOneCaughtUp(n, k, caughtUp);
        assert.equal(standsAlone(syncSet([], k, { members })), expected, `n=${n} k=${k} s=${caughtUp}`);
      }
    }
  }
});

test('members whose processes are gone are read by nobody: only those that are left have to be caught up', () => {
  for (let n = 1; n <= 5; n += 1) {
    for (let k = 1; k <= n; k += 1) {
      for (let gone = 0; gone <= n; gone += 1) {
        for (let caughtUp = 0; caughtUp <= n - gone; caughtUp += 1) {
          const members = Array.from({ length: n }, (_, index) =>
            memberOf(replicaId(`s${index}`), index < caughtUp),
          );
          const ended = members.slice(n - gone);
          const expected = everyPromotionReadsOneCaughtUp(n, k, caughtUp, gone);
          const alone = standsAlone(syncSet([], k, { members }), (member) => ended.includes(member));
          assert.equal(alone, expected, `n=${n} k=${k} s=${caughtUp} gone=${gone}`);
        }
      }
    }
  }
});

test('a set that nothing can be acknowledged under never stands alone: who left it stays electable', () => {
  assert.equal(standsAlone(syncSet([A2], 2)), false);
  assert.equal(standsAlone(syncSet([], 1)), false);
});

test('older rules go only when there are any and their producers are gone', () => {
  const first = syncSet([A2, B1, B2], 2);
  const last = syncSet([A2, B1], 2, { version: 2, epoch: epoch(2) });
  assert.equal(settledFrom({ syncSets: [first, last] }, true), 2);
  assert.equal(settledFrom({ syncSets: [first, last] }, false), null);
  assert.equal(settledFrom({ syncSets: [last] }, true), null);
  const behind = { ...last, members: [memberOf(A2), memberOf(B1, false)] };
  assert.equal(settledFrom({ syncSets: [first, behind] }, true), null);
});
