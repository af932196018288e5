import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLOSE_BYTES, type MoveQuestion, moveTarget } from '../../../src/core/drills/move-target.ts';
import type { ServerReport } from '../../../src/core/liveness/observation.ts';
import type { BrokerGroup } from '../../../src/core/metadata/state.ts';
import { type ReplicaId, replicaId } from '../../../src/core/primitives/identifiers.ts';
import {
  A2,
  addressOf,
  B1,
  B2,
  fencing,
  group,
  M,
  processOf,
  report,
  SITE_A,
  SITE_B,
  syncSet,
} from '../failover/group-fixture.ts';

const followsMaster = { address: addressOf(M), linkUp: true, syncing: false, lastReceivedSecondsAgo: 0 };
const follower = (id: ReplicaId, offset: bigint, change: Partial<ServerReport> = {}): ServerReport =>
  report(id, offset, { follows: followsMaster, ...change });

/** m reigns at 100; who is not named is as far. */
function ask(
  reports: Readonly<Record<string, ServerReport | null>>,
  question: Partial<MoveQuestion> = {},
  change: Partial<BrokerGroup> = {},
) {
  return moveTarget({
    group: group(change),
    to: null,
    into: null,
    avoided: new Set(),
    reportOf: (id) => {
      if (Object.hasOwn(reports, id)) return reports[id] ?? null;
      return id === M ? report(M, 100n, { role: 'master', follows: null }) : follower(id, 100n);
    },
    ...question,
  });
}

function chosen(...question: Parameters<typeof ask>) {
  const target = ask(...question);
  assert.ok(target.ok, target.ok ? '' : target.refusal.message);
  return target.value;
}

const prefer = (id: ReplicaId) => ({
  replicas: group().replicas.map((replica) => ({ ...replica, priority: replica.id === id ? 1 : 100 })),
});

test('out of an IDC: only into one that is active, whatever the priorities', () => {
  const { to, why } = chosen({}, { avoided: new Set([SITE_A]) }, prefer(A2));
  assert.equal(to.id, B1);
  assert.equal(why, 'as good as b2, first by name');
});

test('into an IDC: only there', () => {
  assert.equal(chosen({}, { into: SITE_A }).to.id, A2);
  const gone = ask({ [A2]: null }, { into: SITE_A });
  assert.ok(!gone.ok && gone.refusal.code === 'unprovable');
  assert.match(gone.refusal.message, /No slave of main\/orders in idc-a \(a2\) is a member/);
  const none = ask({}, { avoided: new Set([SITE_A, SITE_B]) });
  assert.match(none.ok ? '' : none.refusal.message, /has no slave in an active IDC/);
});

test('priority goes before lag, lag before the name', () => {
  const outOfA = { avoided: new Set([SITE_A]) };
  const policy = { policy: 'any-one', syncSets: [syncSet([A2, B1, B2], 1)] } as const;
  const byPriority = chosen({ [B2]: follower(B2, 40n) }, outOfA, { ...policy, ...prefer(B2) });
  assert.deepEqual(
    [byPriority.to.id, byPriority.lagBytes, byPriority.why],
    [B2, 60n, 'priority 1 goes before 100 of b1'],
  );
  const near = chosen({ [B1]: follower(B1, 90n) }, outOfA, policy);
  assert.deepEqual([near.to.id, near.lagBytes, near.why], [B1, 10n, 'as good as b2, first by name']);
  // A plan and the move that follows it look at other probes: who is ahead by little must not tell them apart.
  const far = CLOSE_BYTES + 1n;
  const byLag = chosen(
    {
      [M]: report(M, 100n + far, { role: 'master', follows: null }),
      [B1]: follower(B1, 99n),
      [B2]: follower(B2, 100n + far),
    },
    outOfA,
    policy,
  );
  assert.deepEqual([byLag.to.id, byLag.why], [B2, `0 bytes behind, b1 ${far + 1n} bytes`]);
});

test('a preview says what is left of the policy with the old IDC switched off', () => {
  const { after, withoutOldIdc } = chosen({}, { avoided: new Set([SITE_A]) });
  assert.deepEqual([after.state, withoutOldIdc?.state], ['met', 'blocked']);
  assert.equal(chosen({}, { into: SITE_A }).withoutOldIdc, null);
});

test('only a member that follows as the committed process takes over', () => {
  const outOfA = { avoided: new Set([SITE_A]) };
  const notFit: readonly ServerReport[] = [
    follower(B1, 100n, { incarnation: processOf(B1, 2) }),
    follower(B1, 100n, { follows: { ...followsMaster, linkUp: false } }),
    follower(B1, 100n, { follows: { ...followsMaster, syncing: true } }),
    follower(B1, 100n, { follows: { ...followsMaster, address: addressOf(A2) } }),
  ];
  for (const one of notFit) assert.equal(chosen({ [B1]: one }, outOfA).to.id, B2);
  assert.equal(chosen({}, outOfA, { syncSets: [syncSet([A2, B2], 2)] }).to.id, B2);
});

test('asked for by name it may stand anywhere, but it has to be fit', () => {
  const asked = chosen({}, { to: A2, avoided: new Set([SITE_A]) });
  assert.deepEqual([asked.to.id, asked.why], [A2, 'a2 was asked for']);
  const refusals: readonly [Partial<MoveQuestion>, Partial<BrokerGroup>, string][] = [
    [{ to: M }, {}, 'duplicateName'],
    [{ to: replicaId('nobody') }, {}, 'unknownReplica'],
    [{ to: B1 }, { syncSets: [syncSet([A2, B2], 2)] }, 'unprovable'],
    [{}, { phase: fencing() }, 'busy'],
  ];
  for (const [question, change, code] of refusals) {
    const refused = ask({}, question, change);
    assert.equal(!refused.ok && refused.refusal.code, code);
  }
  const busy = ask({}, {}, { phase: fencing() });
  assert.match(busy.ok ? '' : busy.refusal.message, /history list --group orders --cluster main\)/);
  const silent = ask({ [M]: null });
  assert.equal(!silent.ok && silent.refusal.code, 'brokerUnreachable');
});
