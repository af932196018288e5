/** The production driver, as it ships, against model servers: what it does to a real server it does to these. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import type { SteerAction, SteerOutcome } from '../../../src/core/failover/steering.ts';
import type { Observation, ServerReport } from '../../../src/core/liveness/observation.ts';
import type { DriverPort } from '../../../src/core/node/ports.ts';
import { must } from '../../../src/core/primitives/assert.ts';
import { epoch, parseGroupKey, replicaId, term } from '../../../src/core/primitives/identifiers.ts';
import { createRedisDriver } from '../../../src/drivers/redis/redis-driver.ts';
import { SILENT_JOURNAL } from './journal.ts';
import { ModelClient, modelConnections } from './model-connections.ts';
import { ModelServer } from './model-server.ts';
import { Network } from './network.ts';
import { type AnyReply, plain } from './reply.ts';
import { VirtualGround } from './virtual-ground.ts';

const GROUP = parseGroupKey('main/orders-a');
const M = replicaId('m');
const A = replicaId('a');
const B = replicaId('b');
const silentLogger = { info: () => undefined, warn: () => undefined };

/** Three fresh servers, and drivers of as many nodes as a test wants. */
class Ground {
  readonly time = new VirtualGround(7);
  readonly network = new Network(this.time, {
    withinMs: [0.1, 0.4],
    betweenMs: [1, 3],
    lateShare: 0,
    lateMs: 0,
  });
  readonly servers = new Map<string, ModelServer>();
  #steerId = 0;

  constructor(config: readonly string[] = []) {
    const pace = { transferMs: () => 20, loadMs: () => 5 };
    for (const port of [7101, 7102, 7103]) {
      const options = {
        port,
        place: 'idc-a',
        pace,
        fileText: ['repl-diskless-sync-delay 0', ...config].join('\n'),
      };
      const world = {
        ground: this.time,
        network: this.network,
        journal: SILENT_JOURNAL,
        servers: this.servers,
      };
      const server = new ModelServer(options, world);
      this.servers.set(server.address, server);
      server.start();
    }
  }

  of(id: string): ModelServer {
    const ports: Record<string, number> = { m: 7101, a: 7102, b: 7103 };
    return must(this.servers.get(`127.0.0.1:${ports[id]}`), id);
  }

  driver(place = 'witness'): DriverPort {
    return createRedisDriver(
      {
        steeringSecret: 'a steering secret for tests only',
        admin: null,
        applicationPassword: null,
        tls: null,
        probeIntervalMs: 100,
        probeTimeoutMs: 300,
      },
      {
        clock: { now: () => ({ monotonicMs: this.time.nowMs(), wallMs: this.time.nowMs() }) },
        timers: this.time,
        logger: silentLogger,
        openConnection: modelConnections(this.time, this.servers, place),
      },
    );
  }

  async run(forMs: number): Promise<void> {
    const endMs = this.time.nowMs() + forMs;
    let more = true;
    while (more) {
      more = this.time.step(endMs);
      await new Promise(setImmediate);
    }
  }

  async until<Value>(promise: Promise<Value>): Promise<Value> {
    let settled = false;
    const noted = promise.finally(() => {
      settled = true;
    });
    for (let events = 0; !settled && events < 100_000; events += 1) {
      this.time.step(this.time.nowMs() + 10_000);
      await new Promise(setImmediate);
    }
    return noted;
  }

  steer(
    driver: DriverPort,
    id: string,
    action: SteerAction,
    steeringTerm = 1,
    path = 0,
  ): Promise<SteerOutcome> {
    return this.until(this.begin(driver, id, action, steeringTerm, path));
  }

  begin(
    driver: DriverPort,
    id: string,
    action: SteerAction,
    steeringTerm = 1,
    path = 0,
  ): Promise<SteerOutcome> {
    this.#steerId += 1;
    const target = { group: GROUP, replica: replicaId(id), address: this.of(id).address };
    const request = { steerId: this.#steerId, term: term(steeringTerm), path, target, action };
    return driver.steer(request).then((result) => result.outcome);
  }

  async done(
    driver: DriverPort,
    id: string,
    action: SteerAction,
    steeringTerm = 1,
    path = 0,
  ): Promise<ServerReport> {
    const outcome = await this.steer(driver, id, action, steeringTerm, path);
    assert.ok(outcome.kind === 'done' && outcome.report !== null, `${action.kind}: ${inspect(outcome)}`);
    return outcome.report;
  }

  async send(id: string, commands: readonly (readonly string[])[]): Promise<readonly unknown[]> {
    return this.until(
      new Promise((resolve) => {
        const client = new ModelClient(this.time, this.of(id), 'idc-a', 'clients', () =>
          client.send(commands, 10_000, (answer) => {
            const replies: readonly AnyReply[] = answer.ok ? answer.value : [answer.detail];
            resolve(
              replies
                .map(plain)
                .map((reply) =>
                  reply instanceof Object && 'message' in reply ? `!${reply.message}` : reply,
                ),
            );
          }),
        );
      }),
    );
  }

  /** Everything that adoption does: each server prepared as a replica, the master promoted, the others attached. */
  async adopt(driver: DriverPort): Promise<ServerReport> {
    for (const id of ['a', 'b', 'm']) {
      const fenced = await this.done(driver, id, { kind: 'revoke', killClients: false, prepare: true });
      assert.equal(fenced.role, 'slave');
    }
    const incarnation = await this.incarnation(driver, 'm');
    const promoted = await this.done(driver, 'm', {
      kind: 'promote',
      epoch: epoch(1),
      expectedIncarnation: incarnation,
      minimumOffset: 0n,
      members: [A, B],
      producer: { syncSetVersion: 1, timeFence: null },
    });
    for (const id of ['a', 'b']) {
      const expectedIncarnation = await this.incarnation(driver, id);
      await this.done(driver, id, {
        kind: 'attach',
        expectedIncarnation,
        masterAddress: this.of('m').address,
      });
    }
    await this.run(2_000);
    return promoted;
  }

  async incarnation(driver: DriverPort, id: string): Promise<ServerReport['incarnation']> {
    const seen = await this.observe(driver, id);
    assert.ok(seen.outcome.kind === 'answered', seen.outcome.kind);
    return seen.outcome.report.incarnation;
  }

  observe(driver: DriverPort, id: string): Promise<Observation> {
    return this.until(
      driver.probeFresh({ group: GROUP, replica: replicaId(id), address: this.of(id).address }, 300),
    );
  }
}

test('a group is inspected, prepared, promoted and attached, and its producers are acknowledged', async () => {
  const ground = new Ground();
  const driver = ground.driver();
  const inspected = await ground.steer(driver, 'm', { kind: 'inspect', proveWritable: true });
  assert.ok(inspected.kind === 'inspected', inspect(inspected));
  assert.deepEqual(inspected.inspection.problems, []);
  assert.equal(inspected.inspection.prepared, false);
  const promoted = await ground.adopt(driver);
  assert.equal(promoted.role, 'master');
  const seen = await ground.observe(driver, 'm');
  assert.equal(seen.outcome.kind === 'answered' && seen.outcome.report.lineage, promoted.lineage);
  assert.equal(seen.outcome.kind === 'answered' && seen.outcome.report.connectedSlaves, 2);
  const write = [
    ['AUTH', 'w-1', 'any'],
    ['SET', 'k', '1'],
    ['WAIT', '2', '1000'],
  ];
  assert.deepEqual(await ground.send('m', write), ['OK', 'OK', 2]);
  const again = await ground.steer(driver, 'a', { kind: 'inspect' });
  assert.ok(again.kind === 'inspected' && again.inspection.prepared, inspect(again));
  const { file } = ground.of('m');
  assert.deepEqual(file?.replicaOf, { host: '127.0.0.1', port: 1 });
  assert.deepEqual(file?.users.map(({ name }) => name).sort(), [
    'default',
    'pollux-keeper',
    'pollux-probe',
    'pollux-writer',
  ]);
});

test('a killed master comes back fenced; a revoked member is promoted and the others follow it by its second id', async () => {
  const ground = new Ground();
  const driver = ground.driver();
  await ground.adopt(driver);
  await ground.send('m', [
    ['AUTH', 'w-1', 'any'],
    ['SET', 'k', '1'],
    ['WAIT', '2', '1000'],
  ]);
  ground.of('m').kill();
  const fenced = await ground.done(driver, 'a', { kind: 'revoke', killClients: false, prepare: false });
  await ground.done(driver, 'b', { kind: 'revoke', killClients: false, prepare: false });
  const promoted = await ground.done(driver, 'a', {
    kind: 'promote',
    epoch: epoch(2),
    expectedIncarnation: fenced.incarnation,
    minimumOffset: fenced.offset,
    members: [B],
    producer: { syncSetVersion: 2, timeFence: null },
  });
  assert.equal(promoted.secondLineage, fenced.lineage);
  assert.equal(promoted.secondOffset, fenced.offset);
  const attach = {
    kind: 'attach',
    expectedIncarnation: await ground.incarnation(driver, 'b'),
    masterAddress: ground.of('a').address,
  } as const;
  await ground.done(driver, 'b', attach);
  const write = [
    ['AUTH', 'w-2', 'any'],
    ['SET', 'k', '2'],
    ['WAIT', '1', '3000'],
  ];
  assert.deepEqual(await ground.send('a', write), ['OK', 'OK', 1]);
  ground.of('m').start();
  await ground.run(1_500);
  assert.equal(ground.of('m').process?.link.master?.port, 1);
  const report = await ground.observe(driver, 'm');
  assert.ok(report.outcome.kind === 'answered' && report.outcome.report.role === 'slave');
});

test('grants, pauses and releases do what they do to a real server', async () => {
  const ground = new Ground();
  const driver = ground.driver();
  await ground.adopt(driver);
  const expectedIncarnation = await ground.incarnation(driver, 'm');
  const paused = await ground.done(driver, 'm', { kind: 'pauseWrites', forMs: 1_000 });
  const held = await ground.send('m', [
    ['AUTH', 'w-1', 'any'],
    ['SET', 'k', '1'],
    ['WAIT', '2', '3000'],
  ]);
  assert.deepEqual(held, ['OK', 'OK', 2]);
  const resumed = await ground.done(driver, 'm', { kind: 'resumeWrites' });
  assert.ok(resumed.offset > paused.offset);
  const grant = {
    kind: 'grant',
    expectedIncarnation,
    members: [A],
    producer: { syncSetVersion: 2, timeFence: null },
  } as const;
  const granted = await ground.done(driver, 'm', grant);
  await ground.run(100);
  assert.equal(granted.incarnation, expectedIncarnation);
  assert.deepEqual(await ground.send('m', [['AUTH', 'w-1', 'any']]), [
    '!WRONGPASS invalid username-password pair or user is disabled.',
  ]);
  assert.equal(ground.of('m').process?.feeds.size, 1);
  await ground.done(driver, 'b', { kind: 'release' });
  assert.deepEqual(await ground.send('b', [['ACL', 'USERS']]), [['default']]);
});

test('a hand of a newer term silences the older one, and a delayed action of that fails', async () => {
  const ground = new Ground();
  const old = ground.driver('idc-a');
  await ground.adopt(old);
  const young = ground.driver('idc-b');
  await ground.done(young, 'm', { kind: 'resumeWrites' }, 2);
  const late = await ground.steer(old, 'm', { kind: 'revoke', killClients: true, prepare: false }, 1);
  assert.ok(late.kind === 'failed', inspect(late));
  assert.equal(ground.of('m').process?.link.master, null);
});

test('an action that a cut held back does nothing once its hand has come back to the server', async () => {
  // The cut begins at any moment of the action; what it held back arrives within 60 ms after it has healed.
  for (let cutAfterMs = 1; cutAfterMs <= 12; cutAfterMs += 1) {
    const ground = new Ground();
    const driver = ground.driver();
    await ground.adopt(driver);
    const expectedIncarnation = await ground.incarnation(driver, 'a');
    const attach = { kind: 'attach', expectedIncarnation, masterAddress: ground.of('m').address } as const;
    const outcome = ground.begin(driver, 'a', attach);
    await ground.run(cutAfterMs);
    ground.network.cut('witness', 'idc-a', 'steering');
    const late = await ground.until(outcome);
    assert.ok(late.kind === 'done' || late.kind === 'failed', inspect(late));
    ground.network.healAll();
    await ground.done(driver, 'a', { kind: 'revoke', killClients: false, prepare: false });
    await ground.run(500);
    assert.equal(ground.of('a').process?.link.master?.port, 1, `cut after ${cutAfterMs} ms`);
  }
});

test('an action that a node held back does nothing once its term has gone another way to the server', async () => {
  const ground = new Ground();
  const earlier = ground.driver('idc-b');
  await ground.adopt(earlier);
  const revoke = { kind: 'revoke', killClients: false, prepare: false } as const;
  const fenced = await ground.done(ground.driver(), 'a', revoke, 1, 9);
  const attach = {
    kind: 'attach',
    expectedIncarnation: fenced.incarnation,
    masterAddress: ground.of('m').address,
  } as const;
  for (const _ of ['on the connection that it had', 'on a new one']) {
    const late = await ground.steer(earlier, 'a', attach, 1);
    assert.ok(late.kind === 'failed', inspect(late));
  }
  assert.equal(ground.of('a').process?.link.master?.port, 1);
});

test('probes tell a silent, a refused, a full and an answering server apart', async () => {
  const ground = new Ground();
  const driver = ground.driver();
  await ground.adopt(driver);
  const seen: Observation[] = [];
  driver.onObservation((observation) => seen.push(observation));
  const { address } = ground.of('m');
  driver.watch([{ group: GROUP, replica: M, address, kind: 'redis', watchOnly: false, detectionMs: 1_000 }]);
  const kinds = async (forMs: number): Promise<string[]> => {
    seen.length = 0;
    await ground.run(forMs);
    return [...new Set(seen.map(({ outcome, fresh }) => `${fresh ? 'fresh ' : ''}${outcome.kind}`))];
  };
  assert.deepEqual(await kinds(450), ['fresh answered', 'answered']);
  ground.of('m').stop();
  assert.deepEqual(await kinds(900), ['silent', 'fresh silent']);
  ground.of('m').continue();
  assert.deepEqual((await kinds(700)).at(-1), 'answered');
  ground.of('m').kill();
  assert.deepEqual(await kinds(300), ['disconnected', 'fresh refused']);
  ground.of('m').start();
  assert.deepEqual(await kinds(300), ['fresh answered', 'answered']);
  ground.network.cut('witness', 'idc-a', 'steering');
  assert.deepEqual(await kinds(1_000), ['silent', 'fresh silent']);
  ground.network.healAll();
  assert.equal((await kinds(1_000)).at(-1), 'answered');
  ground.of('m').process?.settings.set('maxclients', '0');
  assert.equal((await ground.observe(driver, 'm')).outcome.kind, 'answeredError');
});
