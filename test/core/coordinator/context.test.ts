import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAlertBoard } from '../../../src/core/coordinator/alert-board.ts';
import { Context } from '../../../src/core/coordinator/context.ts';
import { newGroupRun } from '../../../src/core/coordinator/group-run.ts';
import { createSteeringDesk } from '../../../src/core/coordinator/steering-desk.ts';
import { createVantages } from '../../../src/core/coordinator/vantages.ts';
import { EvidenceBook } from '../../../src/core/liveness/evidence.ts';
import { createMetadata } from '../../../src/core/metadata/apply.ts';
import { nodeName, replicaId, siteName, term } from '../../../src/core/primitives/identifiers.ts';

const self = nodeName('pollux-a');
const site = siteName('idc-a');
const store = createMetadata();

const context = new Context(
  {
    self,
    site,
    voters: [{ node: self, site }],
    bootstrap: {
      tierId: 'tier-1',
      sites: [],
      members: [],
      token: { id: 'token-1', sha256: 'a'.repeat(64), role: 'operator', createdWallMs: 0 },
    },
    idPrefix: 'test',
    probeIntervalMs: 100,
  },
  () => store,
  {
    book: new EvidenceBook(),
    desk: createSteeringDesk,
    alerts: createAlertBoard(),
    vantages: createVantages(),
  },
  { term: term(1), leader: self, leading: true, leaseUntilMs: 1_000 },
);

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
