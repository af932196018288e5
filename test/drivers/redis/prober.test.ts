import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { type TestContext, test } from 'node:test';
import type { Observation, ProbeOutcome } from '../../../src/core/liveness/observation.ts';
import type { DriverPort } from '../../../src/core/node/ports.ts';
import { freePort } from '../../support/ports.ts';
import { createTestDriver, managedGroup, serverFor, targetOf } from '../../support/redis-group.ts';
import type { RedisServer } from '../../support/redis-server.ts';

const PROBING = { probeIntervalMs: 20, probeTimeoutMs: 150 };

/** Collects observations and hands them out in order, waiting for those that are still to come. */
function observations(driver: DriverPort) {
  const seen: Observation[] = [];
  const arrivals = new EventEmitter();
  driver.onObservation((observation) => {
    seen.push(observation);
    arrivals.emit('observation');
  });
  return {
    seen,
    next: async (wanted: (observation: Observation) => boolean): Promise<Observation> => {
      const signal = AbortSignal.timeout(10_000);
      for (;;) {
        const observation = seen.shift();
        if (observation === undefined) await once(arrivals, 'observation', { signal });
        else if (wanted(observation)) return observation;
      }
    },
  };
}

const isKind =
  (kind: ProbeOutcome['kind'], fresh?: boolean) =>
  (observation: Observation): boolean =>
    observation.outcome.kind === kind && (fresh === undefined || observation.fresh === fresh);

const watch = (driver: DriverPort, ...servers: readonly RedisServer[]): void =>
  driver.watch(
    servers.map((server) => ({
      ...targetOf(server, 'a'),
      kind: 'redis',
      watchOnly: false,
      detectionMs: 1_000,
    })),
  );

async function watched(t: TestContext, server: RedisServer, probing = PROBING) {
  const driver = createTestDriver(t, probing);
  const stream = observations(driver);
  watch(driver, server);
  return { driver, stream };
}

test('an answering server is observed again and again on one connection', async (t) => {
  const server = await serverFor(t);
  const { stream } = await watched(t, server);
  const first = await stream.next(() => true);
  assert.equal(first.fresh, true);
  assert.equal(first.outcome.kind === 'answered' && first.outcome.report.role, 'master');
  for (let round = 0; round < 3; round += 1) {
    const observation = await stream.next(() => true);
    assert.equal(observation.outcome.kind, 'answered');
    assert.equal(observation.fresh, false);
  }
  const stats = await server.client().info('stats');
  assert.match(
    stats,
    /total_connections_received:3\r/,
    'one for an account it does not know, one to probe, one to ask this',
  );
});

test('a killed server shows as a dead connection and a refused new one, at once', async (t) => {
  const server = await serverFor(t);
  // Nothing else would happen within a minute: neither an interval nor a timeout is waited for.
  const { stream } = await watched(t, server, { probeIntervalMs: 60_000, probeTimeoutMs: 60_000 });
  await stream.next(isKind('answered', true));
  await server.kill();
  const dead = await stream.next(() => true);
  assert.deepEqual([dead.outcome.kind, dead.fresh], ['disconnected', false]);
  const refused = await stream.next(() => true);
  assert.deepEqual([refused.outcome.kind, refused.fresh], ['refused', true]);
});

test('when one connection dies the rest of its group is asked at once, and says that it has lost its master', async (t) => {
  const { master, masterTarget, slaveTargets } = await managedGroup(t);
  // Nothing else would be asked within a minute.
  const driver = createTestDriver(t, { probeIntervalMs: 60_000, probeTimeoutMs: 1_000 });
  const stream = observations(driver);
  const targets = [masterTarget, ...slaveTargets];
  driver.watch(targets.map((target) => ({ ...target, kind: 'redis', watchOnly: false, detectionMs: 1_000 })));
  for (const _ of targets) await stream.next(isKind('answered', true));
  await master.kill();
  const down = new Set<string>();
  while (down.size < slaveTargets.length) {
    const { ref, outcome } = await stream.next(isKind('answered', false));
    if (outcome.kind === 'answered' && outcome.report.follows?.linkUp === false) down.add(ref.replica);
  }
  assert.deepEqual([...down].sort(), slaveTargets.map(({ replica }) => replica).sort());
});

test('a server that returns is observed as the process that it now is', async (t) => {
  const server = await serverFor(t);
  const { stream } = await watched(t, server);
  const before = await stream.next(isKind('answered', false));
  await server.kill();
  await stream.next(isKind('refused', true));
  await server.start();
  const back = await stream.next(isKind('answered'));
  assert.equal(back.fresh, true);
  assert.ok(before.outcome.kind === 'answered' && back.outcome.kind === 'answered');
  assert.notEqual(back.outcome.report.incarnation, before.outcome.report.incarnation);
});

test('a stopped server is silent, and answers again when it goes on', async (t) => {
  const server = await serverFor(t);
  const { stream } = await watched(t, server);
  await stream.next(isKind('answered', false));
  server.signal('SIGSTOP');
  const silent = await stream.next(isKind('silent', false));
  assert.ok(silent.outcome.kind === 'silent' && silent.outcome.waitedMs >= PROBING.probeTimeoutMs - 5);
  await stream.next(isKind('silent', true));
  server.signal('SIGCONT');
  await stream.next(isKind('answered'));
});

test('a server that turns the account away has answered', async (t) => {
  const server = await serverFor(t, { config: ['requirepass right'] });
  const { stream } = await watched(t, server);
  const { outcome } = await stream.next(() => true);
  assert.match(outcome.kind === 'answeredError' ? outcome.error : outcome.kind, /NOAUTH/);
});

test('a server that has too many clients has answered', async (t) => {
  const server = await serverFor(t, { config: ['maxclients 1'] });
  await server.client().ping();
  const probed = await createTestDriver(t, PROBING).probeFresh(targetOf(server, 'a'), 1_000);
  assert.match(
    probed.outcome.kind === 'answeredError' ? probed.outcome.error : probed.outcome.kind,
    /max number/,
  );
});

test('a managed server is probed as a user that can do nothing else', async (t) => {
  const { master } = await managedGroup(t, { slaves: 0 });
  const { stream } = await watched(t, master);
  await stream.next(isKind('answered', false));
  assert.match(String(await master.client().call('CLIENT', 'LIST')), /user=pollux-probe/);
});

test('a server that is watched no longer is left alone', async (t) => {
  const [first, second] = [await serverFor(t), await serverFor(t)];
  const { driver, stream } = await watched(t, first);
  await stream.next(isKind('answered', false));
  watch(driver, second);
  stream.seen.length = 0;
  await first.kill();
  for (let round = 0; round < 5; round += 1) {
    assert.equal(
      (await stream.next(() => true)).outcome.kind,
      'answered',
      'only the second server is heard of',
    );
  }
});

test('a fresh probe opens a connection of its own and ends within its time', async (t) => {
  const server = await serverFor(t);
  const driver = createTestDriver(t, PROBING);
  const answered = await driver.probeFresh(targetOf(server, 'a'), 1_000);
  assert.deepEqual([answered.fresh, answered.outcome.kind], [true, 'answered']);
  server.signal('SIGSTOP');
  const startedMs = performance.now();
  const silent = await driver.probeFresh(targetOf(server, 'a'), 100);
  assert.equal(silent.outcome.kind, 'silent');
  assert.ok(performance.now() - startedMs < 1_000);
  const nowhere = { ...targetOf(server, 'a'), address: `127.0.0.1:${await freePort()}` };
  assert.equal((await driver.probeFresh(nowhere, 1_000)).outcome.kind, 'refused');
});
