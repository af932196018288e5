/** Three pollux nodes over broker groups of real servers; each group carries one topic of its own name. */
import type { GroupDetail } from '../../../src/contract/groups.ts';
import { AdminClient } from '../../../src/sdk/admin-client.ts';
import { eventually } from '../../support/eventually.ts';
import { isWhole, taken } from '../../support/ground.ts';
import { LOOPBACK, type Machine } from '../../support/machine.ts';
import { type RedisServer, startRedis } from '../../support/redis-server.ts';
import { startTier, type Tier } from '../../support/tier.ts';
import { inBatches } from './batches.ts';
import { type GroupLayout, nearestFirst, type PlacedServer, type System } from './system.ts';

const QUEUES = 4;
const WHOLE_TIMEOUT_MS = 120_000;

export type PolluxOptions = {
  readonly groups: readonly GroupLayout[];
  readonly redisConfig: readonly string[];
  readonly detectionMs: number;
  readonly probeIntervalMs?: number;
  /** Where each node and server runs, by its site and name; loopback without it. */
  readonly machineFor?: (site: string, name: string) => Promise<Machine>;
};

export type PolluxSystem = System & { readonly tier: Tier; readonly admin: AdminClient };

type Group = { readonly name: string; readonly servers: readonly PlacedServer[] };

async function startServers(
  { name, sites }: GroupLayout,
  { redisConfig, machineFor }: PolluxOptions,
  started: RedisServer[],
): Promise<Group> {
  const servers: PlacedServer[] = [];
  for (const [position, site] of sites.entries()) {
    const id = `${name}-${position + 1}`;
    const machine = (await machineFor?.(site, id)) ?? LOOPBACK;
    const redis = await startRedis({ config: redisConfig, machine });
    started.push(redis);
    servers.push({ id, site, redis });
  }
  return { name, servers };
}

async function declare(admin: AdminClient, { name, servers }: Group, detectionMs: number): Promise<void> {
  taken(
    await admin.call('groupAdd', {
      body: {
        name,
        replicas: servers.map(({ id, site, redis }) => ({ id, site, endpoints: { client: redis.address } })),
        preferredMaster: servers[0]?.id ?? null,
        policy: 'cross-idc',
        onShortage: 'degrade',
        detectionMs,
        // A master is lost again within the minute for which a group is left alone after a failover.
        cooldownMs: 0,
      },
    }),
    `group add ${name}`,
  );
  taken(
    await admin.call('topicAdd', {
      body: { name, queues: [{ group: name, readQueues: QUEUES, writeQueues: QUEUES }] },
    }),
    `topic add ${name}`,
  );
}

export async function startPolluxSystem(options: PolluxOptions): Promise<PolluxSystem> {
  const started: RedisServer[] = [];
  const { probeIntervalMs, machineFor } = options;
  const tier = await startTier({
    logLevel: 'info',
    ...(machineFor === undefined ? {} : { machineFor }),
    ...(probeIntervalMs === undefined
      ? {}
      : { configuration: { redis: { steeringSecret: { file: 'steering-secret' }, probeIntervalMs } } }),
  });
  const close = async (): Promise<void> => {
    await tier.close();
    await Promise.all(started.map((server) => server.stop()));
  };
  try {
    const admin = new AdminClient({ nodes: tier.urls, token: tier.token, timeoutMs: 10_000 });
    const groups = await inBatches(options.groups, (layout) => startServers(layout, options, started));
    await inBatches(groups, (group) => declare(admin, group, options.detectionMs));
    // A node that was cut off until a moment ago still shows the reign before, and says that this may be old.
    const detailOf = (name: string): Promise<GroupDetail> =>
      eventually(`group ${name} as it is now`, async () => {
        const detail = taken(await admin.call('groupGet', { parameters: { group: name } }), `group ${name}`);
        return detail.stale ? null : detail;
      });
    const servers = groups.flatMap((group) => group.servers);
    const system: PolluxSystem = {
      tier,
      admin,
      targets: groups.map(({ name }) => name),
      servers,
      through: (idc) => ({
        kind: 'pollux',
        nodes: nearestFirst(tier.nodes, idc).map(({ httpUrl }) => httpUrl),
        idc,
      }),
      masterOf: async (target) => {
        const { master } = await detailOf(target);
        const found = servers.find(({ id }) => id === master?.replica);
        if (found === undefined) throw new Error(`${target} has no master`);
        return found;
      },
      whole: async () => {
        for (const { name } of groups)
          await eventually(`${name} is whole`, async () => isWhole(await detailOf(name)), WHOLE_TIMEOUT_MS);
      },
      move: async (target) => {
        // Between two leaders nothing can be moved, and nothing was changed.
        const move = await eventually(`${target} is told to move`, async () => {
          const answer = await admin.call('switchover', { parameters: { group: target }, body: {} });
          const isBetween =
            !answer.ok && answer.failure.kind === 'refused' && answer.failure.refusal.code === 'noLeader';
          return isBetween ? null : taken(answer, `switchover of ${target}`);
        });
        if (move.kind !== 'moveStarted') throw new Error(`${target} was only looked at`);
        await eventually(`${target} has moved`, async () => {
          const { phase, epoch } = await detailOf(target);
          return phase.kind === 'active' && epoch >= move.epoch;
        });
      },
      close,
    };
    await system.whole();
    return system;
  } catch (error) {
    await close();
    throw error;
  }
}
