/** Clients at real Sentinels, one at each site, for what is beside our own nodes. */
import { eventually } from '../../support/eventually.ts';
import { type RedisServer, startRedis } from '../../support/redis-server.ts';
import { createSites, type Sites } from '../../support/sites.ts';
import {
  CLIENT_IDC,
  DETECTION_MS,
  type Door,
  type InteropGround,
  MASTER,
  MASTER_IDC,
  mendAll,
  SERVER_SITES,
  serverName,
} from './ground.ts';
import { askSentinel, recordsOf } from './sentinel-question.ts';

const SENTINEL_SITES = [MASTER_IDC, CLIENT_IDC, 'witness'] as const;
const QUORUM = 2;
/** A Sentinel takes ten seconds to make a slave of a master that came back, and looks at slaves every ten. */
const WHOLE_TIMEOUT_MS = 60_000;
/** Lower is chosen first: masters stand in their own IDC where they can. */
const PRIORITY = { [MASTER_IDC]: 10, [CLIENT_IDC]: 100 } as const;

type Record = ReadonlyMap<string, string>;
type Server = { readonly site: string; readonly redis: RedisServer };

const addressIn = (record: Record): string => `${record.get('ip')}:${record.get('port')}`;

async function startServers(sites: Sites, servers: Server[]): Promise<void> {
  for (const [position, site] of SERVER_SITES.entries()) {
    const machine = await sites.host(site, serverName(position));
    const master = servers[0]?.redis.address.replace(':', ' ');
    const config = [
      'repl-diskless-sync-delay 0',
      `replica-priority ${PRIORITY[site]}`,
      ...(master === undefined ? [] : [`replicaof ${master}`]),
    ];
    servers.push({ site, redis: await startRedis({ config, machine }) });
  }
}

async function startSentinels(sites: Sites, master: string, sentinels: RedisServer[]): Promise<Door[]> {
  const doors: Door[] = [];
  for (const site of SENTINEL_SITES) {
    const machine = await sites.host(site, `sentinel-${site}`);
    const config = [
      `sentinel monitor ${MASTER} ${master.replace(':', ' ')} ${QUORUM}`,
      `sentinel down-after-milliseconds ${MASTER} ${DETECTION_MS}`,
    ];
    const sentinel = await startRedis({ sentinel: true, config, machine });
    sentinels.push(sentinel);
    const address = { host: machine.address, port: sentinel.port };
    doors.push({ name: machine.name, site, address });
  }
  return doors;
}

export async function prepareSentinelGround(progress: (line: string) => void): Promise<InteropGround> {
  const sites = await createSites();
  const [servers, sentinels]: [Server[], RedisServer[]] = [[], []];
  const close = async (): Promise<void> => {
    await Promise.all([...sentinels, ...servers.map(({ redis }) => redis)].map((one) => one.stop()));
    await sites.close();
  };
  try {
    await startServers(sites, servers);
    const doors = await startSentinels(sites, servers[0]?.redis.address ?? '', sentinels);
    progress(`${sentinels.length} real Sentinels, ${servers.length} Redis servers`);
    const clientHost = await sites.host(CLIENT_IDC, 'clients');
    return { sites, clientHost, doors, ...conductOf(sites, doors, servers), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function conductOf(
  sites: Sites,
  doors: readonly Door[],
  servers: readonly Server[],
): Omit<InteropGround, 'sites' | 'clientHost' | 'doors' | 'close'> {
  const pictures = (): Promise<readonly (Record | null)[]> =>
    Promise.all(
      doors.map(async ({ address }) => {
        const answer = await askSentinel(address, 'SENTINEL', 'MASTER', MASTER).catch(() => null);
        return recordsOf([answer])[0] ?? null;
      }),
    );
  /** As the Sentinel shows it that knows of the newest reign. */
  const newest = async (): Promise<Record> => {
    const known = (await pictures()).flatMap((record) => (record === null ? [] : [record]));
    const best = known.sort((one, other) => epochIn(other) - epochIn(one)).at(0);
    if (best === undefined) throw new Error('no Sentinel answers');
    return best;
  };
  const epochIn = (record: Record): number => Number(record.get('config-epoch'));
  const epoch = async (): Promise<number> => epochIn(await newest());
  const server = async (): Promise<Server> => {
    const address = addressIn(await newest());
    const found = servers.find(({ redis }) => redis.address === address);
    if (found === undefined) throw new Error(`${address} is none of the servers`);
    return found;
  };
  const failsOver = async (before: number): Promise<void> => {
    await eventually(`a reign after epoch ${before}`, async () => (await epoch()) > before);
  };
  /** Null where all Sentinels agree on a master and all slaves have a link; else what is not so. */
  const whatIsNotWhole = async (): Promise<string | null> => {
    const [first, ...others] = await pictures();
    if (first === undefined || first === null) return 'a Sentinel does not answer';
    const isSame = others.every((one) => one !== null && addressIn(one) === addressIn(first));
    if (!isSame || first.get('flags') !== 'master' || first.get('num-other-sentinels') !== '2')
      return `the Sentinels do not agree on a master that is up: ${first.get('flags')}`;
    for (const { name, address } of doors) {
      const slaves = recordsOf(await askSentinel(address, 'SENTINEL', 'REPLICAS', MASTER));
      // Who was cut off with the old master may stay its slave for three minutes more, and get everything from it.
      const pictured = slaves.map((slave) => `${slave.get('flags')} ${slave.get('master-link-status')}`);
      if (pictured.length !== servers.length - 1 || pictured.some((slave) => slave !== 'slave ok'))
        return `at ${name}: ${pictured.join('; ')}`;
    }
    return null;
  };
  const whole = async (): Promise<void> => {
    let last: string | null = null;
    const isWhole = async (): Promise<boolean> => {
      last = await whatIsNotWhole();
      return last === null;
    };
    await eventually('the group is whole', isWhole, WHOLE_TIMEOUT_MS).catch((error: unknown) => {
      throw new Error(`${String(error)}: ${last}`);
    });
  };
  const switchOver = async (): Promise<void> => {
    const before = await epoch();
    await eventually('a failover begins', async () => {
      const door = doors.find(({ site }) => site === 'witness');
      return door !== undefined && (await askSentinel(door.address, 'SENTINEL', 'FAILOVER', MASTER)) === 'OK';
    });
    await failsOver(before);
  };
  return {
    epoch,
    master: async () => (await server()).redis,
    failsOver,
    whole,
    mend: () =>
      mendAll(
        sites,
        servers.map(({ redis }) => redis),
      ),
    begin: async () => {
      await whole();
      if ((await server()).site === MASTER_IDC) return;
      await switchOver();
      await whole();
    },
    switchOver,
    // It goes on answering.
    refuses: () => Promise.resolve(),
  };
}
