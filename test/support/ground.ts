/**
 * A ground to try the main job on: three nodes, broker groups of real Redis servers over two IDCs, one topic. The
 * demonstration and the tests with real processes stand on the same one.
 */
import type { GroupDeclarationRequest, GroupDetail } from '../../src/contract/groups.ts';
import { type AdminAnswer, AdminClient } from '../../src/sdk/admin-client.ts';
import { eventually } from './eventually.ts';
import type { Machine } from './machine.ts';
import { type RedisServer, startRedis } from './redis-server.ts';
import { startTier, type Tier, type TierOptions } from './tier.ts';

export const TOPIC = 'orders';
export const IDCS = ['idc-a', 'idc-b'] as const;
export type Idc = (typeof IDCS)[number];

/** Sites of a group's servers, the first master's first. */
export type Layout = readonly { readonly group: string; readonly sites: readonly Idc[] }[];

const QUEUES_PER_GROUP = 4;

export type GroundGroup = { readonly name: string; readonly servers: readonly GroundServer[] };
export type GroundServer = { readonly id: string; readonly site: Idc; readonly redis: RedisServer };

export type Ground = {
  readonly tier: Tier;
  readonly admin: AdminClient;
  readonly groups: readonly GroundGroup[];
  group(name: string): Promise<GroupDetail>;
  close(): Promise<void>;
};

/** The answer, or an error with the refusal's own words. */
export function taken<Value>(answer: AdminAnswer<Value>, what: string): Value {
  if (answer.ok) return answer.value;
  throw new Error(`${what}: ${JSON.stringify(answer.failure)}`);
}

export type GroundOptions = {
  readonly layout: Layout;
  readonly policy?: GroupDeclarationRequest['policy'];
  readonly onShortage?: GroupDeclarationRequest['onShortage'];
  /** None where it is left out: what stands on a ground fails one group over again and again. */
  readonly cooldownMs?: number;
  readonly tier?: TierOptions;
  readonly redisConfig?: readonly string[];
  /** Where each server runs; loopback without it. */
  readonly machineFor?: (site: Idc, id: string) => Promise<Machine>;
  readonly progress?: (line: string) => void;
};

export async function prepareGround(options: GroundOptions): Promise<Ground> {
  const progress = options.progress ?? (() => undefined);
  progress('three nodes: pollux-a at idc-a, pollux-b at idc-b, pollux-w at the witness');
  const tier = await startTier(options.tier);
  const servers: RedisServer[] = [];
  const close = async (): Promise<void> => {
    await tier.close();
    await Promise.all(servers.map((server) => server.stop()));
  };
  try {
    const admin = new AdminClient({ nodes: tier.urls, token: tier.token, timeoutMs: 5_000 });
    const groups: GroundGroup[] = [];
    for (const { group, sites } of options.layout) {
      const members: GroundServer[] = [];
      for (const [position, site] of sites.entries()) {
        const id = `${group}-${position + 1}`;
        const machine = await options.machineFor?.(site, id);
        const redis = await startRedis({
          config: ['repl-diskless-sync-delay 0', ...(options.redisConfig ?? [])],
          ...(machine === undefined ? {} : { machine }),
        });
        servers.push(redis);
        members.push({ id, site, redis });
      }
      groups.push({ name: group, servers: members });
    }
    progress(`${servers.length} Redis servers in ${groups.length} broker groups`);
    for (const group of groups) await declareGroup(admin, group, options, progress);
    taken(
      await admin.call('topicAdd', {
        body: {
          name: TOPIC,
          queues: groups.map(({ name }) => ({
            group: name,
            readQueues: QUEUES_PER_GROUP,
            writeQueues: QUEUES_PER_GROUP,
          })),
        },
      }),
      'topic add',
    );
    progress(`topic ${TOPIC}: ${QUEUES_PER_GROUP} queues on each group`);
    const group = async (name: string): Promise<GroupDetail> =>
      taken(await admin.call('groupGet', { parameters: { group: name } }), `group ${name}`);
    return { tier, admin, groups, group, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function declareGroup(
  admin: AdminClient,
  group: GroundGroup,
  options: GroundOptions,
  progress: (line: string) => void,
): Promise<void> {
  taken(
    await admin.call('groupAdd', {
      body: {
        name: group.name,
        replicas: group.servers.map(({ id, site, redis }) => ({
          id,
          site,
          endpoints: { client: redis.address },
        })),
        preferredMaster: group.servers[0]?.id ?? null,
        policy: options.policy ?? 'cross-idc',
        onShortage: options.onShortage ?? 'degrade',
        cooldownMs: options.cooldownMs ?? 0,
      },
    }),
    `group add ${group.name}`,
  );
  await eventually(`${group.name} has its whole sync set`, async () => {
    const answer = await admin.call('groupGet', { parameters: { group: group.name } });
    return answer.ok && isWhole(answer.value);
  });
  progress(`group ${group.name} is active, all its slaves in the sync set`);
}

/** Active, and every other replica a caught-up member of the only rule in force. */
export function isWhole(group: GroupDetail): boolean {
  const last = group.syncSets.at(-1);
  return (
    group.phase.kind === 'active' &&
    group.syncSets.length === 1 &&
    last !== undefined &&
    !last.degraded &&
    last.members.length === group.replicas.length - 1
  );
}
