/** What operators are told where no promotion can be proven: everywhere the same, with a command to copy. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adoptedGroup, type GroupTier, KEY } from './adopted-group.ts';
import { A2, B1, M } from './fake-servers.ts';

const SAYS =
  /sync set 1 of epoch 1 takes 1 of 2.*a2: does not answer.*Missing: m, a2; worst case 30 bytes .*pollux failover orders --unsafe --reason ".*" --cluster main$/;

/** m dies with 30 bytes that b1, which lags, does not have; a2, which has them, is gone too. */
function stranded(): GroupTier {
  const tier = adoptedGroup();
  tier.servers.of(B1).lags = true;
  tier.servers.write(30n);
  tier.tier.run(500);
  tier.servers.kill(A2);
  tier.servers.of(M).state = 'hung';
  tier.until(() => tier.alerts.includes('unprovable'), 'alert', 6_000);
  return tier;
}

const force = (tier: GroupTier, unsafe: boolean, note?: string) =>
  tier.ask({ type: 'failover', group: KEY, to: null, unsafe, by: 'eve', note });

test('alert, refusal and history name who is missing and why, the worst case, and the command', () => {
  const tier = stranded();
  assert.match(tier.alert('unprovable'), SAYS);
  const refused = force(tier, false);
  assert.ok(!refused.ok);
  assert.equal(refused.refusal.code, 'unprovable');
  assert.match(refused.refusal.message, SAYS);
  const note = tier.notes.at(-1);
  assert.equal(note?.outcome, 'unprovable');
  assert.equal(note?.loss.predictedBytes, 30n);
  assert.match(note?.steps.at(-1)?.detail ?? '', SAYS);
});

test('whoever forces it stands in the record with the reason, beside what was predicted and what was measured', () => {
  const tier = stranded();
  assert.equal(force(tier, true, 'the rack is gone').ok, true);
  tier.until(() => tier.phase() === 'active 2', 'a new reign', 5_000);
  const forced = tier.lastRecord;
  assert.deepEqual([forced.by, forced.to, forced.outcome], ['eve', B1, 'completed']);
  assert.equal(forced.steps[0]?.detail, 'operatorFailover, unsafe by operator, the rack is gone');
  assert.deepEqual(forced.loss, { predictedBytes: 30n, measuredBytes: null });
  assert.equal(tier.notes.at(-1)?.outcome, 'carriedOut');
  assert.match(tier.notes.at(-1)?.steps.at(-1)?.detail ?? '', new RegExp(forced.id));
  tier.servers.of(M).state = 'up';
  tier.until(() => tier.lastRecord.loss.measuredBytes !== null, 'the old master is measured', 5_000);
  assert.deepEqual(tier.lastRecord.loss, { predictedBytes: 30n, measuredBytes: 30n });
  const fenced = tier.lastRecord.steps.find(({ step }) => step === 'oldMasterFenced');
  assert.match(fenced?.detail ?? '', /30 bytes beyond the cut.*acknowledged writes may be among them/);
});

test('a group that was fenced and cannot be proven says so in its record, and to whoever asks for a move', () => {
  const tier = adoptedGroup();
  tier.servers.kill(A2);
  tier.servers.kill(M);
  tier.until(() => tier.alerts.includes('unprovable') && tier.phase() === 'fencing 2', 'fenced', 6_000);
  tier.tier.run(500);
  const step = tier.lastRecord.steps.filter(({ step: name }) => name === 'unprovable');
  assert.equal(step.length, 1);
  assert.match(
    step[0]?.detail ?? '',
    /m: does not answer; a2: does not answer.*pollux failover orders --unsafe/,
  );
  const refused = force(tier, false);
  assert.ok(!refused.ok);
  assert.equal(refused.refusal.code, 'unprovable');
  assert.match(refused.refusal.message, /Missing: a2, m; worst case 0 bytes/);
});

test('after a proven failover the tail of the old master is none that was acknowledged', () => {
  const tier = adoptedGroup();
  for (const id of [A2, B1]) tier.servers.of(id).lags = true;
  tier.servers.write(30n);
  tier.servers.of(M).state = 'hung';
  tier.until(() => tier.phase() === 'active 2', 'a new reign', 5_000);
  assert.equal(tier.lastRecord.loss.predictedBytes, 0n);
  tier.servers.of(M).state = 'up';
  tier.until(() => tier.lastRecord.loss.measuredBytes !== null, 'the old master is measured', 5_000);
  assert.equal(tier.lastRecord.loss.measuredBytes, 30n);
  const fenced = tier.lastRecord.steps.find(({ step }) => step === 'oldMasterFenced');
  assert.match(fenced?.detail ?? '', /none of it acknowledged under the policy/);
});

test('an old master under another stream id cannot be measured, and nothing is claimed of it', () => {
  const tier = adoptedGroup();
  tier.servers.kill(M);
  tier.until(() => tier.phase() === 'active 2', 'a new reign', 5_000);
  tier.servers.restart(M);
  const line = () => tier.lastRecord.steps.find(({ step }) => step === 'oldMasterFenced');
  tier.until(() => line() !== undefined, 'the old master is fenced', 5_000);
  assert.match(line()?.detail ?? '', /another stream id.*cannot be measured/);
  assert.equal(tier.lastRecord.loss.measuredBytes, null);
});
