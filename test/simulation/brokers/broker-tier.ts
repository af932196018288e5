/** Model servers of all groups of a life, on the world's time and on its network. */
import type { GroupDeclaration } from '../../../src/core/coordinator/requests.ts';
import { must } from '../../../src/core/primitives/assert.ts';
import {
  clusterName,
  type GroupKey,
  groupKey,
  groupName,
  replicaId,
  siteName,
} from '../../../src/core/primitives/identifiers.ts';
import { renderServerConfig } from '../../../src/drivers/redis/server-config.ts';
import type { ClientGround, Ground } from '../redis/ground.ts';
import type { Journal } from '../redis/journal.ts';
import { ModelServer } from '../redis/model-server.ts';
import { Network } from '../redis/network.ts';
import { streamsOf } from '../world/streams.ts';
import type { World } from '../world/world.ts';
import type { BrokerPlan, GroupPlan } from './broker-plan.ts';

export const STEERING_SECRET = 'the steering secret of simulated lives';
export const ADMIN = { username: 'admin', password: 'password-of-the-operator' } as const;
const FIRST_PORT = 7_101;

export type TierGroup = {
  readonly key: GroupKey;
  readonly plan: GroupPlan;
  readonly servers: readonly ModelServer[];
  /** Of each server by its replica id. */
  readonly byReplica: ReadonlyMap<string, ModelServer>;
  readonly declaration: GroupDeclaration;
};

export class BrokerTier {
  readonly plan: BrokerPlan;
  readonly servers = new Map<string, ModelServer>();
  readonly groups: readonly TierGroup[];
  readonly network: Network;
  readonly ground: Ground & ClientGround;
  readonly #journal: Journal;
  #world: World | null = null;

  constructor(seed: number, plan: BrokerPlan, journal: Journal) {
    this.plan = plan;
    this.#journal = journal;
    this.ground = {
      random: streamsOf(seed)('brokers'),
      nowMs: () => this.world.nowMs,
      after: (delayMs, action) => {
        let wanted = true;
        this.world.at(Math.max(0, delayMs), () => {
          if (wanted) action();
        });
        return () => {
          wanted = false;
        };
      },
      arrive: (action) => action(),
    };
    this.network = new Network(this.ground, {
      withinMs: [0.05, 0.6],
      betweenMs: [0.3, 3],
      lateShare: plan.lateShare,
      lateMs: plan.lateMs,
      carries: (from, to) => this.world.network.carries(siteName(from), siteName(to)),
      areNear: (one, other) => this.#siteOf(one) === this.#siteOf(other),
    });
    let port = FIRST_PORT;
    this.groups = plan.groups.map((group) => {
      const first = port;
      port += group.servers.length;
      return this.#group(group, first);
    });
  }

  get world(): World {
    return must(this.#world, 'the brokers stand in a world');
  }

  /** Once there is time, the servers start. */
  standIn(world: World): void {
    this.#world = world;
    for (const server of this.servers.values()) server.start();
    for (const { plan, servers } of this.groups) if (plan.beginning === 'running') this.#attachAll(servers);
    if (!this.plan.witnessReaches) {
      const { node } = must(world.standings.at(-1), 'the witness stands last');
      for (const site of this.#sites()) this.network.cut(node, site, 'steering');
    }
  }

  group(key: GroupKey): TierGroup | null {
    return this.groups.find((group) => group.key === key) ?? null;
  }

  groupOf(server: ModelServer): TierGroup {
    return must(
      this.groups.find(({ servers }) => servers.includes(server)),
      'every server belongs to a group',
    );
  }

  /** The site that a node, or the servers of a site, stand at. */
  #siteOf(place: string): string {
    return this.world.standings.find(({ node }) => node === place)?.site ?? place;
  }

  #sites(): readonly string[] {
    return [...new Set(this.plan.groups.flatMap(({ servers }) => servers.map(({ site }) => site)))];
  }

  #group(plan: GroupPlan, firstPort: number): TierGroup {
    const byReplica = new Map<string, ModelServer>();
    const pace = {
      transferMs: () => 1 + this.ground.random.next() * this.plan.transferMs,
      loadMs: () => 1 + this.ground.random.next() * this.plan.loadMs,
    };
    plan.servers.forEach(({ id, site }, index) => {
      const port = firstPort + index;
      const server = new ModelServer(
        { port, place: site, pace, fileText: this.#fileText(plan, port) },
        { ground: this.ground, network: this.network, journal: this.#journal, servers: this.servers },
      );
      byReplica.set(id, server);
      this.servers.set(server.address, server);
    });
    const cluster = clusterName('main');
    const name = groupName(plan.name);
    const declaration: GroupDeclaration = {
      cluster,
      name,
      kind: 'redis',
      watchOnly: false,
      replicas: plan.servers.map(({ id, site }, index) => {
        const address = `127.0.0.1:${firstPort + index}`;
        const endpoints = { client: address, replication: address, announced: null };
        return { id: replicaId(id), site: siteName(site), endpoints, priority: index + 1 };
      }),
      preferredMaster: null,
      policy: plan.policy,
      onShortage: plan.onShortage,
      timeFenceSeconds: plan.timeFenceSeconds,
      detectionMs: plan.detectionMs,
      cooldownMs: plan.cooldownMs,
      owner: 'simulation',
      labels: {},
    };
    return { key: groupKey(cluster, name), plan, servers: [...byReplica.values()], byReplica, declaration };
  }

  #fileText(plan: GroupPlan, port: number): string {
    const extraLines = [
      'repl-diskless-sync-delay 0',
      `repl-backlog-size ${this.plan.backlogBytes}`,
      ...(plan.persistence === 'aof' ? ['appendonly yes'] : []),
      ...(plan.persistence === 'rdb' ? ['save 60 1'] : []),
    ];
    const admin = `user ${ADMIN.username} on >${ADMIN.password} ~* &* +@all`;
    if (plan.beginning === 'running') return [admin, ...extraLines].join('\n');
    return renderServerConfig({
      port,
      bind: '127.0.0.1',
      directory: '.',
      steeringSecret: STEERING_SECRET,
      applicationPassword: null,
      extraLines: [`${admin} -psync -sync -replconf`, ...extraLines],
    });
  }

  /** As an operator without pollux would have done it. */
  #attachAll([master, ...replicas]: readonly ModelServer[]): void {
    for (const replica of replicas)
      replica.process?.link.follow({ host: '127.0.0.1', port: master?.port ?? 0 });
  }
}
