import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseCandidate } from '../../../src/core/failover/candidates.ts';
import type { Choice } from '../../../src/core/failover/choice.ts';
import type { ServerRead } from '../../../src/core/failover/coverage.ts';
import type { BrokerGroup, GroupPhase } from '../../../src/core/metadata/state.ts';
import { epoch, lineage, siteName } from '../../../src/core/primitives/identifiers.ts';
import {
  A2,
  B1,
  B2,
  fencing,
  givenUp,
  group,
  M,
  memberOf,
  processOf,
  read,
  reign,
  SITE_A,
  syncSet,
} from './group-fixture.ts';

type Fencing = Extract<GroupPhase, { kind: 'fencing' }>;
const choose = (
  reads: readonly ServerRead[],
  phase: Partial<Fencing> = {},
  change: Partial<BrokerGroup> = {},
  collectionOver = false,
) =>
  chooseCandidate({
    group: group({ ...change, phase: fencing(phase) }),
    reads,
    collectionOver,
  });
const short = (choice: Choice): string => {
  if (choice.kind !== 'promote') return choice.kind;
  return `${choice.candidate}@${choice.cut} ${choice.reinstated ? 'reinstated' : choice.ground}`;
};

test('the best offset is chosen as soon as the proof stands', () => {
  assert.equal(short(choose([read(B1, 100n)])), 'wait');
  assert.equal(short(choose([read(B1, 100n), read(B2, 120n)])), 'b2@120 proven');
});

test('no preference beats an offset', () => {
  const replicas = group().replicas.map((replica) => ({ ...replica, priority: replica.id === A2 ? 1 : 100 }));
  const choice = choose([read(A2, 119n), read(B2, 120n)], { preferred: A2 }, { replicas });
  assert.equal(short(choice), 'b2@120 proven');
});

test('ties go to the master’s IDC, then by priority, then by id', () => {
  assert.equal(short(choose([read(B1, 100n), read(A2, 100n)])), 'a2@100 proven');
  const replicas = group().replicas.map((replica) => ({ ...replica, priority: replica.id === B2 ? 1 : 100 }));
  assert.equal(short(choose([read(B1, 100n), read(B2, 100n)], {}, { replicas })), 'b2@100 proven');
  assert.equal(short(choose([read(B2, 100n), read(B1, 100n)])), 'b1@100 proven');
});

test('a tie goes first to the server that the others can follow without a full resync', () => {
  const promoted = { lineage: lineage('X'), secondLineage: lineage('L1'), secondOffset: 101n };
  const choice = choose([read(A2, 100n, promoted), read(B1, 100n), read(B2, 90n)]);
  assert.equal(short(choice), 'b1@100 proven');
});

test('the old master, still the same process, is reinstated; restarted it counts for nothing', () => {
  assert.equal(short(choose([read(M, 130n)])), 'm@130 reinstated');
  assert.equal(short(choose([read(M, 100n), read(A2, 100n), read(B1, 100n)])), 'm@100 reinstated');
  assert.equal(short(choose([read(M, 130n, { incarnation: processOf(M, 2) }), read(B1, 100n)])), 'wait');
});

test('a server that still answers as a master was not revoked', () => {
  assert.equal(short(choose([read(M, 130n, { role: 'master' })], {}, {}, true)), 'unprovable');
});

test('switchover: the wanted one when it holds all that the master holds, else the master goes on', () => {
  const phase: Partial<Fencing> = { reason: 'switchover', preferred: B2 };
  const others = [read(A2, 130n), read(B1, 130n)];
  assert.equal(short(choose([...others, read(B2, 130n), read(M, 130n)], phase)), 'b2@130 proven');
  assert.equal(short(choose([read(A2, 120n), read(B2, 120n), read(M, 130n)], phase)), 'm@130 reinstated');
  assert.equal(short(choose([...others, read(M, 130n)], phase, {}, true)), 'a2@130 proven');
});

test('a planned move waits for the servers that it is about', () => {
  const phase: Partial<Fencing> = { reason: 'switchover', preferred: B2 };
  assert.equal(short(choose([read(A2, 130n), read(B1, 130n)], phase)), 'wait');
  assert.equal(short(choose([read(A2, 130n), read(B2, 130n)], phase)), 'wait');
  assert.equal(short(choose([read(A2, 130n), read(B2, 130n)], phase, {}, true)), 'b2@130 proven');
});

test('an operator’s failover moves away when the others prove it, and otherwise loses nothing either', () => {
  const phase: Partial<Fencing> = { reason: 'operatorFailover' };
  assert.equal(short(choose([read(M, 130n), read(B1, 120n), read(B2, 121n)], phase)), 'b2@121 proven');
  assert.equal(short(choose([read(M, 130n), read(B1, 120n)], phase, {}, true)), 'm@130 reinstated');
  assert.equal(
    short(choose([read(M, 130n), read(B1, 120n)], { ...phase, unsafe: true }, {}, true)),
    'm@130 reinstated',
  );
  assert.equal(short(choose([read(M, 130n), read(B1, 130n)], phase, {}, true)), 'b1@130 proven');
});

test('below the floor nothing is proven: a server lost data behind its offset', () => {
  const choice = choose([read(B1, 100n), read(B2, 120n)], {}, { floor: 150n }, true);
  assert.equal(short(choice), 'unprovable');
  assert.ok(choice.kind !== 'promote');
  assert.equal(choice.bestOffset, 120n);
  assert.match(choice.detail, /150 is known to be acknowledged/);
});

test('a floor that only says where the reign began asks for nothing', () => {
  const change = { epoch: epoch(2), master: B2, reigns: [reign(1, M, 0n), reign(2, B2, 150n)], floor: 150n };
  const choice = choose([read(A2, 120n), read(B1, 130n)], { epoch: epoch(3) }, change);
  assert.equal(short(choice), 'b1@130 proven');
});

test('wait while somebody who could help is being asked, unprovable when nobody is left', () => {
  assert.equal(short(choose([read(B1, 100n)], {}, {}, true)), 'unprovable');
  const lost = [A2, B2, M].map((id) => read(id, 100n, { incarnation: processOf(id, 2) }));
  assert.equal(short(choose([read(B1, 100n), ...lost])), 'unprovable');
  const choice = choose([read(B1, 100n)]);
  assert.deepEqual(choice.kind === 'wait' && choice.missing, [A2, B2, M]);
  assert.equal(choice.kind === 'wait' && choice.bestOffset, 100n);
});

test('every rule in force is satisfied together', () => {
  const syncSets = [syncSet([A2, B1, B2], 2), syncSet([A2, B1], 1, { version: 2 })];
  assert.equal(short(choose([read(B1, 100n), read(B2, 120n)], {}, { syncSets })), 'wait');
  assert.equal(short(choose([read(B1, 100n), read(A2, 90n)], {}, { syncSets })), 'b1@100 proven');
});

test('while nothing can be acknowledged, members that left the set stay electable by the rule before', () => {
  const change = {
    epoch: epoch(2),
    master: B1,
    reigns: [reign(1, M, 0n), reign(2, B1, 100n)],
    syncSets: [syncSet([A2, B1], 2), syncSet([], 1, { version: 2, epoch: epoch(2) })],
  };
  assert.equal(short(choose([read(A2, 100n)], { epoch: epoch(3) }, change)), 'a2@100 proven');
});

test('async: the best of all that can be read, and only then', () => {
  const syncSets = [syncSet([A2, B1, B2], 0)];
  assert.equal(short(choose([read(B1, 100n)], {}, { syncSets, policy: 'async' })), 'wait');
  const over = choose([read(B1, 100n), read(A2, 90n)], {}, { syncSets, policy: 'async' }, true);
  assert.equal(short(over), 'b1@100 async');
});

test('an unsafe choice takes the best there is, once everybody had the chance to be read', () => {
  assert.equal(short(choose([read(B1, 100n)], { unsafe: true })), 'wait');
  assert.equal(short(choose([read(B1, 100n)], { unsafe: true }, {}, true)), 'b1@100 unsafe');
  const restarted = [B1, B2].map((id, index) => read(id, BigInt(index), { incarnation: processOf(id, 2) }));
  assert.equal(short(choose(restarted, { unsafe: true }, {}, true)), 'b2@1 unsafe');
  assert.equal(short(choose(restarted, { unsafe: true, preferred: B1 }, {}, true)), 'b1@0 unsafe');
  assert.equal(short(choose([], { unsafe: true }, {}, true)), 'unprovable');
});

const X = { lineage: lineage('X'), secondLineage: lineage('L1'), secondOffset: 941n };

test('a failed promotion may have acknowledged: its slave outranks a longer tail of the reign before', () => {
  const phase = { epoch: epoch(3), reason: 'promotionFailed' } as const;
  const change = {
    syncSets: [syncSet([A2, B1, B2], 2), syncSet([B2], 1, { version: 2, epoch: epoch(2) })],
    givenUp: [givenUp(2, B1, 950n, { members: [memberOf(B2)] })],
  };
  const decide = (reads: ServerRead[]) => short(choose(reads, phase, change, true));
  assert.equal(decide([read(B2, 960n, X), read(A2, 990n)]), 'b2@960 proven');
  assert.equal(decide([read(B2, 945n, X), read(A2, 948n)]), 'a2@948 proven');
  assert.equal(decide([read(M, 990n), read(A2, 990n)]), 'unprovable');
});

test('a choice says whose stream it goes on from, and which lineages were found out', () => {
  const phase = { epoch: epoch(3), reason: 'promotionFailed' } as const;
  const change = {
    syncSets: [syncSet([A2, B1, B2], 2), syncSet([B2], 1, { version: 2, epoch: epoch(2) })],
    givenUp: [givenUp(2, B1, 950n, { members: [memberOf(B2)] })],
  };
  const decide = (reads: ServerRead[], unsafe = false) => {
    const choice = choose(reads, { ...phase, unsafe }, change, true);
    assert.ok(choice.kind === 'promote');
    return [choice.cutEpoch, choice.branches];
  };
  const branches = [{ epoch: 2, lineage: 'X' }];
  assert.deepEqual(decide([read(B2, 960n, X), read(A2, 990n)]), [2, branches]);
  assert.deepEqual(decide([read(B2, 945n, X), read(A2, 948n)]), [1, branches]);
  assert.deepEqual(decide([read(B1, 950n)]), [1, []]);
  const other = { incarnation: processOf(A2, 2), lineage: lineage('Z') };
  assert.deepEqual(decide([read(A2, 990n, other)], true), [null, []], 'an operator takes what is there');
});

test('the candidate that alone is left of a set degraded to nobody goes on, as long as it is the same process', () => {
  const phase = { epoch: epoch(3), reason: 'promotionFailed' } as const;
  const change = {
    syncSets: [syncSet([A2, B1, B2], 2), syncSet([], 0, { version: 2, epoch: epoch(2), degraded: true })],
    givenUp: [givenUp(2, B1, 950n)],
  };
  const branch = { ...X, secondOffset: 950n };
  assert.equal(short(choose([read(B1, 970n, branch)], phase, change)), 'b1@970 proven');
  assert.equal(
    short(choose([read(A2, 990n), read(B2, 950n), read(M, 990n)], phase, change, true)),
    'unprovable',
  );
});

test('the record names every candidate with its place and why it was not chosen', () => {
  const { candidates } = choose([read(B1, 100n), read(B2, 120n), read(A2, 5n, { loading: true })]);
  assert.deepEqual(candidates, [
    { replica: B1, site: 'idc-b', offset: 100n, epoch: 1, chosen: false, detail: '20 bytes behind the best' },
    { replica: B2, site: 'idc-b', offset: 120n, epoch: 1, chosen: true, detail: 'as far as the best' },
    {
      replica: A2,
      site: SITE_A,
      offset: 5n,
      epoch: 0,
      chosen: false,
      detail: 'does not count: it is loading its data',
    },
    {
      replica: M,
      site: SITE_A,
      offset: null,
      epoch: 0,
      chosen: false,
      detail: 'not read: it has not answered',
    },
  ]);
});

const chooseAvoiding = (
  reads: readonly ServerRead[],
  phase: Partial<Fencing> = {},
  collectionOver = false,
  avoided = new Set([SITE_A]),
) =>
  short(
    chooseCandidate({
      group: group({ phase: fencing(phase) }),
      reads,
      avoided,
      collectionOver,
    }),
  );

test('an IDC that is being emptied loses every tie, and no offset', () => {
  const tie = [read(A2, 100n), read(B1, 100n)];
  assert.equal(chooseAvoiding(tie, {}, false, new Set()), 'a2@100 proven');
  assert.equal(chooseAvoiding(tie), 'b1@100 proven');
  assert.equal(chooseAvoiding([read(A2, 101n), read(B1, 100n), read(B2, 100n)]), 'a2@101 proven');
  // A master that answers again goes on, but where it is to go anyway.
  assert.equal(
    chooseAvoiding([read(M, 100n), read(A2, 100n), read(B1, 100n), read(B2, 90n)]),
    'b1@100 proven',
  );
});

test('whoever an operator names goes before the IDC', () => {
  assert.equal(chooseAvoiding([read(A2, 100n), read(B1, 100n)], { preferred: A2 }), 'a2@100 proven');
});

test('before a master is put into an emptied IDC, the others are waited for', () => {
  const reads = [read(A2, 101n), read(B1, 100n)];
  assert.equal(chooseAvoiding(reads), 'wait');
  assert.equal(chooseAvoiding(reads, {}, true), 'a2@101 proven');
});

test('automatic promotion stays out of a closed IDC, unless the master itself goes on there', () => {
  const closedTo = (reads: Parameters<typeof choose>[0], site: string, change = {}) => {
    const of = group({ phase: fencing(change) });
    return chooseCandidate({
      group: of,
      reads,
      collectionOver: false,
      closedSites: new Set([siteName(site)]),
    });
  };
  const even = [read(B1, 120n), read(A2, 120n)];
  assert.equal(short(closedTo(even, 'idc-a')), 'b1@120 proven');
  assert.equal(short(closedTo(even, 'idc-b')), 'a2@120 proven');
  const ahead = [read(B1, 121n), read(A2, 120n)];
  const closed = closedTo(ahead, 'idc-b');
  assert.equal(closed.kind, 'closed', 'no preference beats an offset');
  assert.match(closed.detail, /b1 holds everything and stands in idc-b/);
  assert.equal(short(closedTo([read(M, 130n), read(B1, 121n)], 'idc-a')), 'm@130 reinstated');
});
