/**
 * Servers, producers and one group, as small as they can be and still lose writes: the oracle of the failover rules.
 * Servers hold lists of writes; a producer counts what WAIT would count; killed servers come back empty, as another
 * process. It shares no arithmetic with the rules: whether a write was acknowledged is decided by who is attached
 * and holds it, and whether it was lost by looking into the new master's list.
 */
import { unfinishedPromotions } from '../../../src/core/failover/attempts.ts';
import { chooseCandidate } from '../../../src/core/failover/candidates.ts';
import type { ChangeStep, ReplicaState } from '../../../src/core/failover/change-step.ts';
import type { ServerRead } from '../../../src/core/failover/coverage.ts';
import { acknowledgedOffset } from '../../../src/core/failover/floor.ts';
import { planReign } from '../../../src/core/failover/new-reign.ts';
import { planChange } from '../../../src/core/failover/sync-set-change.ts';
import type { ServerReport } from '../../../src/core/liveness/observation.ts';
import type { BrokerGroup, GroupPhase, HistoryRecord, SyncSet } from '../../../src/core/metadata/state.ts';
import { must } from '../../../src/core/primitives/assert.ts';
import { epoch, type Lineage, lineage, type ReplicaId } from '../../../src/core/primitives/identifiers.ts';
import { LIMITS } from '../../../src/core/primitives/limits.ts';
import { A2, addressOf, B1, B2, group, M, processOf, reign, syncSet } from './group-fixture.ts';

const BYTES_PER_WRITE = 10n;
const BLACKHOLE = '127.0.0.1:1';
export const SERVERS = [M, A2, B1, B2] as const;

type Server = {
  readonly id: ReplicaId;
  life: number;
  up: boolean;
  role: 'master' | 'slave';
  writes: number[];
  lineage: Lineage;
  second: { lineage: Lineage; offset: bigint } | null;
  follows: ReplicaId | null;
  inbound: Set<ReplicaId>;
  /** k of the sync set whose producers may write here; null when none may. */
  waitCount: number | null;
  /** The tier reaches it. */
  reachable: boolean;
  /** It and the others of its IDC are cut off from the other IDC. */
  cutOff: boolean;
};

const offsetOf = (server: Server): bigint => BigInt(server.writes.length) * BYTES_PER_WRITE;

export class ModelTier {
  group: BrokerGroup;
  readonly servers: ReadonlyMap<ReplicaId, Server>;
  readonly acknowledged = new Set<number>();
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
  };
  #history: HistoryRecord[] = [];
  #reads = new Map<ReplicaId, ServerRead>();
  #granted: {
    version: number;
    inbound: readonly ReplicaId[];
    offset: bigint;
    connectedSlaves: number;
  } | null = null;
  /** The promotion under way was called proven. */
  #proven = false;
  #fenced = new Map<ReplicaId, ReturnType<typeof processOf>>();
  #nextWrite = 1;
  #nextLineage = 1;

  constructor(change: Partial<BrokerGroup>, firstRule: number) {
    const first = syncSet([A2, B1, B2], firstRule);
    this.group = group({ ...change, syncSets: [first], reigns: [reign(1, M, 0n)] });
    this.servers = new Map(SERVERS.map((id) => [id, this.#server(id)]));
    const master = this.#of(M);
    master.role = 'master';
    master.inbound = new Set([A2, B1, B2]);
    master.waitCount = firstRule;
    for (const id of [A2, B1, B2]) this.#of(id).follows = M;
  }

  #server(id: ReplicaId): Server {
    return {
      id,
      life: 1,
      up: true,
      role: 'slave',
      writes: [],
      lineage: lineage('L1'),
      second: null,
      follows: null,
      inbound: new Set(),
      waitCount: null,
      reachable: true,
      cutOff: false,
    };
  }

  #of(id: ReplicaId): Server {
    return must(this.servers.get(id), 'a model server');
  }

  #freshLineage(): Lineage {
    this.#nextLineage += 1;
    return lineage(`X${this.#nextLineage}`);
  }

  #connected(one: Server, other: Server): boolean {
    const site = (server: Server) => this.group.replicas.find((replica) => replica.id === server.id)?.site;
    return one.up && other.up && (site(one) === site(other) || !(one.cutOff || other.cutOff));
  }

  #attachedTo(master: Server): Server[] {
    return [...this.servers.values()].filter(
      (server) =>
        server.follows === master.id && master.inbound.has(server.id) && this.#connected(server, master),
    );
  }

  /** A write on every server that takes any, an old master that nobody has fenced yet among them. */
  writeAnywhere(): void {
    for (const server of this.servers.values()) {
      if (!server.up || server.role !== 'master' || server.waitCount === null) continue;
      server.writes.push(this.#nextWrite);
      this.#nextWrite += 1;
    }
  }

  /** A slave receives up to `count` further writes; a slave of a slave receives from that one. */
  replicate(id: ReplicaId, count: number): void {
    const slave = this.#of(id);
    if (slave.follows === null || slave.role !== 'slave') return;
    const upstream = this.#of(slave.follows);
    if (!upstream.inbound.has(id) || !this.#connected(slave, upstream)) return;
    const offset = offsetOf(slave);
    const shares =
      slave.lineage === upstream.lineage ||
      (upstream.second !== null &&
        slave.lineage === upstream.second.lineage &&
        offset <= upstream.second.offset);
    if (!shares || offset > offsetOf(upstream)) {
      slave.writes = [...upstream.writes];
      slave.second = upstream.second;
    } else {
      if (slave.lineage !== upstream.lineage) slave.second = { lineage: slave.lineage, offset };
      slave.writes = upstream.writes.slice(0, slave.writes.length + count);
    }
    slave.lineage = upstream.lineage;
  }

  /** Every producer that waits, on any master, learns what WAIT would count now. */
  acknowledgeEverywhere(): void {
    for (const master of this.servers.values()) {
      const k = master.waitCount;
      if (!master.up || master.role !== 'master' || k === null || k === 0) continue;
      const held = this.#attachedTo(master)
        .filter((slave) => slave.lineage === master.lineage)
        .map((slave) => slave.writes.length)
        .sort((one, other) => other - one);
      for (const write of master.writes.slice(0, held[k - 1] ?? 0)) this.acknowledged.add(write);
    }
  }

  kill(id: ReplicaId): void {
    this.#of(id).up = false;
  }

  /** It boots fenced and without data. */
  restart(id: ReplicaId): void {
    const server = this.#of(id);
    Object.assign(server, this.#server(id), {
      life: server.life + 1,
      lineage: this.#freshLineage(),
      reachable: server.reachable,
      cutOff: server.cutOff,
    });
  }

  setReachable(id: ReplicaId, reachable: boolean): void {
    this.#of(id).reachable = reachable;
  }

  setCutOff(id: ReplicaId, cutOff: boolean): void {
    this.#of(id).cutOff = cutOff;
  }

  setPolicy(policy: BrokerGroup['policy']): void {
    this.group = { ...this.group, policy };
  }

  #report(server: Server): ServerReport {
    const upstream = server.follows === null ? null : this.#of(server.follows);
    const linkUp = upstream?.inbound.has(server.id) === true && this.#connected(server, upstream);
    const address = server.follows === null ? BLACKHOLE : addressOf(server.follows);
    return {
      incarnation: processOf(server.id, server.life),
      role: server.role,
      loading: false,
      lineage: server.lineage,
      secondLineage: server.second?.lineage ?? null,
      secondOffset: server.second === null ? -1n : server.second.offset + 1n,
      offset: offsetOf(server),
      follows:
        server.role === 'master' ? null : { address, linkUp, syncing: false, lastReceivedSecondsAgo: 0 },
      connectedSlaves: this.#attachedTo(server).length,
      epoch: null,
    };
  }

  #reaches(server: Server): boolean {
    return server.up && server.reachable;
  }

  #revoke(server: Server): void {
    server.inbound = new Set();
    server.waitCount = null;
    server.follows = null;
    server.role = 'slave';
  }

  fence(reason: 'masterLost' | 'switchover' | 'operatorFailover' | 'promotionFailed'): void {
    const { phase } = this.group;
    const number = phase.kind === 'active' ? this.group.epoch + 1 : phase.epoch + 1;
    if (phase.kind !== 'active') this.#end(phase, 'superseded');
    const recordId = `r${number}`;
    const next: GroupPhase = {
      kind: 'fencing',
      epoch: epoch(number),
      reason,
      recordId,
      preferred: null,
      unsafe: false,
    };
    this.group = { ...this.group, phase: next };
    this.#history.push({
      id: recordId,
      group: this.group.key,
      reason,
      epoch: epoch(number),
      from: this.group.master,
      to: null,
      by: 'model',
      evidence: [],
      steps: [],
      candidates: [],
      outcome: 'running',
    });
    this.#reads = new Map();
    this.#granted = null;
  }

  #end(phase: Exclude<GroupPhase, { kind: 'active' }>, outcome: HistoryRecord['outcome']): void {
    this.#history = this.#history.map((record) =>
      record.id === phase.recordId ? { ...record, outcome } : record,
    );
  }

  /** Revokes and reads one server, then lets the rules choose; commits the promotion that they choose. */
  collect(id: ReplicaId, collectionOver: boolean): void {
    const { phase } = this.group;
    if (phase.kind !== 'fencing') return;
    const server = this.#of(id);
    if (this.#reaches(server)) {
      this.#revoke(server);
      this.#reads.set(id, { replica: id, report: this.#report(server) });
      this.#fenced.set(id, processOf(id, server.life));
    }
    const reads = [...this.#reads.values()];
    const attempts = unfinishedPromotions(this.group, this.#history);
    const choice = chooseCandidate({ group: this.group, reads, attempts, collectionOver });
    if (choice.kind === 'unprovable') this.counts.unprovable += 1;
    if (choice.kind !== 'promote' || this.group.syncSets.length >= LIMITS.rulesInForce) return;
    this.#proven = choice.ground === 'proven';
    if (choice.reinstated) this.counts.reinstated += 1;
    const plan = planReign(this.group, choice, reads);
    this.#history = this.#history.map((record) =>
      record.id === phase.recordId ? { ...record, candidates: choice.candidates } : record,
    );
    this.#commit(
      { epoch: phase.epoch, members: plan.members, rule: plan.rule, degraded: plan.degraded },
      plan.incarnations,
    );
    const { epoch: number, reason, recordId } = phase;
    const { candidate, incarnation, cut, cutLineage } = choice;
    this.group = {
      ...this.group,
      phase: { kind: 'promoting', epoch: number, reason, recordId, candidate, incarnation, cut, cutLineage },
    };
  }

  #checkNothingLost(candidate: Server): void {
    const kept = new Set(candidate.writes);
    const missing = [...this.acknowledged].filter((write) => !kept.has(write));
    this.lost.push(...missing);
    this.counts.proven += 1;
    if (this.acknowledged.size > 0) this.counts.withAcknowledged += 1;
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
    const server = this.#of(phase.candidate);
    const last = must(this.group.syncSets.at(-1), 'a promotion has a set');
    if (!this.#reaches(server) || processOf(server.id, server.life) !== phase.incarnation) return;
    if (server.role === 'master' || offsetOf(server) < phase.cut) return;
    if (this.#proven) this.#checkNothingLost(server);
    server.second = { lineage: server.lineage, offset: offsetOf(server) };
    server.lineage = this.#freshLineage();
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
    const server = this.#of(id);
    if (phase.kind !== 'promoting' || member?.incarnation !== processOf(id, server.life)) return;
    if (this.#reaches(server)) server.follows = phase.candidate;
  }

  activate(): void {
    const { phase } = this.group;
    if (phase.kind !== 'promoting') return;
    const server = this.#of(phase.candidate);
    if (server.role !== 'master' || !this.#reaches(server)) return;
    this.#end(phase, 'completed');
    this.group = {
      ...this.group,
      epoch: phase.epoch,
      master: phase.candidate,
      phase: { kind: 'active' },
      reigns: [
        ...this.group.reigns,
        {
          epoch: phase.epoch,
          master: phase.candidate,
          incarnation: phase.incarnation,
          lineage: server.lineage,
          cut: phase.cut,
        },
      ],
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
    const reports = [...this.servers.values()].filter((server) => this.#reaches(server));
    const held = acknowledgedOffset(
      this.group,
      new Map(reports.map((server) => [server.id, this.#report(server)])),
    );
    if (held !== null && held > this.group.floor) this.group = { ...this.group, floor: held };
  }

  #grant(server: Server, inbound: readonly ReplicaId[], set: SyncSet | null): void {
    server.inbound = new Set(inbound);
    if (set === null) return;
    server.waitCount = set.rule.kind === 'anyOf' ? set.rule.k : set.members.length;
    this.#granted = {
      version: set.version,
      inbound,
      offset: offsetOf(server),
      connectedSlaves: this.#attachedTo(server).length,
    };
  }

  /** One step of the running group's maintenance. `patient`: nobody is away for long enough yet. */
  maintain(patient: boolean): void {
    if (this.group.phase.kind !== 'active') return;
    const replicas = new Map<ReplicaId, ReplicaState>();
    for (const server of this.servers.values()) {
      const report = this.#report(server);
      const linked = report.follows?.linkUp === true && server.follows === this.group.master;
      replicas.set(server.id, {
        report,
        reachable: this.#reaches(server),
        awayForMs: linked && server.up ? 0 : 9_000,
      });
    }
    const granted = this.#granted === null ? null : { ...this.#granted, versionSinceMs: patient ? 9_000 : 0 };
    this.#perform(
      planChange({
        group: this.group,
        replicas,
        progress: { granted, fenced: this.#fenced, notNow: new Set() },
        nowMs: 9_000,
        removeAfterMs: 2_000,
      }),
    );
  }

  #perform(step: ChangeStep): void {
    const master = this.#of(must(this.group.master, 'an active group has a master'));
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
        this.#of(step.replica).follows = master.id;
        return;
      case 'fence':
        this.#revoke(this.#of(step.replica));
        this.#fenced.set(step.replica, processOf(step.replica, this.#of(step.replica).life));
        return;
      case 'chain':
        this.#grant(this.#of(step.below), step.inbound, null);
        this.#of(step.replica).follows = step.below;
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
