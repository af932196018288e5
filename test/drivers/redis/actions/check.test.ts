import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { inspect } from 'node:util';
import type { ServerCheck, SteerAction, SteerTarget } from '../../../../src/core/failover/steering.ts';
import { incarnation } from '../../../../src/core/primitives/identifiers.ts';
import { LIMITS } from '../../../../src/core/primitives/limits.ts';
import { type ManagedGroup, managedGroup, reportOf, steer } from '../../../support/redis-group.ts';

const OPERATOR = { username: 'operator', password: 'any' };
const config = ['user operator on nopass ~* &* +@all'];
const producer = { syncSetVersion: 1, timeFence: null };

async function look(
  { driver, masterTarget, memberIds }: ManagedGroup,
  target: SteerTarget,
  change: Partial<Extract<SteerAction, { kind: 'check' }>> = {},
): Promise<ServerCheck> {
  const { incarnation: expectedIncarnation } = await reportOf(driver, target);
  const master = target === masterTarget ? { members: memberIds, producer } : null;
  const outcome = await steer(driver, target, {
    kind: 'check',
    expectedIncarnation,
    master,
    writeFile: false,
    ...change,
  });
  assert.equal(outcome.kind, 'checked', inspect(outcome));
  if (outcome.kind !== 'checked') throw new Error('a look that succeeds says what it found');
  return outcome.check;
}

const pairsOf = (answer: unknown): readonly string[] => {
  const words = (answer as readonly unknown[]).map(String);
  return words.flatMap((word, at) => (at % 2 === 0 ? [`${word} ${words[at + 1]}`] : [])).sort();
};

const whatOf = ({ findings }: ServerCheck) => findings.map(({ what, mended }) => `${what} ${mended}`).sort();

test('nothing is found on servers as they were taken on, and a look changes nothing', async (t) => {
  const group = await managedGroup(t, { config });
  // The order is a hash table's, and another one while a snapshot's child process runs, when tables do not grow.
  const settings = () =>
    Promise.all(
      [group.master, ...group.slaves].map(async (one) =>
        pairsOf(await one.client(OPERATOR).config('GET', '*')),
      ),
    );
  const before = await settings();
  for (const target of [group.masterTarget, ...group.slaveTargets])
    assert.deepEqual((await look(group, target)).findings, []);
  assert.deepEqual(await settings(), before);
});

test('settings that were changed by hand are named with what they should be, and put right', async (t) => {
  const group = await managedGroup(t, { config });
  const [slave] = group.slaves;
  const [slaveTarget] = group.slaveTargets;
  assert.ok(slave && slaveTarget);
  const hand = group.master.client(OPERATOR);
  await hand.config('SET', 'repl-backlog-ttl', '3600');
  await hand.config('SET', 'min-replicas-to-write', '2');
  await slave.client(OPERATOR).config('SET', 'replica-read-only', 'no');
  await slave.client(OPERATOR).config('SET', 'min-replicas-to-write', '0');
  const found = await look(group, group.masterTarget);
  assert.deepEqual(whatOf(found), ['min-replicas-to-write true', 'repl-backlog-ttl true']);
  const backlog = found.findings.find(({ what }) => what === 'repl-backlog-ttl');
  assert.deepEqual([backlog?.expected, backlog?.found], ['0', '3600']);
  assert.deepEqual(whatOf(await look(group, slaveTarget)), [
    'min-replicas-to-write true',
    'replica-read-only true',
  ]);
  for (const target of [group.masterTarget, slaveTarget])
    assert.deepEqual((await look(group, target)).findings, []);
  assert.deepEqual(await hand.config('GET', 'repl-backlog-ttl'), ['repl-backlog-ttl', '0']);
});

test('rights that came back, users that were let in and replicas that attached by hand are taken away', async (t) => {
  const group = await managedGroup(t, { slaves: 1, config });
  const hand = group.master.client(OPERATOR);
  await hand.call('ACL', 'SETUSER', 'default', '+@all');
  await hand.call('ACL', 'SETUSER', 'repl-stranger', 'on', '>secret', '+psync', '+replconf', '+ping');
  await hand.call('ACL', 'SETUSER', 'w-9', 'on', 'nopass', '~*', '+@write');
  await hand.call('ACL', 'DELUSER', 'pollux-probe');
  const found = await look(group, group.masterTarget);
  assert.deepEqual(whatOf(found), [
    'user default true',
    'user default true',
    'user pollux-probe true',
    'users that replicate or produce true',
  ]);
  assert.deepEqual((await look(group, group.masterTarget)).findings, []);
  const users = (await hand.call('ACL', 'USERS')) as string[];
  assert.deepEqual(users.filter((name) => !name.startsWith('ns-')).sort(), [
    'default',
    'operator',
    'pollux-keeper',
    'pollux-probe',
    'repl-r1',
    'w-1',
  ]);
  assert.match(String(await hand.call('ACL', 'DRYRUN', 'default', 'CONFIG', 'REWRITE')), /no permissions/);
});

test('a Sentinel that watches the server is told of, for nothing in memory drives it away', async (t) => {
  const group = await managedGroup(t, { slaves: 1 });
  const listener = group.master.client({ connectionName: 'sentinel-0a1b2c3d-cmd' });
  await listener.ping();
  const { findings } = await look(group, group.masterTarget);
  assert.deepEqual(
    findings.map(({ what, mended }) => [what, mended]),
    [['Sentinel', false]],
  );
  assert.match(findings[0]?.advice ?? '', /SENTINEL REMOVE/);
});

test('a file that somebody had written is noticed, and written again on a slave that is away for a moment only', async (t) => {
  const group = await managedGroup(t, { slaves: 1, config });
  const [slave] = group.slaves;
  const [slaveTarget] = group.slaveTargets;
  assert.ok(slave && slaveTarget);
  const fullResyncs = async () => /sync_full:\d+/.exec(await group.master.client().info('stats'))?.[0];
  const before = await fullResyncs();
  const first = await look(group, slaveTarget);
  await slave.client(OPERATOR).call('CONFIG', 'REWRITE');
  assert.match(slave.fileText(), /user ns-/, 'what is in memory is in the file now');
  const noticed = await look(group, slaveTarget);
  assert.equal(noticed.fileWrites, first.fileWrites + 1);
  const again = await look(group, slaveTarget, { writeFile: true });
  assert.equal(again.fileWritten, true);
  assert.equal(again.fileWrites, noticed.fileWrites + 1);
  assert.doesNotMatch(slave.fileText(), /user (ns|repl|w)-/);
  assert.match(slave.fileText(), /^replicaof 127\.0\.0\.1 1$/m);
  assert.match(slave.fileText(), /^min-replicas-to-write 2147483647$/m);
  await reportOf(group.driver, slaveTarget, ({ follows }) => follows?.linkUp === true);
  assert.deepEqual((await look(group, slaveTarget)).findings, []);
  const producerClient = group.master.client({ username: 'w-1', password: 'any' });
  await producerClient.set('k', '1');
  assert.equal(await producerClient.wait(1, 5_000), 1);
  assert.equal(await fullResyncs(), before, 'no further full resync');
  await slave.kill();
  await slave.start();
  const rebooted = await reportOf(group.driver, slaveTarget);
  assert.equal(rebooted.follows?.address, '127.0.0.1:1');
});

test('a file that takes nothing costs no other finding', async (t) => {
  const group = await managedGroup(t, { slaves: 1, config });
  const [slave] = group.slaves;
  const [slaveTarget] = group.slaveTargets;
  assert.ok(slave && slaveTarget);
  await slave.client(OPERATOR).config('SET', 'repl-backlog-ttl', '3600');
  const { fileWrites } = await look(group, slaveTarget);
  await slave.client(OPERATOR).config('SET', 'repl-backlog-ttl', '3600');
  rmSync(slave.directory, { recursive: true });
  const found = await look(group, slaveTarget, { writeFile: true });
  assert.deepEqual(whatOf(found), ['configuration file false', 'repl-backlog-ttl true']);
  assert.equal(found.fileWritten, false);
  assert.ok(found.fileWrites >= fileWrites);
});

test('of more administrators than a message between nodes carries the first are named', async (t) => {
  const names = Array.from({ length: LIMITS.administratorsPerCheck + 5 }, (_, at) => `operator-${at}`);
  const group = await managedGroup(t, {
    slaves: 0,
    config: names.map((name) => `user ${name} on nopass ~* &* +@all`),
  });
  const { administrators } = await look(group, group.masterTarget);
  assert.equal(administrators.length, LIMITS.administratorsPerCheck);
});

test('another process, or a server of another role, is left alone', async (t) => {
  const group = await managedGroup(t, { slaves: 1 });
  const [slaveTarget] = group.slaveTargets;
  assert.ok(slaveTarget);
  const action = { kind: 'check', master: null, writeFile: false } as const;
  const other = { ...action, expectedIncarnation: incarnation('another') };
  assert.equal((await steer(group.driver, slaveTarget, other)).kind, 'failed');
  const { incarnation: expectedIncarnation } = await reportOf(group.driver, group.masterTarget);
  const asSlave = await steer(group.driver, group.masterTarget, { ...action, expectedIncarnation });
  assert.equal(asSlave.kind === 'failed' ? asSlave.reason : asSlave.kind, 'mismatch');
});
