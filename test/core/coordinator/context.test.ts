import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newGroupRun } from '../../../src/core/coordinator/group-run.ts';
import { createMetadata } from '../../../src/core/metadata/apply.ts';
import { replicaId } from '../../../src/core/primitives/identifiers.ts';
import { leadingContext } from './leading-context.ts';

const store = createMetadata();
const context = leadingContext(() => store);

test('a server that keeps failing is asked ever more rarely, up to a bound; others are not slowed by it', () => {
  const run = newGroupRun(0);
  const gone = replicaId('gone');
  const other = replicaId('other');
  const now = { monotonicMs: 1_000, wallMs: 0 };
  const pauses = Array.from({ length: 7 }, () => {
    context.retryLater(run, gone, now);
    return (run.retryAtMs.get(gone) ?? 0) - now.monotonicMs;
  });
  assert.deepEqual(pauses, [200, 400, 800, 1_600, 3_200, 3_200, 3_200]);
  context.retryLater(run, other, now);
  assert.equal(run.retryAtMs.get(other), 1_200);
});
