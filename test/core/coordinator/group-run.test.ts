import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mayBeCutShort, newGroupRun, noteResync } from '../../../src/core/coordinator/group-run.ts';
import type { ServerReport } from '../../../src/core/liveness/observation.ts';
import { lineage } from '../../../src/core/primitives/identifiers.ts';
import { A2, B1, report } from '../failover/group-fixture.ts';

test('a server that took another lineage, or went on, has finished the resync in which it was seen', () => {
  const run = newGroupRun(0);
  const before = report(A2, 70n, { lineage: lineage('old') });
  run.wasSyncing.set(A2, before);
  const after = (offset: bigint, change: Partial<ServerReport>): boolean =>
    mayBeCutShort(run, A2, report(A2, offset, change));
  assert.equal(after(70n, { lineage: lineage('old') }), true, 'it stands where it stood');
  assert.equal(after(1n, { lineage: lineage('old') }), true, 'it has lost what it had');
  assert.equal(after(40n, { lineage: lineage('new') }), false, 'it has what its master had');
  assert.equal(after(71n, { lineage: lineage('old') }), false, 'it has more of the same stream');
  const byHand = { lineage: lineage('own'), secondLineage: lineage('old'), secondOffset: 70n };
  assert.equal(after(70n, byHand), true, 'somebody has made it a master');
  assert.equal(mayBeCutShort(run, B1, report(B1, 0n)), false, 'never seen in one');
});

test('a resync is remembered until its link is up; booting from its own file is none', () => {
  const run = newGroupRun(0);
  const link = { address: '10.0.0.1:6379', linkUp: false, syncing: false, lastReceivedSecondsAgo: -1 };
  const seen = (follows: Partial<typeof link> | null, loading = false): boolean => {
    const follow = follows === null ? null : { ...link, ...follows };
    noteResync(run, A2, report(A2, 70n, { follows: follow, loading }));
    return run.wasSyncing.has(A2);
  };
  assert.equal(seen({}, true), false, 'it loads what it had itself');
  assert.equal(seen(null, true), false);
  assert.equal(seen({ syncing: true }), true);
  assert.equal(seen({ syncing: true }, true), true, 'it loads what its master sent');
  assert.equal(seen({}), true, 'its link is down, and may have gone down in the middle');
  assert.equal(seen({ linkUp: true }), false);
  run.reads.set(B1, report(B1, 70n));
  noteResync(run, B1, report(B1, 70n, { follows: { ...link, syncing: true } }));
  assert.equal(run.wasSyncing.has(B1), false, 'what was revoked and read is judged by that alone');
});
