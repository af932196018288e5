/**
 * Lives of broker groups: the production loop and the production driver over model servers, from the declaration of the
 * groups on. First every promise must be kept under every fault; then all works again, and within a bound every group
 * has to be whole, unless its loss had to be accepted, which is then an operator's word.
 */
import { inspect } from 'node:util';
import { must } from '../../../src/core/primitives/assert.ts';
import { clusterName, type GroupKey, siteName, topicName } from '../../../src/core/primitives/identifiers.ts';
import { Books } from '../brokers/books.ts';
import { driversOf, Turns } from '../brokers/broker-drivers.ts';
import type { Moment } from '../brokers/broker-plan.ts';
import { BrokerTier, type TierGroup } from '../brokers/broker-tier.ts';
import { Producers } from '../brokers/producers.ts';
import { Strikes } from '../brokers/strikes.ts';
import { brakesHold } from '../oracles/brokers/brakes.ts';
import { type BrokerOracle, type Case, journalOf } from '../oracles/brokers/broker-oracle.ts';
import { committedFirst } from '../oracles/brokers/committed-first.ts';
import { CommittedGroups } from '../oracles/brokers/committed-groups.ts';
import { discovery } from '../oracles/brokers/discovery.ts';
import { drills } from '../oracles/brokers/drills.ts';
import { files } from '../oracles/brokers/files.ts';
import { hands } from '../oracles/brokers/hands.ts';
import { isHopeless } from '../oracles/brokers/hopeless.ts';
import { nobodyNeedlessly } from '../oracles/brokers/needless.ts';
import { noLoss } from '../oracles/brokers/no-loss.ts';
import { oneWritable } from '../oracles/brokers/one-writable.ts';
import { policyIsKept } from '../oracles/brokers/policy.ts';
import { queues } from '../oracles/brokers/queues.ts';
import { timeFence } from '../oracles/brokers/time-fence.ts';
import { consensusOracles } from '../oracles/consensus-oracles.ts';
import type { Oracle } from '../oracles/oracle.ts';
import { Violation } from '../world/violation.ts';
import { World } from '../world/world.ts';
import { drawFailoverPlan, type FailoverPlan } from './failover-plan.ts';
import { failoverPlanSchema } from './failover-plan-schema.ts';
import type { LifeReport, OnNote, Profile } from './profile.ts';

/** Groups on servers that work are taken on within this time. */
const TAKEN_ON_MS = 20_000;
/** What works again is whole within this time. */
const WHOLE_AGAIN_MS = 80_000;
/** An operator waits so long before the loss of what cannot be proven is accepted. */
const HOPE_MS = 12_000;
const LOOK_MS = 100;

class Life {
  readonly plan: FailoverPlan;
  readonly committed = new CommittedGroups();
  readonly books = new Books();
  readonly tier: BrokerTier;
  readonly world: World;
  readonly producers: Producers;
  readonly strikes: Strikes;
  readonly #turns = new Turns();

  constructor(plan: FailoverPlan, onNote?: OnNote) {
    this.plan = plan;
    const facts: Case = { tier: () => this.tier, committed: this.committed, books: this.books };
    const oracles: readonly BrokerOracle[] = [
      noLoss(facts),
      oneWritable(facts),
      committedFirst(facts),
      files(),
      hands(),
      discovery(),
      queues(),
      policyIsKept(facts),
      brakesHold(facts),
      timeFence(facts),
      nobodyNeedlessly(facts),
      drills(facts),
    ];
    const resyncs: BrokerOracle = {
      server: {
        resyncs: ({ host }) => this.strikes.happened('server.resyncs', this.tier.groupOf(host).key),
        resynced: ({ host }) => this.strikes.happened('server.resynced', this.tier.groupOf(host).key),
      },
    };
    this.tier = new BrokerTier(plan.seed, plan.brokers, journalOf([...oracles, resyncs]));
    const noted: Oracle = { decided: (node) => this.committed.takeNote(node.loop().state()) };
    this.world = new World({
      seed: plan.seed,
      size: 3,
      timing: plan.timing,
      tickIntervalMs: plan.tickIntervalMs,
      weather: plan.weather,
      oracles: [
        noted,
        ...consensusOracles(plan.timing.electionTimeoutMs),
        ...oracles.flatMap(({ node }) => node ?? []),
      ],
      drivers: driversOf(
        () => this.tier,
        this.#turns,
        (node, server) => {
          for (const { heard } of oracles) heard?.(node, server);
        },
      ),
      settle: this.#turns.settle,
      ...(onNote === undefined ? {} : { onNote }),
    });
    this.tier.standIn(this.world);
    this.producers = new Producers(this.tier, this.books);
    this.strikes = new Strikes(this.tier, this.committed);
    this.#noteChanges();
  }

  #noteChanges(): void {
    this.committed.onChange((key, before, { now, ...committed }) => {
      const { phase, epoch, master, syncSets } = now;
      const set = syncSets.at(-1);
      const members = (set?.members ?? []).map(({ replica }) => replica).join(',');
      this.world.note(
        `${key} ${phase.kind}${phase.kind === 'active' ? '' : ` ${phase.epoch} ${phase.reason}`} epoch ${epoch} master ${master} version ${set?.version} {${members}} rules ${syncSets.length}`,
      );
      this.world.count(phase.kind);
      this.#moments(key, before?.version ?? 0, set?.version ?? 0, phase.kind);
      void committed;
    });
  }

  #moments(key: GroupKey, before: number, after: number, phase: 'active' | 'fencing' | 'promoting'): void {
    const moments: Record<typeof phase, Moment> = {
      active: after > before ? 'group.changeSyncSet' : 'group.activate',
      fencing: 'group.fence',
      promoting: 'group.promote',
    };
    this.strikes.happened(moments[phase], key);
  }

  /** Asks any node until it is done. */
  insist(request: Parameters<World['nodes'][number]['request']>[0], done: () => void): void {
    const again = (): void => this.world.at(LOOK_MS, () => this.insist(request, done));
    const { nodes } = this.world;
    const node = must(nodes[Math.floor(this.world.nowMs) % nodes.length], 'a node');
    const taken = node.request(request, (reply) => {
      if (reply?.ok === true || reply?.refusal.code === 'duplicateName') done();
      else {
        if (reply !== null) this.world.note(`${request.type} refused: ${reply.refusal.message}`);
        again();
      }
    });
    if (!taken) again();
  }

  async takeOn(): Promise<void> {
    let declared = 0;
    const { groups } = this.tier;
    for (const { declaration } of groups) {
      const request = { type: 'addGroup', declaration, planOnly: false, by: 'operator' } as const;
      this.insist(request, () => {
        declared += 1;
        if (declared === groups.length) this.#addTopic();
      });
    }
    this.producers.start();
    const isDone = (): boolean => groups.every((group) => this.isWhole(group));
    if (!(await this.world.runUntil(isDone, TAKEN_ON_MS)))
      throw new Violation('a fit group is taken on', groups.map((group) => this.describe(group)).join('; '));
  }

  #addTopic(): void {
    const topic = {
      cluster: clusterName('main'),
      name: topicName('orders'),
      queues: this.tier.groups.map(({ key }) => ({ group: key, readQueues: 4, writeQueues: 4 })),
      permission: 'readWrite',
      order: false,
      near: 'prefer',
      attributes: {},
      source: 'declared',
      owner: 'simulation',
      labels: {},
    } as const;
    this.insist({ type: 'propose', command: { type: 'topic.add', topic } }, () => undefined);
  }

  /** Reigns as committed, acknowledges under its policy, everybody belongs to it again, and no older rule is left. */
  isWhole({ key, byReplica, plan }: TierGroup): boolean {
    const now = this.committed.of(key)?.now;
    const set = now?.syncSets.at(-1);
    if (now?.phase.kind !== 'active' || now.master === null || set === undefined) return false;
    const master = byReplica.get(now.master)?.process ?? null;
    if (master === null || master.link.master !== null || master.runId !== now.reigns.at(-1)?.incarnation)
      return false;
    if (set.degraded || set.members.length !== plan.servers.length - 1 || now.syncSets.length !== 1)
      return false;
    // What was changed by hand has been put right.
    if ([...byReplica.values()].some(({ process }) => process?.settings.text('repl-backlog-ttl') !== '0'))
      return false;
    return set.members.every(({ replica, incarnation }) => {
      const process = byReplica.get(replica)?.process;
      return (
        process?.runId === incarnation &&
        process.link.state === 'connected' &&
        process.link.master?.port === master.host.port
      );
    });
  }

  describe({ key, byReplica }: TierGroup): string {
    const now = this.committed.of(key)?.now;
    const servers = [...byReplica].map(([id, { process, stopped }]) => {
      if (process === null) return `${id} down`;
      const { link, stream, runId } = process;
      return `${id}${stopped ? ' stopped' : ''} ${runId.slice(0, 6)} ${link.master?.port ?? 'master'} ${link.state} ${stream.replicationId.slice(0, 6)} ${stream.offset}`;
    });
    const alerts = this.world.leader()?.loop().alerts() ?? [];
    const sets = (now?.syncSets ?? []).map(
      ({ version, members, degraded }) =>
        `${version}${degraded ? ' degraded' : ''} {${members.map(({ replica, incarnation }) => `${replica} ${incarnation.slice(0, 6)}`).join(', ')}}`,
    );
    return `${key} ${now?.policy} ${now?.onShortage} ${inspect(now?.phase, { breakLength: Number.POSITIVE_INFINITY })} epoch ${now?.epoch} master ${now?.master}, sets ${sets.join(' ')}; ${servers.join(', ')}; ${alerts.map(({ code, message }) => `${code}: ${message}`).join(' | ')}`;
  }

  #newestState() {
    const [first] = this.world.nodes;
    return (this.world.leader() ?? must(first, 'a node')).loop().state();
  }

  /** Nobody waits for a return: it goes on for as long as the IDC is not well, or an automatic one begins anew. */
  isEvacuating(): boolean {
    const drill = this.#newestState().drills.at(-1);
    return drill?.kind === 'evacuation' && drill.outcome === 'running';
  }

  describeDrill(): string {
    const { drills: all, drillMoves } = this.#newestState();
    return inspect([all.at(-1), ...drillMoves.values()], { breakLength: Number.POSITIVE_INFINITY });
  }

  async liveThroughFaults(): Promise<void> {
    this.strikes.schedule(this.plan.faults);
    await this.world.run(this.plan.faultsMs);
    this.world.heal();
    this.strikes.end();
    this.world.note('all brokers work again');
  }

  async becomeWhole(): Promise<void> {
    const { groups } = this.tier;
    for (const group of groups) {
      for (const scope of [
        { kind: 'group', group: group.key },
        { kind: 'idc', site: siteName('idc-a') },
        { kind: 'idc', site: siteName('idc-b') },
      ] as const) {
        const command = { type: 'automatic.resume', scope, by: 'operator', wallMs: 0 } as const;
        this.insist({ type: 'propose', command }, () => undefined);
      }
      this.#watchOver(group, 0);
    }
    const before = new Map<GroupKey, number>();
    const isDone = (): boolean =>
      !this.isEvacuating() &&
      groups.every((group) => {
        if (!this.isWhole(group)) return false;
        const count = this.producers.acknowledged.get(group.key) ?? 0;
        const first = before.get(group.key);
        if (first === undefined) before.set(group.key, count);
        return first !== undefined && count > first;
      });
    if (await this.world.runUntil(isDone, WHOLE_AGAIN_MS)) return;
    if (this.isEvacuating()) throw new Violation('an evacuation of a healed tier ends', this.describeDrill());
    const unfinished = groups.filter((group) => !this.isWhole(group));
    throw new Violation(
      'a healed group becomes whole again',
      (unfinished.length > 0 ? unfinished : groups).map((group) => this.describe(group)).join('; '),
    );
  }

  /**
   * An operator. A master that somebody has steered by hand is moved away from; where nothing can be proven any more, the
   * loss is accepted; where it could be, that is a violation.
   */
  #watchOver(group: TierGroup, waitedMs: number): void {
    this.world.at(LOOK_MS, () => {
      const alerts = this.world.leader()?.loop().alerts() ?? [];
      const isRaised = (wanted: string): boolean =>
        alerts.some(({ code, group: key }) => code === wanted && key === group.key);
      const unsafe = isRaised('unprovable');
      if (!unsafe && !isRaised('held')) this.#watchOver(group, 0);
      else if (waitedMs < HOPE_MS) this.#watchOver(group, waitedMs + LOOK_MS);
      else {
        if (unsafe) this.#demandHopeless(group);
        const request = { type: 'failover', group: group.key, to: null, unsafe, by: 'operator' } as const;
        this.world.count(unsafe ? 'lossAccepted' : 'movedByHand');
        this.world.note(`the operator moves ${group.key}${unsafe ? ' and accepts the loss' : ''}`);
        this.insist(request, () => this.#watchOver(group, 0));
      }
    });
  }

  #demandHopeless(group: TierGroup): void {
    const committed = must(this.committed.of(group.key), 'the group was declared');
    if (!isHopeless(committed, group))
      throw new Violation('what can be proven is promoted', this.describe(group));
  }
}

async function live(plan: FailoverPlan, onNote?: OnNote): Promise<LifeReport> {
  const life = new Life(plan, onNote);
  const { world } = life;
  await life.takeOn();
  await life.liveThroughFaults();
  await life.becomeWhole();
  life.producers.stop();
  await world.run(50);
  for (const oracle of world.judge.oracles) oracle.ended?.();
  return {
    steps: world.steps,
    fingerprint: world.fingerprint,
    counts: { ...world.counts, ...world.judge.counts },
  };
}

export const failover: Profile = {
  name: 'failover',
  mustHappen: {
    acknowledged: 100,
    fencing: 2.5,
    promoting: 2.2,
    killServer: 1.4,
    lagReplica: 1.2,
    cutBrokers: 0.6,
    stopServer: 0.25,
    attachByHand: 0.04,
    refuseFresh: 0.03,
    failoverByHand: 0.02,
    switchover: 0.15,
    'switchover accepted': 0.03,
    failover: 0.12,
    setPolicy: 0.08,
    setTimeFence: 0.1,
    setByHand: 0.1,
    tailsKept: 0.003,
    writesUnderFence: 60,
    naiveWriteRefused: 1,
    setTimes: 0.05,
    acknowledge: 0.02,
    stopAutomatic: 0.05,
    leftAlone: 0.01,
    movesWhileCooling: 0.03,
    evacuate: 0.3,
    returnTo: 0.2,
    abortDrill: 0.04,
    groupsMoved: 0.1,
    lossAccepted: 0.06,
    leaders: 1.6,
    crash: 0.12,
    pause: 0.2,
    pausesAfterStep: 0.12,
    handOver: 0.12,
  },
  prepare(seed) {
    const plan = drawFailoverPlan(seed);
    return { plan, live: (onNote) => live(plan, onNote) };
  },
  resume(written) {
    const plan = failoverPlanSchema.parse(written);
    return { plan, live: (onNote) => live(plan, onNote) };
  },
};
