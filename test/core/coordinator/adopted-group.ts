/** A founded tier of three nodes that has taken on a group of three fake servers, for the coordinator's tests. */
import assert from 'node:assert/strict';
import type { ClientReply, ClientRequest, GroupDeclaration } from '../../../src/core/coordinator/requests.ts';
import type { SteerOutcome, SteerRequest } from '../../../src/core/failover/steering.ts';
import { isNote } from '../../../src/core/metadata/history.ts';
import type { BrokerGroup, HistoryRecord } from '../../../src/core/metadata/state.ts';
import { must } from '../../../src/core/primitives/assert.ts';
import {
  clusterName,
  groupKey,
  groupName,
  type NodeName,
  type ReplicaId,
  siteName,
} from '../../../src/core/primitives/identifiers.ts';
import { foundedTier, type LoopHarness } from '../node/loop-harness.ts';
import { A2, addressOf, B1, FakeServers, M } from './fake-servers.ts';

export const KEY = groupKey(clusterName('main'), groupName('orders'));
export const NODES = ['pollux-a', 'pollux-b', 'pollux-w'] as NodeName[];

const endpointsOf = (id: ReplicaId) => ({
  client: addressOf(id),
  replication: addressOf(id),
  announced: null,
});

/** m and a2 stand in idc-a, b1 in idc-b. */
export const declaration = (change: Partial<GroupDeclaration> = {}): GroupDeclaration => ({
  cluster: clusterName('main'),
  name: groupName('orders'),
  kind: 'redis',
  watchOnly: false,
  replicas: [M, A2, B1].map((id) => ({
    id,
    site: siteName(id === B1 ? 'idc-b' : 'idc-a'),
    endpoints: endpointsOf(id),
    priority: 100,
  })),
  preferredMaster: null,
  policy: 'any-one',
  onShortage: 'degrade',
  timeFenceSeconds: 3,
  detectionMs: 1_000,
  cooldownMs: 0,
  owner: 'tests',
  labels: {},
  ...change,
});

export const addRequest = (change: Partial<GroupDeclaration> = {}, planOnly = false): ClientRequest => ({
  type: 'addGroup',
  declaration: declaration(change),
  planOnly,
  by: 'tests',
});

export class GroupTier {
  readonly servers: FakeServers;
  readonly tier: LoopHarness;

  /** What becomes of steering; the servers carry it out unless a test comes between. */
  steer: (request: SteerRequest, node: NodeName) => SteerOutcome;

  constructor(servers = new FakeServers(), seed = 1) {
    this.servers = servers;
    this.steer = servers.steer;
    const steer = (request: SteerRequest, node: NodeName): SteerOutcome => this.steer(request, node);
    this.tier = foundedTier({ seed, probe: servers.probe, steer }).tier;
    servers.nowMs = () => this.tier.now.monotonicMs;
  }

  get leader(): NodeName {
    return must(this.tier.leader(), 'a node leads');
  }

  get others(): NodeName[] {
    return NODES.filter((node) => node !== this.leader);
  }

  /** As the leader holds it; of any node while none leads. */
  get group(): BrokerGroup {
    return must(this.state.groups.get(KEY), 'the group is declared');
  }

  get history(): readonly HistoryRecord[] {
    return this.state.history;
  }

  /** Of the newest move. */
  get lastRecord(): HistoryRecord {
    const move = this.history.findLast((record) => !isNote(record));
    return must(move, 'something has happened');
  }

  /** Of suspicions that moved nothing. */
  get notes(): HistoryRecord[] {
    return this.history.filter(isNote);
  }

  get state() {
    return this.tier.loop(this.tier.leader() ?? this.tier.follower()).state();
  }

  /** Codes of the alerts that are up at the leader. */
  get alerts(): string[] {
    return this.tier
      .loop(this.leader)
      .alerts()
      .map(({ code }) => code)
      .sort();
  }

  alert(code: string): string {
    const found = this.tier
      .loop(this.leader)
      .alerts()
      .find((alert) => alert.code === code);
    return must(found, `alert ${code} is up`).message;
  }

  get members(): ReplicaId[] {
    return (this.group.syncSets.at(-1)?.members ?? []).map(({ replica }) => replica).sort();
  }

  ask(request: ClientRequest): ClientReply {
    return this.tier.ask(this.leader, request);
  }

  until(condition: () => boolean, what: string, limitMs = 20_000): void {
    assert.ok(this.tier.runUntil(condition, limitMs), `${what}: not within ${limitMs} ms`);
  }

  /** The group is active in this epoch, with nothing left to do. */
  isSettled(epoch: number, members: readonly ReplicaId[]): boolean {
    const { phase, syncSets } = this.group;
    const follow = (id: ReplicaId): boolean => this.servers.of(id).follows === this.masterAddress;
    return (
      phase.kind === 'active' &&
      this.group.epoch === epoch &&
      this.members.join() === [...members].sort().join() &&
      syncSets.length === 1 &&
      members.every(follow) &&
      this.servers.of(must(this.group.master, 'it reigns')).producer === syncSets.at(-1)?.version
    );
  }

  get masterAddress(): string {
    return this.group.master === null ? '' : addressOf(this.group.master);
  }

  settled(epoch: number, members: readonly ReplicaId[]): void {
    this.until(() => this.tier.leader() !== null && this.isSettled(epoch, members), `settled in ${epoch}`);
  }

  phase(): string {
    const { phase, epoch } = this.group;
    return phase.kind === 'active' ? `active ${epoch}` : `${phase.kind} ${phase.epoch}`;
  }

  /** Cuts a node's lines to all others, both ways. */
  isolate(node: NodeName): void {
    for (const other of NODES) {
      this.tier.cut.add(`${node}>${other}`);
      this.tier.cut.add(`${other}>${node}`);
    }
  }
}

/** The group is active in epoch 1 under master m, and every node has watched it for a while. */
export function adoptedGroup(
  change: Partial<GroupDeclaration> = {},
  seed = 1,
  prepare: (servers: FakeServers) => void = () => undefined,
): GroupTier {
  const servers = new FakeServers();
  prepare(servers);
  const tier = new GroupTier(servers, seed);
  const reply = tier.ask(addRequest(change));
  assert.equal(reply.ok, true, JSON.stringify(reply));
  tier.settled(1, [A2, B1]);
  tier.tier.run(3_000);
  return tier;
}
