/**
 * Three production node loops and one set of brokers around them, in virtual time: what doors would hand in, what the
 * driver would answer, and faults of brokers, lines and nodes. What is committed is read off the nodes' disks and applied
 * once more by an oracle, which also remembers every message that was acknowledged.
 */
import assert from 'node:assert/strict';
import type { BrokerAnswer, BrokerAsk } from '../../../../src/core/coordinator/broker-sets/rocketmq-port.ts';
import type { ClientReply } from '../../../../src/core/coordinator/requests.ts';
import type { BrokerSet } from '../../../../src/core/metadata/broker-set-state.ts';
import type { Command } from '../../../../src/core/metadata/command.ts';
import type { MetadataState } from '../../../../src/core/metadata/state.ts';
import {
  type NodeName,
  nodeName,
  type SiteName,
  siteName,
} from '../../../../src/core/primitives/identifiers.ts';
import { seededRandom } from '../../../../src/core/primitives/seeded-random.ts';
import { foundedTier, type LoopHarness, PLACES } from '../../node/loop-harness.ts';
import { CLUSTER, heartbeat, NAME } from './broker-signs.ts';
import { CommittedElections } from './committed-elections.ts';
import { FakeBroker } from './fake-brokers.ts';

export const [A, B, W] = [nodeName('pollux-a'), nodeName('pollux-b'), nodeName('pollux-w')] as const;
export const NODES: readonly NodeName[] = [A, B, W];
export const [IDC_A, IDC_B] = [siteName('idc-a'), siteName('idc-b')] as const;

const STEP_MS = 100;
const HEARTBEAT_MS = 1_000;
const POLL_MS = 2_000;
const CHECK_MS = 1_000;

const siteOf = (node: NodeName): SiteName => PLACES.find((place) => place.node === node)?.site ?? IDC_A;

export class BrokerTier {
  readonly tier: LoopHarness;
  readonly brokers: readonly FakeBroker[];
  readonly logged: string[] = [];
  /** Every question that was asked of a broker, as `node address kind`. */
  readonly asked: string[] = [];
  readonly acknowledged = new Set<string>();
  /** Pairs of sites, both ways, between which nothing passes. */
  readonly cutSites = new Set<string>();
  /** Part of all heartbeats, questions and peer messages that are lost. */
  loss = 0;
  /** Who became master in which epoch, as the brokers took it. */
  readonly #reigns = new Map<number, number>();
  readonly #disks = new CommittedElections();
  readonly #waiting = new Map<string, { broker: FakeBroker; node: NodeName; kind: 'alter' | 'elect' }>();
  readonly #random;
  #nextChannel = 1;
  #steps = 0;
  #messages = 0;

  constructor(sites: readonly SiteName[], seed = 1) {
    this.#random = seededRandom(seed * 7919 + 13);
    this.brokers = sites.map((site, index) => new FakeBroker(index + 1, site));
    const { tier } = foundedTier({
      seed,
      entriesBeforeSnapshot: 1_000_000,
      askBroker: (address, ask, node) => this.#ask(address, ask, node),
    });
    this.tier = tier;
    tier.onEffect = (node, effect) => {
      if (effect.kind === 'persist') this.#disks.written(node, effect.batch.entries);
      if (effect.kind === 'log') this.logged.push(`${node} ${effect.event}`);
    };
  }

  broker(id: number): FakeBroker {
    const found = this.brokers[id - 1];
    assert.ok(found, `broker ${id}`);
    return found;
  }

  /** As any node that runs and knows of it sees it: of those, the newest. */
  get set(): BrokerSet {
    const sets = this.#running().flatMap((node) => this.tier.loop(node).state().brokerSets.get(NAME) ?? []);
    const [newest] = sets.sort(
      (one, other) => other.masterEpoch - one.masterEpoch || other.syncStateSetEpoch - one.syncStateSetEpoch,
    );
    assert.ok(newest, 'the set is known');
    return newest;
  }

  get state(): MetadataState {
    return this.tier.loop(this.leader).state();
  }

  get leader(): NodeName {
    const leader = this.tier.leader();
    assert.ok(leader, 'a leader');
    return leader;
  }

  get reigning(): FakeBroker {
    const master = this.set.master;
    assert.ok(master !== null, 'a master');
    return this.broker(master);
  }

  /** Every broker has an id and a place, the first is master, and all are in sync. */
  begin(): this {
    for (const { id, address, site } of this.brokers) {
      const name = { cluster: CLUSTER, name: NAME, brokerId: id, address, site };
      const registerCheckCode = `${address};${id}`;
      this.#must({ type: 'brokerSet.applyId', ...name, registerCheckCode });
    }
    const name = { cluster: CLUSTER, name: NAME, brokerId: 1 };
    const request = { kind: 'electMaster', ...name, designated: false, unsafe: false, by: 'broker' } as const;
    assert.ok(this.tier.ask(this.leader, { type: 'brokerSet', request }).ok);
    this.until(() => this.isWhole(), 'all in sync', 20_000);
    // Whoever has listened for less than this accuses nobody.
    this.run(3_000);
    return this;
  }

  isWhole(): boolean {
    const { master, syncStateSet, masterEpoch } = this.set;
    return (
      master !== null &&
      syncStateSet.length === this.brokers.length &&
      this.brokers.every((broker) => broker.masterEpoch === masterEpoch && broker.role !== 'fenced')
    );
  }

  run(forMs: number): void {
    const end = this.tier.now.monotonicMs + forMs;
    while (this.tier.now.monotonicMs < end) this.#step();
  }

  until(condition: () => boolean, what: string, limitMs = 10_000): number {
    const start = this.tier.now.monotonicMs;
    while (!condition()) {
      if (this.tier.now.monotonicMs - start > limitMs) assert.fail(`never: ${what}; ${this.describe()}`);
      this.#step();
    }
    return this.tier.now.monotonicMs - start;
  }

  kill(id: number): void {
    const broker = this.broker(id);
    broker.state = 'down';
    this.#hangUp(broker, NODES);
  }

  /** The connections of this broker to these nodes end. */
  hangUp(id: number, nodes: readonly NodeName[]): void {
    this.#hangUp(this.broker(id), nodes);
  }

  cutSite(site: SiteName): void {
    for (const { site: other } of PLACES) if (other !== site) this.cutSites.add(pairOf(site, other));
    this.#cutNodes();
  }

  heal(): void {
    this.cutSites.clear();
    this.tier.cut.clear();
    this.loss = 0;
    for (const broker of this.brokers) broker.unreachableFrom.clear();
  }

  /** Brokers that take writes, by what they believe. */
  masters(): FakeBroker[] {
    return this.brokers.filter(({ role, state }) => role === 'master' && state !== 'down');
  }

  describe(): string {
    const brokers = this.brokers.map(
      ({ id, state, role, masterEpoch, log }) => `${id} ${state} ${role} ${masterEpoch} (${log.length})`,
    );
    const { master, masterEpoch, syncStateSet } = this.set;
    return `master ${master} of ${masterEpoch}, in sync ${syncStateSet.join()}; ${brokers.join('; ')}; leader ${this.tier.leader()}`;
  }

  /** What was committed, judged once more from a disk, and that nothing is lost which was acknowledged. */
  judge(): void {
    const appliedIndex = (node: NodeName): number => this.tier.loop(node).state().appliedIndex;
    const [newest] = this.#running().sort((one, other) => appliedIndex(other) - appliedIndex(one));
    assert.ok(newest !== undefined);
    this.#disks.judge(newest, appliedIndex(newest));
    for (const message of this.acknowledged)
      assert.ok(
        this.reigning.log.includes(message),
        `${message} was acknowledged and is lost; ${this.describe()}`,
      );
  }

  #step(): void {
    this.#steps += 1;
    this.tier.run(STEP_MS);
    for (const broker of this.brokers) if (broker.state === 'up') this.#live(broker);
    this.#answers();
    for (const broker of this.brokers) {
      for (const message of broker.acknowledgedAlone.splice(0)) this.acknowledged.add(message);
      broker.ghostSteps =
        broker.role === 'master' && this.set.master !== broker.id ? broker.ghostSteps + 1 : 0;
      if (broker.role !== 'master') continue;
      const reigned = this.#reigns.get(broker.masterEpoch) ?? broker.id;
      assert.equal(reigned, broker.id, `two masters of epoch ${broker.masterEpoch}`);
      this.#reigns.set(broker.masterEpoch, broker.id);
    }
  }

  #live(broker: FakeBroker): void {
    const offsetMs = broker.id * STEP_MS;
    const isDue = (everyMs: number): boolean => (this.#steps * STEP_MS + offsetMs) % everyMs === 0;
    if (isDue(HEARTBEAT_MS)) for (const node of NODES) this.#heartbeat(broker, node);
    if (broker.role === 'master') this.#write(broker);
    if (isDue(POLL_MS)) this.#poll(broker);
    if (broker.role === 'master' && isDue(CHECK_MS)) this.#reportSyncStateSet(broker);
  }

  #heartbeat(broker: FakeBroker, node: NodeName): void {
    if (!this.#reaches(broker, node) || this.#isLost()) return;
    let channel = broker.channels.get(node);
    if (channel === undefined) {
      channel = this.#nextChannel;
      this.#nextChannel += 1;
      broker.channels.set(node, channel);
    }
    const maxOffset = BigInt(broker.log.length);
    const said = { epoch: broker.epochs.at(-1) ?? 0, maxOffset, confirmOffset: maxOffset, zone: broker.site };
    this.tier.input(node, { kind: 'broker', heard: heartbeat(broker.id, { channel, ...said }) });
  }

  /** One message; acknowledged once everybody who has to hold it does: by its master alone where that is all of the set. */
  #write(master: FakeBroker): void {
    this.#messages += 1;
    master.log.push(`${master.masterEpoch}:${this.#messages}`);
    for (const slave of this.brokers) {
      const follows = slave.role === 'slave' && slave.follows === master.id;
      if (!follows || slave.state !== 'up' || slave.masterEpoch !== master.masterEpoch) continue;
      if (this.#isCut(slave.site, master.site) || this.#isLost()) continue;
      slave.replicate(master, 20);
      if (slave.log.length === master.log.length) master.caughtUpMs.set(slave.id, this.tier.now.monotonicMs);
    }
    const holders = new Set([...master.syncStateSet, ...(master.asked ?? []), ...master.doubted]);
    const held = [...holders].map((id) => {
      const one = this.brokers.find((broker) => broker.id === id);
      // There is no such broker: nothing is acknowledged.
      if (one === undefined) return 0;
      return one === master ? master.log.length : this.#heldOf(one, master);
    });
    for (const message of master.log.slice(0, Math.min(...held))) this.acknowledged.add(message);
  }

  /** How much of the master's log it has told the master of: it tells nobody whom it does not follow. */
  #heldOf(slave: FakeBroker, master: FakeBroker): number {
    const isLinked =
      slave.state === 'up' &&
      slave.role === 'slave' &&
      slave.follows === master.id &&
      slave.masterEpoch === master.masterEpoch &&
      !this.#isCut(slave.site, master.site);
    return isLinked ? slave.log.length : 0;
  }

  /** 1004, and 1002 where nobody reigns. */
  #poll(broker: FakeBroker): void {
    const node = this.#someNode(broker);
    if (node === null) return;
    const set = this.tier.loop(node).state().brokerSets.get(NAME);
    if (set === undefined) return;
    if (set.master !== null) {
      broker.learn(set, node);
      return;
    }
    if ([...this.#waiting.values()].some((waiting) => waiting.broker === broker)) return;
    const name = { cluster: CLUSTER, name: NAME, brokerId: broker.id };
    const request = { kind: 'electMaster', ...name, designated: false, unsafe: false, by: 'broker' } as const;
    this.#waiting.set(this.tier.request(node, { type: 'brokerSet', request }), {
      broker,
      node,
      kind: 'elect',
    });
  }

  /** 1001: the others are out, whoever has caught up lately is in; one of the two at a time. */
  #reportSyncStateSet(master: FakeBroker): void {
    if (master.asked !== null) return;
    const nowMs = this.tier.now.monotonicMs;
    const caughtUp = this.brokers
      .filter(({ id }) => id === master.id || nowMs - (master.caughtUpMs.get(id) ?? -Infinity) < 2_500)
      .map(({ id }) => id);
    const left = master.syncStateSet.filter((id) => caughtUp.includes(id));
    const inSync = left.length < master.syncStateSet.length ? left : caughtUp;
    if (inSync.join() === master.syncStateSet.join()) return;
    const node = this.#someNode(master);
    if (node === null) return;
    master.asked = inSync;
    const request = {
      kind: 'alterSyncStateSet',
      cluster: CLUSTER,
      name: NAME,
      masterBrokerId: master.id,
      masterEpoch: master.masterEpoch,
      syncStateSet: inSync,
      syncStateSetEpoch: master.syncStateSetEpoch,
    } as const;
    this.#waiting.set(this.tier.request(node, { type: 'brokerSet', request }), {
      broker: master,
      node,
      kind: 'alter',
    });
  }

  #answers(): void {
    for (const [ticket, waiting] of this.#waiting) {
      const reply: ClientReply | null = this.tier.reply(ticket);
      if (reply === null && this.tier.runs(waiting.node)) continue;
      this.#waiting.delete(ticket);
      const { broker, node, kind } = waiting;
      // An answer that got lost leaves the master with both sets until it hears of the outcome some other way.
      const set = this.tier.runs(node) ? this.tier.loop(node).state().brokerSets.get(NAME) : undefined;
      if (broker.state !== 'up' || set === undefined || !this.#reaches(broker, node)) {
        if (kind === 'alter') broker.doubted = union(broker.doubted, broker.asked ?? []);
        broker.asked = null;
        continue;
      }
      if (kind === 'alter') {
        const isCertain = reply !== null && (reply.ok || reply.refusal.code !== 'timedOut');
        if (!isCertain) broker.doubted = union(broker.doubted, broker.asked ?? []);
        broker.asked = null;
      }
      if (reply?.ok === true) broker.heed(set);
    }
  }

  #someNode(broker: FakeBroker): NodeName | null {
    const reachable = this.#running().filter((node) => this.#reaches(broker, node));
    return reachable[this.#random.integer(0, reachable.length)] ?? null;
  }

  #ask(address: string, ask: BrokerAsk, node: NodeName): BrokerAnswer | null {
    this.asked.push(`${node} ${address} ${ask.kind}`);
    const broker = this.brokers.find((one) => one.address === address);
    const silent: BrokerAnswer = { kind: 'silent', waitedMs: 300 };
    if (broker === undefined || !this.#reaches(broker, node) || this.#isLost()) return silent;
    switch (broker.state) {
      case 'up':
        return broker.answer(ask);
      case 'down':
        return { kind: 'refused', error: 'ECONNREFUSED' };
      case 'silent':
        return silent;
    }
  }

  #reaches(broker: FakeBroker, node: NodeName): boolean {
    return !broker.unreachableFrom.has(node) && !this.#isCut(broker.site, siteOf(node));
  }

  #isCut(one: SiteName, other: SiteName): boolean {
    return this.cutSites.has(pairOf(one, other));
  }

  #isLost(): boolean {
    return this.loss > 0 && this.#random.next() < this.loss;
  }

  #cutNodes(): void {
    for (const from of PLACES)
      for (const to of PLACES)
        if (this.#isCut(from.site, to.site)) this.tier.cut.add(`${from.node}>${to.node}`);
  }

  #hangUp(broker: FakeBroker, nodes: readonly NodeName[]): void {
    for (const node of nodes) {
      const channel = broker.channels.get(node);
      broker.channels.delete(node);
      if (channel === undefined || !this.#reaches(broker, node)) continue;
      const heard = {
        what: 'closed',
        cluster: CLUSTER,
        name: NAME,
        address: broker.address,
        channel,
      } as const;
      this.tier.input(node, { kind: 'broker', heard });
    }
  }

  #running(): NodeName[] {
    return NODES.filter((node) => this.tier.runs(node));
  }

  #must(command: Command): void {
    const reply = this.tier.ask(this.leader, { type: 'propose', command });
    assert.ok(reply.ok, reply.ok ? '' : reply.refusal.message);
  }
}

const pairOf = (one: SiteName, other: SiteName): string => [one, other].sort().join();
const union = (one: readonly number[], other: readonly number[]): number[] =>
  [...new Set([...one, ...other])].sort((left, right) => left - right);
