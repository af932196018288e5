import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adoptedGroup, KEY } from './adopted-group.ts';
import { A2, B1, M } from './fake-servers.ts';

test('a fenced master that comes back unchanged before anybody was promoted reigns on, one epoch later', () => {
  const tier = adoptedGroup();
  tier.tier.holdSteer = ({ action, target }) => action.kind === 'revoke' && target.replica !== M;
  tier.servers.of(M).state = 'hung';
  tier.until(() => tier.phase() === 'fencing 2', 'fenced', 4_000);
  tier.servers.of(M).state = 'up';
  tier.until(() => tier.phase() === 'active 2', 'reinstated', 3_000);
  assert.equal(tier.group.master, M);
  assert.equal(tier.lastRecord.outcome, 'reinstated');
  tier.tier.holdSteer = () => false;
  tier.tier.releaseSteers();
  tier.settled(2, [A2, B1]);
});

test('nothing is promoted while too few are read, and the alert says what is missing and what it may cost', () => {
  const tier = adoptedGroup();
  const unreachable = { kind: 'failed', reason: 'unreachable', detail: 'no route' } as const;
  tier.servers.of(A2).answers.set('revoke', unreachable);
  tier.servers.kill(M);
  tier.until(() => tier.alerts.includes('unprovable'), 'alert', 5_000);
  assert.match(tier.alert('unprovable'), /Missing: .*a2.*worst case/);
  assert.equal(tier.phase(), 'fencing 2');
  assert.deepEqual(tier.servers.writable(), []);
  tier.servers.of(A2).answers.clear();
  tier.until(() => tier.phase() === 'active 2', 'a new reign', 3_000);
  tier.tier.run(200);
  assert.ok(!tier.alerts.includes('unprovable'));
});

test('with a proof in hand, a member that is being read is waited for: the new reign need not begin degraded', () => {
  const tier = adoptedGroup({ policy: 'cross-idc', onShortage: 'degrade' });
  tier.tier.holdSteer = ({ action, target }) => action.kind === 'revoke' && target.replica === B1;
  tier.servers.kill(M);
  tier.until(() => tier.phase() === 'fencing 2', 'fenced', 4_000);
  tier.tier.run(100);
  assert.equal(tier.phase(), 'fencing 2');
  tier.tier.holdSteer = () => false;
  tier.tier.releaseSteers();
  tier.until(() => tier.phase() === 'active 2', 'a new reign', 3_000);
  const first = tier.group.syncSets.find((set) => set.epoch === 2);
  assert.deepEqual([first?.degraded, first?.members.length], [false, 1]);
});

test('but not for long: a member that does not answer in time joins later', () => {
  const tier = adoptedGroup({ policy: 'cross-idc', onShortage: 'degrade' });
  tier.tier.holdSteer = ({ action, target }) => action.kind === 'revoke' && target.replica === B1;
  tier.servers.kill(M);
  tier.until(() => tier.phase() === 'fencing 2', 'fenced', 4_000);
  tier.until(() => tier.phase() === 'active 2', 'a new reign', 600);
});

test('a replica that refuses to be fenced is an alert, lowered when it gives way', () => {
  const tier = adoptedGroup();
  tier.servers.of(A2).answers.set('revoke', { kind: 'failed', reason: 'refused', detail: 'NOPERM' });
  tier.servers.kill(M);
  tier.until(() => tier.alerts.includes('brokerRefused'), 'alert', 5_000);
  assert.match(tier.alert('brokerRefused'), /a2 cannot be fenced: NOPERM/);
  tier.servers.of(A2).answers.clear();
  tier.until(() => tier.phase() === 'active 2', 'a new reign', 3_000);
  assert.ok(!tier.alerts.includes('brokerRefused'));
});

test('a replica that restarts after it was read has to be read again, and its old data counts for nothing', () => {
  const tier = adoptedGroup();
  tier.servers.of(B1).lags = true;
  tier.servers.write();
  tier.tier.holdSteer = ({ action, target }) => action.kind === 'revoke' && target.replica === B1;
  tier.servers.kill(M);
  tier.until(() => tier.servers.done.at(-1) === 'b1 revoke', 'both revoked', 4_000);
  tier.servers.restart(A2);
  tier.tier.run(500);
  tier.tier.holdSteer = () => false;
  tier.tier.releaseSteers();
  tier.tier.run(3_000);
  assert.equal(tier.phase(), 'fencing 2');
  assert.ok(tier.alerts.includes('unprovable'));
  assert.deepEqual(tier.servers.writable(), []);
});

test('a leader that crashes while fencing leaves a phase that the next one ends, with one writable master', () => {
  const tier = adoptedGroup();
  tier.tier.holdSteer = ({ action }) => action.kind === 'revoke';
  tier.servers.kill(M);
  tier.until(() => tier.phase() === 'fencing 2', 'fenced', 4_000);
  const revoked = tier.servers.done.filter((line) => line.endsWith('revoke')).length;
  const crashed = tier.leader;
  tier.tier.crash(crashed);
  tier.tier.holdSteer = () => false;
  tier.until(() => tier.tier.leader() !== null && tier.phase() === 'active 2', 'a new reign');
  // Reads of another term are not evidence: every server was revoked and read again.
  assert.ok(tier.servers.done.filter((line) => line.endsWith('revoke')).length >= revoked + 2);
  assert.deepEqual(tier.servers.writable(), [tier.group.master]);
  tier.tier.releaseSteers();
  tier.tier.start(crashed);
  tier.servers.restart(M);
  tier.settled(
    2,
    [M, A2, B1].filter((id) => id !== tier.group.master),
  );
});

test('an offset that an acknowledging set was seen to hold is a floor for the promotion', () => {
  const tier = adoptedGroup();
  tier.servers.write();
  tier.tier.run(300);
  tier.servers.kill(M);
  // The slaves forget what they held, which no rule of reading could notice.
  tier.servers.of(A2).offset = 105n;
  tier.servers.of(B1).offset = 105n;
  tier.until(() => tier.alerts.includes('unprovable'), 'alert', 5_000);
  assert.match(tier.alert('unprovable'), /110 is known to be acknowledged.*worst case 5 bytes/);
});

test('an operator who accepts the loss ends a fencing that cannot be proven', () => {
  const tier = adoptedGroup();
  tier.servers.kill(A2);
  tier.servers.of(M).state = 'hung';
  tier.until(() => tier.alerts.includes('unprovable'), 'alert', 5_000);
  const request = { type: 'failover', group: KEY, to: null, by: 'eve' } as const;
  const refused = tier.ask({ ...request, unsafe: false });
  assert.equal(!refused.ok && refused.refusal.code, 'unprovable');
  const forced = tier.ask({ ...request, unsafe: true });
  assert.equal(forced.ok && forced.value.kind, 'moveStarted');
  tier.until(() => tier.phase() === 'active 2', 'a new reign', 5_000);
  assert.equal(tier.group.master, B1);
  assert.match(tier.lastRecord.by, /eve/);
});
