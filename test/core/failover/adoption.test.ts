import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseCandidate } from '../../../src/core/failover/candidates.ts';
import type { ServerRead } from '../../../src/core/failover/coverage.ts';
import type { BrokerGroup, GroupPhase } from '../../../src/core/metadata/state.ts';
import { epoch, lineage } from '../../../src/core/primitives/identifiers.ts';
import { A2, B1, B2, fencing, group, M, processOf, read } from './group-fixture.ts';

type Fencing = Extract<GroupPhase, { kind: 'fencing' }>;
const adopt = (
  reads: readonly ServerRead[],
  phase: Partial<Fencing> = {},
  collectionOver = true,
  replicas: BrokerGroup['replicas'] = group().replicas.map((replica) => ({ ...replica, incarnation: null })),
) => {
  const choice = chooseCandidate({
    group: group({
      epoch: epoch(0),
      master: null,
      reigns: [],
      syncSets: [],
      replicas,
      phase: fencing({ epoch: epoch(1), reason: 'adoption', ...phase }),
    }),
    reads,
    collectionOver,
  });
  return choice.kind === 'promote'
    ? `${choice.candidate} ${choice.ground}`
    : `${choice.kind}: ${choice.detail}`;
};

const running = [read(M, 100n), read(A2, 100n), read(B1, 90n), read(B2, 100n)];
const fresh = [M, A2, B1, B2].map((id) => read(id, 0n, { lineage: lineage(`fresh-${id}`) }));

test('nobody may be missing', () => {
  assert.equal(adopt(running.slice(1), {}, false), 'wait: not read: m');
  assert.equal(adopt(running.slice(1)), 'unprovable: not read: m');
  const loading = [read(M, 100n, { loading: true }), ...running.slice(1)];
  assert.equal(adopt(loading), 'unprovable: not read: m');
});

test('a replica that was fenced in the middle of a full resync does not hold the adoption up, a first master does', () => {
  const cutShort = { ...read(A2, 0n, { lineage: lineage('fresh') }), wasSyncing: true };
  const reads = [read(M, 100n), cutShort, read(B1, 90n), read(B2, 100n)];
  assert.equal(adopt(reads, { preferred: M }), 'm proven');
  assert.equal(adopt(reads, { preferred: A2 }), 'unprovable: a2 was in a full resync');
  assert.equal(adopt(reads), 'unprovable: a2 was in a full resync');
});

test('the named first master is taken, whatever streams the others hold', () => {
  assert.equal(adopt(running, { preferred: M }), 'm proven');
  assert.equal(adopt(fresh, { preferred: B1 }), 'b1 proven');
});

test('but not when another holds more of its own stream', () => {
  assert.equal(adopt(running, { preferred: B1 }), 'unprovable: m holds more of the same stream');
});

test('without a name, one shared stream is settled by offset, several are not', () => {
  assert.equal(adopt(running), 'a2 proven');
  assert.equal(adopt(fresh), 'unprovable: the replicas hold different histories: name the first master');
});

test('a first master that was restarted between two tries may have lost its data', () => {
  const again = [read(M, 100n, { incarnation: processOf(M, 2) }), ...running.slice(1)];
  const tried = group().replicas;
  assert.match(adopt(again, { preferred: M }, true, tried), /unprovable: m was restarted/);
  assert.equal(adopt(again, { preferred: M, unsafe: true }, true, tried), 'm unsafe');
});
