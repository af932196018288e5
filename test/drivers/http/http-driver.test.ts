import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { HeartbeatOrders } from '../../../src/core/coordinator/requests.ts';
import type { SteerAction, SteerResult } from '../../../src/core/failover/steering.ts';
import type { Observation, ServerReport } from '../../../src/core/liveness/observation.ts';
import {
  epoch,
  incarnation,
  lineage,
  parseGroupKey,
  replicaId,
  term,
} from '../../../src/core/primitives/identifiers.ts';
import { LIMITS } from '../../../src/core/primitives/limits.ts';
import { createHttpDriver, type HttpDriver } from '../../../src/drivers/http/http-driver.ts';
import { ManualTime } from './manual-time.ts';

const group = parseGroupKey('default/orders');
const DETECTION_MS = 900;
const addressOf = (name: string): string => `127.0.0.1:${name === 'one' ? 7_001 : 7_002}`;
const target = (name: string) => ({
  group,
  replica: replicaId(name),
  address: addressOf(name),
  replicationAddress: `${addressOf(name)}9`,
  kind: 'http' as const,
  watchOnly: false,
  detectionMs: DETECTION_MS,
});

let time = new ManualTime();
let driver: HttpDriver = createHttpDriver({ clock: time, timers: time });
let observations: Observation[] = [];
let nextSteerId = 1;
beforeEach(() => {
  time = new ManualTime();
  driver = createHttpDriver({ clock: time, timers: time });
  observations = [];
  driver.onObservation((observation) => observations.push(observation));
  driver.watch([target('one'), target('two')]);
});
afterEach(() => driver.close());

const steer = (name: string, action: SteerAction, ofTerm = 1): Promise<SteerResult> => {
  nextSteerId += 1;
  return driver.steer({ steerId: nextSteerId, term: term(ofTerm), path: 0, target: target(name), action });
};

/** A broker that does as it is told; its state is what it reports. */
class Broker {
  readonly name: string;
  ordersSeen: string | null = null;
  report: ServerReport;

  constructor(name: string, offset = 100n, run = `run-${name}`) {
    this.name = name;
    this.report = {
      incarnation: incarnation(run),
      role: 'slave',
      loading: false,
      lineage: lineage('lineage-1'),
      secondLineage: null,
      secondOffset: -1n,
      offset,
      follows: null,
      connectedSlaves: 0,
      epoch: 0,
    };
  }

  async send(holdMs = 0): Promise<HeartbeatOrders> {
    await time.settle();
    const { ordersSeen, report } = this;
    const answer = await driver.hold({ group, replica: replicaId(this.name), report, ordersSeen, holdMs });
    assert.ok(answer.ok, answer.ok ? '' : answer.refusal.message);
    return answer.value;
  }

  obey(orders: HeartbeatOrders): void {
    if (orders.orders === this.ordersSeen) return;
    this.ordersSeen = orders.orders;
    this.report = {
      ...this.report,
      role: orders.role === 'master' ? 'master' : 'slave',
      epoch: Math.max(orders.epoch, this.report.epoch ?? 0),
      follows:
        orders.follow === null
          ? null
          : { address: orders.follow.address, linkUp: true, syncing: false, lastReceivedSecondsAgo: 0 },
    };
  }

  /** Heartbeats until it has nothing new to do. */
  async run(): Promise<HeartbeatOrders> {
    for (;;) {
      const orders = await this.send();
      if (orders.orders === this.ordersSeen) return orders;
      this.obey(orders);
    }
  }
}

const outcomeOf = async (result: Promise<SteerResult>) => (await result).outcome;
const revoke = { kind: 'revoke', killClients: true, prepare: false } as const;
const promote = (broker: Broker, minimumOffset = 100n): SteerAction => ({
  kind: 'promote',
  epoch: epoch(1),
  expectedIncarnation: broker.report.incarnation,
  minimumOffset,
  members: [replicaId('two')],
  producer: { syncSetVersion: 1, timeFence: null },
});

describe('steering brokers that register themselves', () => {
  it('fences, promotes, attaches and grants, each done when a heartbeat says so and its report bears it out', async () => {
    const one = new Broker('one');
    const two = new Broker('two');
    for (const broker of [one, two]) {
      const revoked = steer(broker.name, revoke);
      assert.equal((await broker.run()).role, 'fenced');
      assert.equal((await outcomeOf(revoked)).kind, 'done');
    }
    const promoted = steer('one', promote(one));
    const master = await one.run();
    assert.deepEqual([master.role, master.epoch, master.accept], ['master', 1, ['two']]);
    const done = await outcomeOf(promoted);
    assert.ok(done.kind === 'done' && done.report?.role === 'master');

    const attached = steer('two', {
      kind: 'attach',
      expectedIncarnation: two.report.incarnation,
      masterAddress: `${addressOf('one')}9`,
    });
    const slave = await two.run();
    assert.deepEqual(slave.follow, { replica: 'one', address: `${addressOf('one')}9` });
    assert.deepEqual([slave.role, slave.epoch], ['slave', 1]);
    assert.equal((await outcomeOf(attached)).kind, 'done');

    const granted = steer('one', {
      kind: 'grant',
      expectedIncarnation: one.report.incarnation,
      members: [],
      producer: null,
    });
    const narrowed = await one.run();
    assert.deepEqual([narrowed.role, narrowed.epoch, narrowed.accept], ['master', 1, []]);
    assert.equal((await outcomeOf(granted)).kind, 'done');
  });

  it('hands new orders to a heartbeat that is being held, at once', async () => {
    const one = new Broker('one');
    one.obey(await one.send());
    const held = one.send(60_000);
    await time.settle();
    const revoked = steer('one', revoke);
    const orders = await held;
    assert.notEqual(orders.orders, one.ordersSeen);
    one.obey(orders);
    await one.send();
    assert.equal((await outcomeOf(revoked)).kind, 'done');
  });

  it('fails unreachable when no heartbeat says in time that it was carried out', async () => {
    const one = new Broker('one');
    const revoked = steer('one', revoke);
    await one.send();
    await time.advance(5_000);
    const outcome = await outcomeOf(revoked);
    assert.ok(outcome.kind === 'failed' && outcome.reason === 'unreachable');
  });

  it('refuses to promote another process, or one that lacks data', async () => {
    const one = new Broker('one', 99n);
    await one.run();
    const short = await outcomeOf(steer('one', promote(one, 100n)));
    assert.ok(short.kind === 'failed' && short.reason === 'mismatch');
    const other = await outcomeOf(steer('one', promote(new Broker('one', 100n, 'run-other'))));
    assert.ok(other.kind === 'failed' && other.reason === 'mismatch');
    assert.equal((await one.send()).role, 'fenced');
  });

  it('does not believe a broker whose report contradicts what it says to have done', async () => {
    const one = new Broker('one');
    await one.run();
    one.report = { ...one.report, role: 'master' };
    const revoked = steer('one', revoke);
    one.ordersSeen = (await one.send()).orders;
    await one.send();
    const outcome = await outcomeOf(revoked);
    assert.ok(outcome.kind === 'failed' && outcome.reason === 'mismatch');
  });

  it('gives the orders of a process to no other: a restarted master is fenced', async () => {
    const one = new Broker('one');
    await one.run();
    const promoted = steer('one', promote(one));
    await one.run();
    await promoted;
    const restarted = new Broker('one', 0n, 'run-again');
    assert.equal((await restarted.run()).role, 'fenced');
  });

  it('fails a promotion whose process was replaced meanwhile', async () => {
    const one = new Broker('one');
    const promoted = steer('one', promote(one));
    await new Broker('one', 0n, 'run-again').send();
    const outcome = await outcomeOf(promoted);
    assert.ok(outcome.kind === 'failed' && outcome.reason === 'mismatch');
  });

  it('performs actions on one replica one after the other, and none of an older term', async () => {
    const one = new Broker('one');
    const first = steer('one', revoke);
    const second = steer('one', promote(one));
    await one.run();
    assert.equal((await outcomeOf(first)).kind, 'done');
    await time.settle();
    await one.run();
    assert.equal((await outcomeOf(second)).kind, 'done');

    const waiting = steer('one', revoke);
    const newer = steer('two', revoke, 2);
    const superseded = await outcomeOf(waiting);
    assert.ok(superseded.kind === 'failed' && superseded.reason === 'superseded');
    const late = await outcomeOf(steer('one', revoke, 1));
    assert.ok(late.kind === 'failed' && late.reason === 'superseded');
    const two = new Broker('two');
    await two.run();
    assert.equal((await outcomeOf(newer)).kind, 'done');
  });

  it('never takes a broker back that acts on orders of a newer term', async () => {
    const one = new Broker('one');
    await one.run();
    const promoted = steer('one', promote(one), 5);
    await one.run();
    await promoted;
    one.ordersSeen = '6.1';
    one.report = { ...one.report, role: 'slave', follows: null };
    const orders = await one.send();
    assert.deepEqual([orders.orders, orders.role], ['6.1', 'fenced']);
    const late = steer('one', revoke, 5);
    await one.send();
    const outcome = await outcomeOf(late);
    assert.ok(outcome.kind === 'failed' && outcome.reason === 'superseded');
  });

  it("tells a broker that acts on an earlier leader's orders to carry on, and one that acts on none to be fenced", async () => {
    const one = new Broker('one');
    one.ordersSeen = '4.17';
    one.report = { ...one.report, role: 'master', epoch: 3 };
    const carriesOn = await one.send();
    assert.deepEqual([carriesOn.orders, carriesOn.role, carriesOn.epoch], ['4.17', 'master', 3]);
    one.ordersSeen = 'nonsense';
    assert.equal((await one.send()).role, 'fenced');
  });

  it('refuses what this kind of broker cannot do, and bounds what waits', async () => {
    const one = new Broker('one');
    await one.run();
    const paused = await outcomeOf(steer('one', { kind: 'pauseWrites', forMs: 100 }));
    assert.ok(paused.kind === 'failed' && paused.reason === 'refused');
    const strange = await outcomeOf(
      steer('one', {
        kind: 'attach',
        expectedIncarnation: one.report.incarnation,
        masterAddress: '127.0.0.1:1',
      }),
    );
    assert.ok(strange.kind === 'failed' && strange.reason === 'refused');
    const waiting = Array.from({ length: LIMITS.waitingPerReplica }, () => steer('one', revoke));
    const tooMany = await outcomeOf(steer('one', revoke));
    assert.ok(tooMany.kind === 'failed' && tooMany.reason === 'refused');
    await driver.close();
    for (const outcome of await Promise.all(waiting.map(outcomeOf))) assert.equal(outcome.kind, 'failed');
  });

  it('inspects what has reported, and gives a released broker no more orders', async () => {
    const unheard = await outcomeOf(steer('one', { kind: 'inspect' }));
    assert.ok(unheard.kind === 'failed' && unheard.reason === 'unreachable');
    const one = new Broker('one');
    await one.run();
    const inspected = await outcomeOf(steer('one', { kind: 'inspect' }));
    assert.ok(inspected.kind === 'inspected' && inspected.inspection.report.offset === 100n);
    assert.equal((await outcomeOf(steer('one', { kind: 'release' }))).kind, 'done');
  });
});

describe('heartbeats as evidence', () => {
  it('makes an observation of each, held or only noted', async () => {
    const one = new Broker('one');
    await one.send();
    driver.note({ group, replica: replicaId('one'), report: one.report, ordersSeen: null, holdMs: 0 });
    assert.deepEqual(
      observations.map(({ ref, fresh, outcome }) => [ref.replica, fresh, outcome.kind]),
      [
        ['one', false, 'answered'],
        ['one', false, 'answered'],
      ],
    );
  });

  it('holds an answer while there is nothing new, at most a third of the detection time', async () => {
    const one = new Broker('one');
    await one.run();
    let answered = false;
    const held = one.send(60_000).then((orders) => {
      answered = true;
      return orders;
    });
    await time.advance(DETECTION_MS / 3 - 1);
    assert.equal(answered, false);
    await time.advance(1);
    assert.equal((await held).orders, one.ordersSeen);
    assert.equal((await held).nextHeartbeatMs, 0);
    assert.equal((await one.send(0)).nextHeartbeatMs, DETECTION_MS / 3);
  });

  it('calls a replica silent once its detection time is over, also one that never spoke, and not before', async () => {
    const one = new Broker('one');
    await time.advance(500);
    await one.send();
    observations = [];
    await time.advance(DETECTION_MS - 50);
    assert.deepEqual([...new Set(observations.map(({ ref }) => ref.replica))], ['two']);
    await time.advance(100);
    const silent = observations.filter(({ ref }) => ref.replica === 'one');
    assert.equal(silent.length, 1);
    assert.ok(silent[0]?.outcome.kind === 'silent' && silent[0].outcome.waitedMs >= DETECTION_MS);
    await time.advance(DETECTION_MS);
    assert.ok(observations.filter(({ ref }) => ref.replica === 'one').length >= 2);
    observations = [];
    await one.send();
    await time.advance(DETECTION_MS / 2);
    assert.ok(observations.every(({ ref, outcome }) => ref.replica === 'two' || outcome.kind === 'answered'));
  });

  it('probes afresh by letting held heartbeats go, and by waiting for the next', async () => {
    const one = new Broker('one');
    await one.run();
    const held = one.send(60_000);
    await time.settle();
    const probe = driver.probeFresh(target('one'), 200);
    assert.equal((await held).nextHeartbeatMs, 0);
    await one.send();
    const found = await probe;
    assert.ok(found.fresh && found.outcome.kind === 'answered');
    const missed = driver.probeFresh(target('two'), 200);
    await time.advance(200);
    assert.deepEqual((await missed).outcome, { kind: 'silent', waitedMs: 200 });
  });

  it('bounds how many heartbeats of one replica are held: the oldest is answered', async () => {
    const one = new Broker('one');
    await one.run();
    const oldest = one.send(60_000);
    const others = Array.from({ length: LIMITS.heartbeatsHeldPerReplica }, () => one.send(60_000));
    assert.equal((await oldest).orders, one.ordersSeen);
    await driver.close();
    await Promise.all(others);
  });

  it('refuses replicas that are not declared, and ends everything of one that is not watched any more', async () => {
    const two = new Broker('two');
    await two.run();
    const held = two.send(60_000);
    const revoked = steer('one', revoke);
    await time.settle();
    driver.watch([]);
    await held;
    const outcome = await outcomeOf(revoked);
    assert.ok(outcome.kind === 'failed' && outcome.reason === 'unreachable');
    const refusal = await driver.hold({
      group,
      replica: replicaId('two'),
      report: two.report,
      ordersSeen: null,
      holdMs: 0,
    });
    assert.ok(!refusal.ok && refusal.refusal.code === 'unknownReplica');
    driver.note({ group, replica: replicaId('two'), report: two.report, ordersSeen: null, holdMs: 0 });
  });
});
