import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DrillDriver } from '../../../src/core/coordinator/drive-drills.ts';
import { ReturnWatch } from '../../../src/core/coordinator/return-watch.ts';
import { must } from '../../../src/core/primitives/assert.ts';
import { siteName } from '../../../src/core/primitives/identifiers.ts';
import { adoptedGroup, KEY } from './adopted-group.ts';
import { addressOf } from './fake-servers.ts';
import { leadingContext } from './leading-context.ts';

test('a group that is declared under the name of a removed one is well since its own time only', () => {
  const { group, servers, state, leader } = adoptedGroup();
  const context = leadingContext(() => state);
  const watch = new ReturnWatch(context);
  const driver = new DrillDriver(context, watch);
  const whyNotAt = (monotonicMs: number): string | null => {
    const now = { monotonicMs, wallMs: 0 };
    for (const { id } of group.replicas) {
      const outcome = servers.probe(addressOf(id), leader);
      context.book.record({ ref: { group: KEY, replica: id }, fresh: false, outcome }, now);
    }
    return watch.whyNotYet(must(state.groups.get(KEY), 'declared'), siteName('idc-b'), 1_500, now);
  };
  assert.equal(whyNotAt(10_000), 'well for 0 of 1500 ms');
  assert.equal(whyNotAt(11_000), 'well for 1000 of 1500 ms');
  driver.applied({ type: 'group.remove', key: KEY }, { monotonicMs: 11_500, wallMs: 0 });
  assert.equal(whyNotAt(12_000), 'well for 0 of 1500 ms');
  assert.equal(whyNotAt(13_000), 'well for 1000 of 1500 ms');
});
