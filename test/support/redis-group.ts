/** Managed Redis servers and a driver that steers them, for tests that need more than one action. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { inspect } from 'node:util';
import type { SteerAction, SteerOutcome, SteerTarget } from '../../src/core/failover/steering.ts';
import type { ServerReport } from '../../src/core/liveness/observation.ts';
import type { DriverPort, TailPort } from '../../src/core/node/ports.ts';
import {
  epoch,
  parseGroupKey,
  type ReplicaId,
  replicaId,
  term,
} from '../../src/core/primitives/identifiers.ts';
import { createRedisDriver, type RedisDriverOptions } from '../../src/drivers/redis/redis-driver.ts';
import { systemTimers } from '../../src/platform/system-timers.ts';
import { type RedisServer, type RedisServerOptions, startRedis } from './redis-server.ts';

export const STEERING_SECRET = 'a steering secret for tests only';
export const GROUP = parseGroupKey('main/orders-a');

export const systemClock = { now: () => ({ monotonicMs: performance.now(), wallMs: Date.now() }) };
const silentLogger = { info: () => undefined, warn: () => undefined };

export function createTestDriver(
  t: TestContext,
  options: Partial<RedisDriverOptions> = {},
  tails?: TailPort,
): DriverPort {
  const driver = createRedisDriver(
    { steeringSecret: STEERING_SECRET, admin: null, applicationPassword: null, tls: null, ...options },
    {
      clock: systemClock,
      timers: systemTimers,
      logger: silentLogger,
      ...(tails === undefined ? {} : { tails }),
    },
  );
  t.after(() => driver.close());
  return driver;
}

/** A server that stops with the test. */
export async function serverFor(t: TestContext, options: RedisServerOptions = {}): Promise<RedisServer> {
  const server = await startRedis(options);
  t.after(() => server.stop());
  return server;
}

export const targetOf = (server: RedisServer, id: string): SteerTarget => ({
  group: GROUP,
  replica: replicaId(id),
  address: server.address,
});

let lastSteerId = 0;
export async function steer(
  driver: DriverPort,
  target: SteerTarget,
  action: SteerAction,
  steeringTerm = 1,
  path = 0,
): Promise<SteerOutcome> {
  lastSteerId += 1;
  const steerId = lastSteerId;
  const result = await driver.steer({ steerId, term: term(steeringTerm), path, target, action });
  assert.equal(result.steerId, steerId);
  return result.outcome;
}

/** The report of an action that has to succeed. */
export async function steerDone(
  driver: DriverPort,
  target: SteerTarget,
  action: SteerAction,
  steeringTerm = 1,
): Promise<ServerReport> {
  const outcome = await steer(driver, target, action, steeringTerm);
  assert.equal(outcome.kind, 'done', inspect(outcome));
  if (outcome.kind !== 'done' || outcome.report === null)
    throw new Error('an action that is done has a report');
  return outcome.report;
}

/** Asks until the answer is as wanted; a server says nothing by itself when its link comes up. */
export async function eventually<Value>(
  ask: () => Promise<Value>,
  wanted: (value: Value) => boolean,
  withinMs = 10_000,
): Promise<Value> {
  const deadlineMs = performance.now() + withinMs;
  for (;;) {
    const value = await ask();
    if (wanted(value)) return value;
    if (performance.now() > deadlineMs)
      throw new Error(`not within ${withinMs} ms: ${inspect(value, { depth: 5 })}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export type ManagedGroup = {
  readonly driver: DriverPort;
  readonly master: RedisServer;
  readonly slaves: readonly RedisServer[];
  readonly masterTarget: SteerTarget;
  readonly slaveTargets: readonly SteerTarget[];
  readonly memberIds: readonly ReplicaId[];
  /** What the promotion reported, before any slave was attached. */
  readonly promoted: ServerReport;
};

/** One master `m` and slaves `r1`, `r2`, ...: prepared, promoted, attached, links up, producers' user `w-1`. */
export async function managedGroup(
  t: TestContext,
  options: {
    readonly slaves?: number;
    readonly driver?: Partial<RedisDriverOptions>;
    readonly tails?: TailPort;
    /** Further lines of every server's file. */
    readonly config?: readonly string[];
  } = {},
): Promise<ManagedGroup> {
  const driver = createTestDriver(t, options.driver, options.tails);
  const count = options.slaves ?? 2;
  // A replica that syncs at once saves every test the default wait for more replicas.
  const config = ['repl-diskless-sync-delay 0', ...(options.config ?? [])];
  const servers = await Promise.all(Array.from({ length: count + 1 }, () => serverFor(t, { config })));
  const [master, ...slaves] = servers;
  if (master === undefined) throw new Error('a group has a master');
  const masterTarget = targetOf(master, 'm');
  const slaveTargets = slaves.map((server, index) => targetOf(server, `r${index + 1}`));
  const memberIds = slaveTargets.map((target) => target.replica);
  const revoke = { kind: 'revoke', killClients: false, prepare: true } as const;
  const reports = await Promise.all(
    [masterTarget, ...slaveTargets].map((target) => steerDone(driver, target, revoke)),
  );
  const [masterReport, ...slaveReports] = reports;
  if (masterReport === undefined) throw new Error('every server answers with a report');
  const promoted = await steerDone(driver, masterTarget, {
    kind: 'promote',
    epoch: epoch(1),
    expectedIncarnation: masterReport.incarnation,
    minimumOffset: masterReport.offset,
    members: memberIds,
    producer: { syncSetVersion: 1, timeFence: null },
  });
  // One after the other: a replica that asks while another one's snapshot is under way waits a second for its own.
  for (const [index, target] of slaveTargets.entries()) {
    const report = slaveReports[index];
    if (report === undefined) throw new Error('every server answers with a report');
    await steerDone(driver, target, {
      kind: 'attach',
      expectedIncarnation: report.incarnation,
      masterAddress: master.address,
    });
    await reportOf(driver, target, (found) => found.follows?.linkUp === true);
  }
  return { driver, master, slaves, masterTarget, slaveTargets, memberIds, promoted };
}

/** A fresh probe's report, when it is as wanted. */
export async function reportOf(
  driver: DriverPort,
  target: SteerTarget,
  wanted: (report: ServerReport) => boolean = () => true,
): Promise<ServerReport> {
  const observation = await eventually(
    () => driver.probeFresh(target, 1_000),
    ({ outcome }) => outcome.kind === 'answered' && wanted(outcome.report),
  );
  if (observation.outcome.kind !== 'answered') throw new Error('eventually returns what was wanted');
  return observation.outcome.report;
}
