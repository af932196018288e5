/**
 * Redis Sentinel as a careful operator sets it up: three Sentinels in three places, a quorum of two, suspicion after a
 * second (the lowest that is advised), one slave at a time in a resync, slaves that sync without waiting for company and
 * masters that ping them every second, as under pollux.
 */
import { eventually } from '../../support/eventually.ts';
import { LOOPBACK, type Machine } from '../../support/machine.ts';
import { type RedisServer, startRedis } from '../../support/redis-server.ts';
import { inBatches } from './batches.ts';
import { type GroupLayout, nearestFirst, type PlacedServer, type System } from './system.ts';

export const DOWN_AFTER_MS = 1_000;
const QUORUM = 2;
/** Long enough for any failover here, short enough that one which fails is tried again within the measurement. */
const FAILOVER_TIMEOUT_MS = 10_000;
const PLACES = ['idc-a', 'idc-b', 'witness'] as const;
/** Longer than the failover timeout of the Sentinels. */
const ORDER_AGAIN_MS = 15_000;
const WHOLE_TIMEOUT_MS = 120_000;

export type SentinelOptions = {
  readonly groups: readonly GroupLayout[];
  readonly redisConfig: readonly string[];
  /** Acknowledgements that the writer waits for; none without WAIT. */
  readonly waitCount: number;
  /** Where each Sentinel and server runs, by its site and name; loopback without it. */
  readonly machineFor?: (site: string, name: string) => Promise<Machine>;
};

type Group = { readonly name: string; readonly servers: readonly PlacedServer[] };

async function startGroup(
  { name, sites }: GroupLayout,
  { redisConfig, machineFor }: SentinelOptions,
  started: RedisServer[],
): Promise<Group> {
  const servers: PlacedServer[] = [];
  for (const [position, site] of sites.entries()) {
    const id = `${name}-${position + 1}`;
    const machine = (await machineFor?.(site, id)) ?? LOOPBACK;
    const follows = servers[0]?.redis.address.replace(':', ' ');
    const replication = follows === undefined ? [] : [`replicaof ${follows}`];
    const redis = await startRedis({ config: [...redisConfig, ...replication], machine });
    started.push(redis);
    servers.push({ id, site, redis });
  }
  return { name, servers };
}

const sentinelConfig = (groups: readonly Group[]): string[] =>
  groups.flatMap(({ name, servers }) => [
    `sentinel monitor ${name} ${servers[0]?.redis.address.replace(':', ' ')} ${QUORUM}`,
    `sentinel down-after-milliseconds ${name} ${DOWN_AFTER_MS}`,
    `sentinel failover-timeout ${name} ${FAILOVER_TIMEOUT_MS}`,
    `sentinel parallel-syncs ${name} 1`,
  ]);

const addressOf = ({ address, port }: RedisServer): { readonly host: string; readonly port: number } => ({
  host: address.slice(0, address.lastIndexOf(':')),
  port,
});

const wordsOf = (answer: unknown): readonly string[] => (Array.isArray(answer) ? answer.map(String) : []);

const pairs = (answer: unknown): ReadonlyMap<string, string> => {
  const words = wordsOf(answer);
  return new Map(words.flatMap((word, at) => (at % 2 === 0 ? [[word, words[at + 1] ?? '']] : [])));
};

/** Every Sentinel sees the same master with nothing the matter, and that master has all its slaves in sync. */
async function isWhole(group: Group, sentinels: readonly PlacedServer[]): Promise<boolean> {
  const addresses = new Set<string>();
  for (const sentinel of sentinels) {
    const client = sentinel.redis.client();
    const master = pairs(await client.call('SENTINEL', 'MASTER', group.name));
    client.disconnect();
    if (master.get('flags') !== 'master' || master.get('num-other-sentinels') !== String(PLACES.length - 1))
      return false;
    if (Number(master.get('num-slaves')) !== group.servers.length - 1) return false;
    addresses.add(`${master.get('ip')}:${master.get('port')}`);
  }
  const master = group.servers.find(({ redis }) => addresses.has(redis.address));
  if (addresses.size !== 1 || master === undefined) return false;
  const client = master.redis.client();
  const info = await client.info('replication');
  client.disconnect();
  return (info.match(/state=online/g) ?? []).length === group.servers.length - 1;
}

export async function startSentinelSystem(options: SentinelOptions): Promise<System> {
  const started: RedisServer[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(started.map((server) => server.stop()));
  };
  try {
    const groups = await inBatches(options.groups, (layout) => startGroup(layout, options, started));
    const sentinels: PlacedServer[] = [];
    for (const site of PLACES) {
      const id = `sentinel-${site}`;
      const machine = (await options.machineFor?.(site, id)) ?? LOOPBACK;
      const redis = await startRedis({ sentinel: true, config: sentinelConfig(groups), machine });
      sentinels.push({ id, site, redis });
      started.push(redis);
    }
    const groupOf = (target: string): Group => {
      const found = groups.find(({ name }) => name === target);
      if (found === undefined) throw new Error(`no Sentinel watches ${target}`);
      return found;
    };
    const [first] = sentinels;
    if (first === undefined) throw new Error('there is at least one Sentinel');
    const asking = first.redis.client();
    const system: System = {
      targets: groups.map(({ name }) => name),
      servers: groups.flatMap(({ servers }) => servers),
      through: (idc) => ({
        kind: 'sentinel',
        sentinels: nearestFirst(sentinels, idc).map(({ redis }) => addressOf(redis)),
        waitCount: options.waitCount,
      }),
      masterOf: async (target) => {
        const address = wordsOf(await asking.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', target)).join(':');
        const found = groupOf(target).servers.find(({ redis }) => redis.address === address);
        if (found === undefined)
          throw new Error(`${target} has the master ${address}, which is none of its servers`);
        return found;
      },
      whole: async () => {
        for (const group of groups)
          await eventually(`${group.name} is whole`, () => isWhole(group, sentinels), WHOLE_TIMEOUT_MS);
      },
      move: async (target) => {
        const before = await system.masterOf(target);
        let orderedMs = Number.NEGATIVE_INFINITY;
        // A failover that the Sentinels gave up, or had no time for, is asked for again.
        const order = async (): Promise<void> => {
          if (performance.now() - orderedMs < ORDER_AGAIN_MS) return;
          orderedMs = performance.now();
          await asking.call('SENTINEL', 'FAILOVER', target).catch(() => undefined);
        };
        await eventually(
          `${target} has moved`,
          async () => {
            await order();
            return (await system.masterOf(target)).id !== before.id;
          },
          WHOLE_TIMEOUT_MS,
        );
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
