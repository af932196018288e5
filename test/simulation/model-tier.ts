/**
 * One group under the rules of failover, over model servers: fencing, promotion and maintenance as a leader would do
 * them, each order reaching its server or not. Whether a promotion that was called proven lost an acknowledged write is
 * decided by looking into the new master's list.
 */
import { chooseCandidate } from '../../src/core/failover/candidates.ts';
import type { ChangeStep, ReplicaState } from '../../src/core/failover/change-step.ts';
import type { ServerRead } from '../../src/core/failover/coverage.ts';
import { acknowledgedOffset } from '../../src/core/failover/floor.ts';
import { planReign } from '../../src/core/failover/new-reign.ts';
import { planChange } from '../../src/core/failover/sync-set-change.ts';
import { givenUpWith, reignsWith, withBranches } from '../../src/core/metadata/given-up.ts';
import type { BrokerGroup, GroupPhase, SyncSet } from '../../src/core/metadata/state.ts';
import { must } from '../../src/core/primitives/assert.ts';
import { epoch, type ReplicaId } from '../../src/core/primitives/identifiers.ts';
import { LIMITS } from '../../src/core/primitives/limits.ts';
import { A2, B1, B2, group, M, processOf, reign, syncSet } from '../core/failover/group-fixture.ts';
import { type ModelServer, ModelServers, offsetOf } from './model-servers.ts';

export class ModelTier {
  group: BrokerGroup;
  readonly servers: ModelServers;
  /** Acknowledged writes that a proven promotion left behind: must stay empty. */
  readonly lost: number[] = [];
  readonly counts = {
    proven: 0,
    withAcknowledged: 0,
    failed: 0,
    reinstated: 0,
    unprovable: 0,
    settled: 0,
    joined: 0,
    /** Proven on the stream that a promotion which was given up had begun. */
    onBranch: 0,
    /** Proven over several promotions that were given up. */
    overSeveral: 0,
  };
  #reads = new Map<ReplicaId, ServerRead>();
  #granted: {
    version: number;
    inbound: readonly ReplicaId[];
    timeFence: null;
    offset: bigint;
    connectedSlaves: number;
  } | null = null;
  /** The promotion under way was called proven. */
  #proven = false;
  #fenced = new Map<ReplicaId, ReturnType<typeof processOf>>();

  constructor(change: Partial<BrokerGroup>, firstRule: number) {
    const first = syncSet([A2, B1, B2], firstRule);
    this.group = group({ ...change, syncSets: [first], reigns: [reign(1, M, 0n)] });
    this.servers = new ModelServers(this.group.replicas, firstRule);
  }

  setPolicy(policy: BrokerGroup['policy']): void {
    this.group = { ...this.group, policy };
  }

  fence(reason: 'masterLost' | 'switchover' | 'operatorFailover' | 'promotionFailed'): void {
    const { phase } = this.group;
    const number = phase.kind === 'active' ? this.group.epoch + 1 : phase.epoch + 1;
    const recordId = `r${number}`;
    const next: GroupPhase = {
      kind: 'fencing',
      epoch: epoch(number),
      reason,
      recordId,
      preferred: null,
      unsafe: false,
    };
    this.group = { ...this.group, givenUp: givenUpWith(this.group), phase: next };
    this.#reads = new Map();
    this.#granted = null;
  }

  /** Revokes and reads one server, then lets the rules choose; commits the promotion that they choose. */
  collect(id: ReplicaId, collectionOver: boolean): void {
    const { phase } = this.group;
    if (phase.kind !== 'fencing') return;
    const server = this.servers.of(id);
    if (this.servers.reaches(server)) {
      this.servers.revoke(server);
      this.#reads.set(id, { replica: id, report: this.servers.report(server) });
      this.#fenced.set(id, processOf(id, server.life));
    }
    const reads = [...this.#reads.values()];
    const choice = chooseCandidate({ group: this.group, reads, collectionOver });
    if (choice.kind === 'unprovable') this.counts.unprovable += 1;
    if (choice.kind !== 'promote' || this.group.syncSets.length >= LIMITS.rulesInForce) return;
    this.#proven = choice.ground === 'proven';
    const { givenUp } = this.group;
    if (this.#proven && givenUp.length > 1) this.counts.overSeveral += 1;
    if (this.#proven && givenUp.some((promotion) => promotion.epoch === choice.cutEpoch))
      this.counts.onBranch += 1;
    if (choice.reinstated) this.counts.reinstated += 1;
    const plan = planReign(this.group, choice, reads);
    this.#commit(
      { epoch: phase.epoch, members: plan.members, rule: plan.rule, degraded: plan.degraded },
      plan.incarnations,
    );
    const { epoch: number, reason, recordId } = phase;
    const { candidate, incarnation, cut, cutLineage, cutEpoch } = choice;
    const cutAt = { cut, cutLineage, cutEpoch };
    this.group = {
      ...this.group,
      givenUp: withBranches(this.group.givenUp, choice.branches),
      phase: { kind: 'promoting', epoch: number, reason, recordId, candidate, incarnation, ...cutAt },
    };
  }

  #checkNothingLost(candidate: ModelServer): void {
    const kept = new Set(candidate.writes);
    const missing = [...this.servers.acknowledged].filter((write) => !kept.has(write));
    this.lost.push(...missing);
    this.counts.proven += 1;
    if (this.servers.acknowledged.size > 0) this.counts.withAcknowledged += 1;
  }

  #commit(
    set: Pick<SyncSet, 'epoch' | 'members' | 'rule' | 'degraded'>,
    incarnations: Extract<ChangeStep, { kind: 'commit' }>['incarnations'],
  ): void {
    const version = (this.group.syncSets.at(-1)?.version ?? 0) + 1;
    const committed = new Map(incarnations.map((one) => [one.replica, one.incarnation]));
    this.group = {
      ...this.group,
      replicas: this.group.replicas.map((replica) => ({
        ...replica,
        incarnation: committed.get(replica.id) ?? replica.incarnation,
      })),
      syncSets: [...this.group.syncSets, { ...set, version, author: 'pollux' }],
    };
  }

  /** The order to promote reaches the candidate; it may do so and still be taken for failed. */
  promote(): void {
    const { phase } = this.group;
    if (phase.kind !== 'promoting') return;
    const server = this.servers.of(phase.candidate);
    const last = must(this.group.syncSets.at(-1), 'a promotion has a set');
    if (!this.servers.reaches(server) || processOf(server.id, server.life) !== phase.incarnation) return;
    if (server.role === 'master' || offsetOf(server) < phase.cut) return;
    if (this.#proven) this.#checkNothingLost(server);
    server.second = { lineage: server.lineage, offset: offsetOf(server) };
    server.lineage = this.servers.freshLineage();
    server.role = 'master';
    this.#grant(
      server,
      last.members.map((member) => member.replica),
      last,
    );
  }

  /** A member is told to follow the candidate before the promotion is known to have succeeded. */
  attachEarly(id: ReplicaId): void {
    const { phase } = this.group;
    const member = this.group.syncSets.at(-1)?.members.find((one) => one.replica === id);
    const server = this.servers.of(id);
    if (phase.kind !== 'promoting' || member?.incarnation !== processOf(id, server.life)) return;
    if (this.servers.reaches(server)) server.follows = phase.candidate;
  }

  activate(): void {
    const { phase } = this.group;
    if (phase.kind !== 'promoting') return;
    const server = this.servers.of(phase.candidate);
    if (server.role !== 'master' || !this.servers.reaches(server)) return;
    const { epoch: number, candidate: master, incarnation, cut } = phase;
    const reign = { epoch: number, master, incarnation, lineage: server.lineage, cut };
    const reigns = reignsWith(this.group, phase, reign);
    this.group = {
      ...this.group,
      epoch: phase.epoch,
      master: phase.candidate,
      phase: { kind: 'active' },
      reigns,
      givenUp: [],
      floor: phase.cut,
    };
  }

  failPromotion(): void {
    if (this.group.phase.kind !== 'promoting') return;
    this.counts.failed += 1;
    this.fence('promotionFailed');
  }

  raiseFloor(): void {
    if (this.group.phase.kind !== 'active') return;
    const reports = [...this.servers.all.values()].filter((server) => this.servers.reaches(server));
    const held = acknowledgedOffset(
      this.group,
      new Map(reports.map((server) => [server.id, this.servers.report(server)])),
    );
    if (held !== null && held > this.group.floor) this.group = { ...this.group, floor: held };
  }

  #grant(server: ModelServer, inbound: readonly ReplicaId[], set: SyncSet | null): void {
    server.inbound = new Set(inbound);
    if (set === null) return;
    server.waitCount = set.rule.kind === 'anyOf' ? set.rule.k : set.members.length;
    this.#granted = {
      version: set.version,
      inbound,
      timeFence: null,
      offset: offsetOf(server),
      connectedSlaves: this.servers.attachedTo(server).length,
    };
  }

  /** One step of the running group's maintenance. `patient`: nobody is away for long enough yet. */
  maintain(patient: boolean): void {
    if (this.group.phase.kind !== 'active') return;
    const replicas = new Map<ReplicaId, ReplicaState>();
    for (const server of this.servers.all.values()) {
      const report = this.servers.report(server);
      const linked = report.follows?.linkUp === true && server.follows === this.group.master;
      replicas.set(server.id, {
        report,
        reachable: this.servers.reaches(server),
        awayForMs: linked && server.up ? 0 : 9_000,
      });
    }
    const granted = this.#granted === null ? null : { ...this.#granted, versionSinceMs: patient ? 9_000 : 0 };
    this.#perform(
      planChange({
        group: this.group,
        replicas,
        progress: { granted, fenced: this.#fenced, chained: new Map(), notNow: new Set() },
        nowMs: 9_000,
        removeAfterMs: 2_000,
      }),
    );
  }

  #perform(step: ChangeStep): void {
    const master = this.servers.of(must(this.group.master, 'an active group has a master'));
    const last = must(this.group.syncSets.at(-1), 'an active group has a set');
    switch (step.kind) {
      case 'none':
      case 'hold':
        return;
      case 'grant':
        this.#grant(master, step.inbound, last);
        return;
      case 'markCaughtUp':
        this.#replaceLast({
          ...last,
          members: last.members.map((one) => ({
            ...one,
            caughtUp: one.caughtUp || step.replicas.includes(one.replica),
          })),
        });
        return;
      case 'settle':
        this.counts.settled += 1;
        this.group = {
          ...this.group,
          syncSets: this.group.syncSets.filter((set) => set.version >= step.keepFrom),
        };
        return;
      case 'attach':
        this.servers.of(step.replica).follows = master.id;
        return;
      case 'fence':
        this.servers.revoke(this.servers.of(step.replica));
        this.#fenced.set(step.replica, processOf(step.replica, this.servers.of(step.replica).life));
        return;
      case 'chain':
        this.#grant(this.servers.of(step.below), step.inbound, null);
        this.servers.of(step.replica).follows = step.below;
        return;
      case 'commit':
        if (step.change === 'add') this.counts.joined += 1;
        this.#commit({ ...step, epoch: this.group.epoch }, step.incarnations);
        return;
    }
  }

  #replaceLast(set: SyncSet): void {
    this.group = { ...this.group, syncSets: [...this.group.syncSets.slice(0, -1), set] };
  }
}
