/** Groups that somebody else steers: judged, followed, never touched, and taken over when an operator says so. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lineage, type ReplicaId } from '../../../src/core/primitives/identifiers.ts';
import { addRequest, GroupTier, KEY } from './adopted-group.ts';
import { addressOf, B1, M, A2 as SLAVE } from './fake-servers.ts';

function watchedGroup(): GroupTier {
  const tier = new GroupTier();
  const reply = tier.ask(addRequest({ watchOnly: true }));
  assert.equal(reply.ok, true, JSON.stringify(reply));
  tier.until(() => tier.phase() === 'active 1', 'the master is seen');
  tier.tier.run(3_000);
  return tier;
}

/** What Sentinels do, past pollux. */
function switchTo(tier: GroupTier, master: ReplicaId): void {
  const { servers } = tier;
  for (const id of [M, SLAVE, B1]) {
    if (id !== master) {
      Object.assign(servers.of(id), { role: 'slave', follows: addressOf(master) });
      continue;
    }
    const { lineage: stream, offset } = servers.of(id);
    const second = { lineage: stream, offset };
    const next = { role: 'master', follows: null, second, lineage: lineage(`stream-after-${offset}`) };
    Object.assign(servers.of(id), next);
  }
}

const takeRequest = (planOnly = false) =>
  ({ type: 'takeGroup', group: KEY, preferredMaster: null, planOnly, by: 'eve' }) as const;

test('the master that is seen is taken over as an observation, and nothing is asked of any server', () => {
  const tier = watchedGroup();
  assert.deepEqual([tier.group.master, tier.members, tier.group.watchOnly], [M, [SLAVE, B1], true]);
  assert.equal(tier.lastRecord.outcome, 'completed');
  tier.tier.run(30_000);
  assert.deepEqual([tier.servers.done, tier.phase(), tier.group.syncSets.length], [[], 'active 1', 1]);
  assert.equal(tier.group.syncSets[0]?.version, 1);
});

test('a death is judged, written down as what would have been done, and left alone', () => {
  const tier = watchedGroup();
  tier.servers.of(B1).lags = true;
  tier.servers.of(M).offset += 10n;
  tier.tier.run(500);
  tier.servers.kill(M);
  tier.until(() => tier.alerts.includes('wouldHave'), 'alert', 5_000);
  tier.tier.run(1_000);
  assert.match(tier.alert('wouldHave'), /would have promoted a2 at offset 110 .* predicted loss 0 bytes/);
  const note = tier.notes.at(-1);
  assert.deepEqual(
    [note?.outcome, note?.loss.predictedBytes, note?.from, note?.to],
    ['wouldHave', 0n, M, null],
  );
  assert.deepEqual(
    note?.candidates.filter(({ chosen }) => chosen).map(({ replica }) => replica),
    [SLAVE],
  );
  assert.ok((note?.evidence.length ?? 0) > 2, 'who confirmed it is kept');
  assert.deepEqual([tier.servers.done, tier.phase()], [[], 'active 1']);
});

test('what the Sentinels do is followed: the new master is the next reign, by somebody else', () => {
  const tier = watchedGroup();
  tier.servers.kill(M);
  tier.until(() => tier.alerts.includes('wouldHave'), 'alert', 5_000);
  switchTo(tier, B1);
  tier.until(() => tier.phase() === 'active 2', 'observed', 5_000);
  assert.deepEqual([tier.group.master, tier.members], [B1, [SLAVE]]);
  const { reason, by, from, to, outcome } = tier.lastRecord;
  assert.deepEqual([reason, by, from, to, outcome], ['observed', 'somebody else', M, B1, 'completed']);
  tier.until(() => !tier.alerts.includes('wouldHave'), 'the alert is lowered', 5_000);
  tier.servers.of(M).state = 'up';
  tier.until(() => tier.members.join() === `${SLAVE},${M}`, 'the old master is seen as a slave', 5_000);
  assert.deepEqual([tier.phase(), tier.servers.done], ['active 2', []]);
});

test('a second death is written of the second reign, and a restart is a reign of its own', () => {
  const tier = watchedGroup();
  switchTo(tier, B1);
  tier.until(() => tier.phase() === 'active 2', 'observed', 5_000);
  tier.tier.run(3_000);
  tier.servers.of(B1).life += 1;
  tier.until(() => tier.phase() === 'active 3', 'its new process is seen', 10_000);
  const note = tier.notes.at(-1);
  assert.deepEqual([note?.outcome, note?.reason, note?.epoch], ['wouldHave', 'masterRestarted', 2]);
  assert.equal(tier.group.master, B1);
  assert.deepEqual(tier.servers.done, []);
});

test('moves are refused, removal gives nothing back, and there is no plan of watching', () => {
  const tier = watchedGroup();
  const codeOf = (reply: ReturnType<GroupTier['ask']>) => (reply.ok ? 'accepted' : reply.refusal.code);
  const move = { group: KEY, to: null, by: 'eve' } as const;
  assert.equal(codeOf(tier.ask({ type: 'switchover', ...move, planOnly: false })), 'watchOnly');
  assert.equal(codeOf(tier.ask({ type: 'failover', ...move, unsafe: true })), 'watchOnly');
  assert.equal(codeOf(tier.ask(addRequest({ watchOnly: true }, true))), 'duplicateName');
  assert.equal(codeOf(tier.ask({ type: 'removeGroup', group: KEY, by: 'eve' })), 'accepted');
  tier.tier.run(2_000);
  assert.deepEqual(tier.servers.done, []);
  assert.equal(codeOf(tier.ask(addRequest({ watchOnly: true }, true))), 'invalidRequest');
});

test('take ends it by the ordinary adoption of the master that is seen to reign', () => {
  const tier = watchedGroup();
  switchTo(tier, SLAVE);
  tier.until(() => tier.phase() === 'active 2', 'observed', 5_000);
  const plan = tier.ask(takeRequest(true));
  assert.ok(plan.ok && plan.value.kind === 'plan' && plan.value.plan.fit);
  assert.equal(plan.value.plan.master, SLAVE);
  assert.deepEqual([tier.servers.done, tier.group.watchOnly], [[], true]);
  const proven: string[] = [];
  tier.steer = (request, node) => {
    if (request.action.kind === 'inspect' && request.action.proveWritable === true)
      proven.push(request.target.replica);
    return tier.servers.steer(request, node);
  };
  assert.equal(tier.ask({ ...takeRequest(true), proveWritable: true }).ok, true);
  assert.deepEqual([proven.sort(), tier.group.watchOnly], [[SLAVE, B1, M], true]);
  assert.equal(tier.ask(takeRequest()).ok, true);
  tier.settled(3, [B1, M]);
  assert.deepEqual([tier.group.master, tier.group.watchOnly, tier.lastRecord.by], [SLAVE, false, 'eve']);
  const again = tier.ask(takeRequest());
  assert.equal(again.ok ? 'accepted' : again.refusal.code, 'invalidRequest');
});
