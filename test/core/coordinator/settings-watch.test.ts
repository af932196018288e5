import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServerCheck, SteerAction, SteerOutcome } from '../../../src/core/failover/steering.ts';
import { LIMITS } from '../../../src/core/primitives/limits.ts';
import { adoptedGroup, type GroupTier } from './adopted-group.ts';
import { A2, B1, M } from './fake-servers.ts';

type Check = Extract<SteerAction, { kind: 'check' }>;

const clean: ServerCheck = { findings: [], administrators: [], fileWrites: 0, fileWritten: false };
const finding = {
  what: 'repl-backlog-ttl',
  expected: '0',
  found: '3600',
  mended: true,
  advice: 'find out who changed it',
};

/** Answers every look as the test says; keeps what was asked. */
function watched(answer: (replica: string, action: Check) => Partial<ServerCheck>): {
  readonly tier: GroupTier;
  readonly looks: { readonly replica: string; readonly action: Check; readonly atMs: number }[];
} {
  const tier = adoptedGroup();
  const looks: { replica: string; action: Check; atMs: number }[] = [];
  const carryOut = tier.steer;
  tier.steer = (request, node): SteerOutcome => {
    const { action, target } = request;
    if (action.kind !== 'check') return carryOut(request, node);
    looks.push({ replica: target.replica, action, atMs: tier.tier.now.monotonicMs });
    return { kind: 'checked', check: { ...clean, ...answer(target.replica, action) } };
  };
  return { tier, looks };
}

test('every server is looked at in its turn, slowly, and against what was granted last', () => {
  const { tier, looks } = watched(() => ({}));
  tier.tier.run(25_000);
  for (const id of [M, A2, B1]) {
    const times = looks.filter(({ replica }) => replica === id).map(({ atMs }) => atMs);
    assert.ok(times.length >= 2 && times.length <= 4, `${id} at ${times.join(', ')}`);
    assert.ok(times.every((atMs, at) => at === 0 || atMs - (times[at - 1] ?? 0) >= 10_000));
  }
  const { action } = looks.find(({ replica }) => replica === M) ?? {};
  assert.deepEqual(action?.master?.members, [A2, B1]);
  assert.deepEqual(action?.master?.producer.timeFence, { minimumSlaves: 1, maximumLagSeconds: 3 });
  assert.ok(looks.every(({ replica, action: one }) => (one.master === null) === (replica !== M)));
  assert.deepEqual(tier.alerts, []);
});

test('what is found stands as an alert until it is found gone, and what was put right is in the history once', () => {
  let isWrong = true;
  const { tier } = watched((replica) => (isWrong && replica === A2 ? { findings: [finding] } : {}));
  tier.until(() => tier.alerts.includes('deviation'), 'alert', 12_000);
  assert.match(tier.alert('deviation'), /^a2 \(a2:6379\): repl-backlog-ttl is 3600, expected 0; put right/);
  tier.tier.run(25_000);
  const noted = tier.lastRecord.steps.filter(({ step }) => step === 'putRight');
  assert.equal(noted.length, 1);
  isWrong = false;
  tier.until(() => !tier.alerts.includes('deviation'), 'it is gone', 12_000);
});

test('a line that is cut where it is kept is kept once all the same', () => {
  const long = { ...finding, found: 'x'.repeat(LIMITS.textCharacters) };
  const { tier } = watched((replica) => (replica === A2 ? { findings: [long] } : {}));
  tier.tier.run(45_000);
  assert.equal(tier.lastRecord.steps.filter(({ step }) => step === 'putRight').length, 1);
});

test('a file that somebody had written is written again on a slave, and named on a master', () => {
  const writes = new Map<string, number>([
    [M, 0],
    [A2, 0],
  ]);
  const { tier, looks } = watched((replica, { writeFile }) => {
    if (writeFile) writes.set(replica, (writes.get(replica) ?? 0) + 1);
    return { fileWrites: writes.get(replica) ?? 0, fileWritten: writeFile };
  });
  tier.tier.run(12_000);
  assert.deepEqual(tier.alerts, []);
  writes.set(A2, 1).set(M, 1);
  tier.until(
    () => looks.some(({ replica, action }) => replica === A2 && action.writeFile),
    'written',
    25_000,
  );
  tier.tier.run(22_000);
  assert.ok(!looks.some(({ replica, action }) => replica === M && action.writeFile), 'never a master');
  assert.equal(looks.filter(({ action }) => action.writeFile).length, 1);
  assert.match(tier.alert('deviation'), /^m .*may not boot fenced.*pollux switchover orders --cluster main$/);
});

test('a file that cannot be written is tried less and less often, and what else was found stands', () => {
  const writes = new Map<string, number>([[A2, 0]]);
  const { tier, looks } = watched((replica) => ({
    findings: replica === A2 ? [finding] : [],
    fileWrites: writes.get(replica) ?? 0,
  }));
  tier.tier.run(12_000);
  writes.set(A2, 1);
  tier.tier.run(200_000);
  const times = looks.filter(({ action }) => action.writeFile).map(({ atMs }) => atMs);
  const pauses = times.slice(1).map((atMs, at) => atMs - (times[at] ?? 0));
  assert.ok(times.length >= 3 && times.length <= 5, `at ${times.join(', ')}`);
  assert.ok(
    pauses.every((pauseMs, at) => pauseMs >= 20_000 * 2 ** at),
    `pauses ${pauses.join(', ')}`,
  );
  assert.match(tier.alert('deviation'), /repl-backlog-ttl/);
});

test('an administrator who appears is named', () => {
  const users: string[] = [];
  const { tier } = watched((replica) => (replica === B1 ? { administrators: [...users] } : {}));
  tier.tier.run(12_000);
  assert.deepEqual(tier.alerts, []);
  users.push('mallory');
  tier.until(() => tier.alerts.includes('deviation'), 'alert', 12_000);
  assert.match(tier.alert('deviation'), /user mallory.*ACL DELUSER mallory/);
});

test('a look that is under way keeps nobody from a failover', () => {
  const { tier } = watched(() => ({}));
  tier.tier.run(3_000);
  tier.servers.kill(M);
  tier.until(() => tier.phase() === 'active 2', 'a new reign', 4_000);
});
