/**
 * Sites as real networks. Every host is a network namespace with one address, all of them hang off a router namespace,
 * and what goes from one host to another can be cut, thinned out or narrowed there; a site is the list of its hosts.
 *
 *     const why = await whyNoSites();                     // null where this machine allows it (root, ip, nft, tc)
 *     const sites = await createSites();
 *     const node = await sites.host('idc-a', 'node-a');   // a `Machine`: `address`, `command(line)`
 *     const child = node.spawn(['redis-server', ...]);    // or: spawn(...node.command([...])) by whoever likes
 *     const cut = await sites.cut('idc-a', 'idc-b');      // both ways; ends are sites or hosts, or lists of them
 *     await sites.cut('idc-a', ['node-b', 'node-w'], { oneWay: true, port: 7401, lossPercent: 50 });
 *     await cut.heal();
 *     const narrow = await sites.narrow('node-a', 2_000); // kilobits a second that reach this host
 *     await sites.moveTo('node-a', sites.freeAddress());  // it keeps running, its former address is gone
 *     await sites.close();                                // at the latest when this process ends
 *
 * The calling process reaches every host at its address, and no cut ever touches that way: what a test looks at, it
 * sees. Addresses are of 198.18.0.0/15, which is set aside for benchmarks; each run takes a /24 that no other run has.
 * Processes that were started here die with this process, however it ends. Hosts have no name service and no way out.
 */
import { type ChildProcess, execFile, execFileSync, type SpawnOptions, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import type { Machine } from './machine.ts';

const run = promisify(execFile);

export type End = string | readonly string[];

export type CutOptions = {
  /** Only what goes from the first end to the second; both ways without it. */
  readonly oneWay?: boolean;
  /** Only connections to these ports, in either direction of the packets. */
  readonly port?: number | readonly number[];
  /** This share of the packets, by chance, instead of all. */
  readonly lossPercent?: number;
};

export type Cut = { heal(): Promise<void> };

export type Host = Machine & {
  readonly site: string;
  readonly name: string;
  spawn(line: readonly string[], options?: SpawnOptions): ChildProcess;
};

export type Sites = {
  /** A new host; the name is unique over all sites. */
  host(site: string, name: string): Promise<Host>;
  /** One that was made before. */
  known(name: string): Host;
  addressesAt(site: string): readonly string[];
  /** Of every host that is at another site. */
  addressesOutside(site: string): readonly string[];
  cut(from: End, to: End, options?: CutOptions): Promise<Cut>;
  narrow(host: string, kilobits: number): Promise<Cut>;
  freeAddress(): string;
  moveTo(host: string, address: string): Promise<void>;
  /** Everything that is cut or narrowed. */
  heal(): Promise<void>;
  /** A command line that runs in the router, where all traffic between hosts passes. */
  inRouter(line: readonly string[]): readonly string[];
  close(): Promise<void>;
};

const MOST_RUNS = 250;
/** 1 is the caller, 2 the router, the hosts follow. */
const FIRST_HOST = 10;
const MOST_HOSTS = 240;

type Opened = {
  readonly children: Set<ChildProcess>;
  /** The interface of this machine; the system takes its time to remove it with the namespace of its other end. */
  readonly outside: string;
  readonly namespaces: string[];
};

const open = new Set<Opened>();

const removalOf = ({ outside, namespaces }: Opened): (readonly string[])[] => [
  ['link', 'delete', outside],
  ...namespaces.map((namespace) => ['netns', 'delete', namespace]),
];

process.once('exit', () => {
  for (const opened of open) {
    for (const child of opened.children) child.kill('SIGKILL');
    for (const line of removalOf(opened)) {
      try {
        execFileSync('ip', line, { stdio: 'ignore' });
      } catch {
        // It is gone already, or the next one may still go.
      }
    }
  }
});

// A runner that gives up ends its test processes by signal, which alone would skip what is done on exit.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

/** Null where sites can be made; else what is missing. */
export async function whyNoSites(): Promise<string | null> {
  try {
    const sites = await createSites();
    try {
      await sites.host('idc-a', 'a');
      await sites.host('idc-b', 'b');
      await (await sites.cut('a', 'b', { lossPercent: 50 })).heal();
      await (await sites.narrow('a', 1_000)).heal();
    } finally {
      await sites.close();
    }
    return null;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return (
      `network namespaces cannot be made here (they need root, and Debian's iproute2 and nftables): ` +
      why.trim().split('\n').slice(-3).join(' ')
    );
  }
}

const within = (namespace: string, line: readonly string[]): readonly string[] => [
  ...['nsenter', `--net=/run/netns/${namespace}`, 'setpriv', '--pdeathsig', 'KILL'],
  ...line,
];

async function script(lines: readonly string[]): Promise<void> {
  await run('sh', ['-ec', lines.join('\n')]);
}

/** The first number whose router nobody has: making a namespace either succeeds for one run, or fails. */
async function claimNetwork(): Promise<number> {
  let lastError: unknown = null;
  for (let turn = 0; turn < MOST_RUNS; turn += 1) {
    const network = 1 + ((process.pid + turn) % MOST_RUNS);
    try {
      await run('ip', ['netns', 'add', `pollux${network}-router`]);
      return network;
    } catch (error) {
      if (!String(error).includes('File exists')) throw error;
      lastError = error;
    }
  }
  throw lastError;
}

type Plugged = { host: Host; address: string; readonly port: string; readonly namespace: string };

export async function createSites(): Promise<Sites> {
  const network = await claimNetwork();
  const router = `pollux${network}-router`;
  const outside = `pollux${network}`;
  const children = new Set<ChildProcess>();
  const mine: Opened = { children, outside, namespaces: [router] };
  open.add(mine);
  const addressOf = (last: number): string => `198.18.${network}.${last}`;
  const gateway = addressOf(2);
  await script([
    `ip link add ${outside} type veth peer name outside netns ${router}`,
    `ip addr add ${addressOf(1)} peer ${gateway} dev ${outside}`,
    `ip link set ${outside} up`,
    `ip route add ${addressOf(0)}/24 via ${gateway}`,
    `ip -n ${router} link set lo up`,
    `ip -n ${router} addr add ${gateway} peer ${addressOf(1)} dev outside`,
    `ip -n ${router} link set outside up`,
    `nsenter --net=/run/netns/${router} sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'`,
  ]);

  const hosts = new Map<string, Plugged>();
  const cuts = new Set<Cut>();
  let lastAddress = FIRST_HOST - 1;
  let lastCut = 0;

  const takeAddress = (): string => {
    lastAddress += 1;
    if (lastAddress > MOST_HOSTS) throw new Error(`a network has at most ${MOST_HOSTS - FIRST_HOST} hosts`);
    return addressOf(lastAddress);
  };
  const plugged = (name: string): Plugged => {
    const found = hosts.get(name);
    if (found === undefined) throw new Error(`${name} is none of the hosts ${[...hosts.keys()].join(', ')}`);
    return found;
  };
  const addressesOf = (end: End): string => {
    const names = typeof end === 'string' ? [end] : end;
    const found = names.flatMap((name) => {
      const ofSite = [...hosts.values()].filter(({ host }) => host.site === name);
      return (ofSite.length > 0 ? ofSite : [plugged(name)]).map(({ address }) => address);
    });
    return `{ ${[...new Set(found)].join(', ')} }`;
  };
  const inTime = (undo: () => Promise<void>): Cut => {
    const cut: Cut = {
      heal: async () => {
        if (!cuts.delete(cut)) return;
        await undo();
      },
    };
    cuts.add(cut);
    return cut;
  };
  /** Each cut is a table of its own, so that it comes and goes as a whole. */
  const nft = async (text: string): Promise<void> => {
    const [command = '', ...parameters] = within(router, ['nft', text]);
    await run(command, parameters);
  };

  return {
    host: async (site, name) => {
      if (hosts.has(name)) throw new Error(`${name} is a host already`);
      const address = takeAddress();
      const namespace = `pollux${network}-${name}`;
      const port = `to${lastAddress}`;
      await run('ip', ['netns', 'add', namespace]);
      mine.namespaces.push(namespace);
      await script([
        `ip -n ${router} link add ${port} type veth peer name eth0 netns ${namespace}`,
        `ip -n ${router} addr add ${gateway}/32 dev ${port}`,
        `ip -n ${router} link set ${port} up`,
        `ip -n ${router} route add ${address} dev ${port}`,
        `ip -n ${namespace} link set lo up`,
        `ip -n ${namespace} addr add ${address}/32 dev eth0`,
        `ip -n ${namespace} link set eth0 up`,
        `ip -n ${namespace} route add ${gateway} dev eth0`,
        `ip -n ${namespace} route add default via ${gateway}`,
      ]);
      const command = (line: readonly string[]): readonly string[] => within(namespace, line);
      const host: Host = {
        site,
        name,
        get address() {
          return plugged(name).address;
        },
        command,
        spawn: (line, options = {}) => {
          const [program = '', ...parameters] = command(line);
          const child = spawn(program, parameters, options);
          children.add(child);
          child.once('exit', () => children.delete(child));
          return child;
        },
      };
      hosts.set(name, { host, address, port, namespace });
      return host;
    },
    known: (name) => plugged(name).host,
    addressesAt: (site) =>
      [...hosts.values()].filter(({ host }) => host.site === site).map(({ address }) => address),
    addressesOutside: (site) =>
      [...hosts.values()].filter(({ host }) => host.site !== site).map(({ address }) => address),
    cut: async (from, to, { oneWay = false, port, lossPercent } = {}) => {
      lastCut += 1;
      const table = `inet cut${lastCut}`;
      const ports = port === undefined ? null : `{ ${[port].flat().join(', ')} }`;
      const chance = lossPercent === undefined ? '' : `numgen random mod 100 < ${lossPercent} `;
      const rules = (one: End, other: End): string[] => {
        const way = `ip saddr ${addressesOf(one)} ip daddr ${addressesOf(other)}`;
        if (ports === null) return [`${way} ${chance}drop`];
        return [`${way} tcp dport ${ports} ${chance}drop`, `${way} tcp sport ${ports} ${chance}drop`];
      };
      const all = [...rules(from, to), ...(oneWay ? [] : rules(to, from))];
      await nft(
        `table ${table} { chain cut { type filter hook forward priority 0; policy accept;\n${all.join('\n')}\n}\n}`,
      );
      return inTime(() => nft(`delete table ${table}`));
    },
    narrow: async (name, kilobits) => {
      const { port } = plugged(name);
      const shape = ['root', 'tbf', 'rate', `${kilobits}kbit`, 'burst', '16kb', 'latency', '400ms'];
      await run('tc', ['-n', router, 'qdisc', 'replace', 'dev', port, ...shape]);
      return inTime(async () => {
        await run('tc', ['-n', router, 'qdisc', 'delete', 'dev', port, 'root']);
      });
    },
    freeAddress: takeAddress,
    moveTo: async (name, address) => {
      const host = plugged(name);
      await script([
        `ip -n ${host.namespace} addr add ${address}/32 dev eth0`,
        `ip -n ${host.namespace} addr del ${host.address}/32 dev eth0`,
        `ip -n ${host.namespace} route replace ${gateway} dev eth0`,
        `ip -n ${host.namespace} route replace default via ${gateway}`,
        `ip -n ${router} route del ${host.address} dev ${host.port}`,
        `ip -n ${router} route add ${address} dev ${host.port}`,
      ]);
      host.address = address;
    },
    heal: async () => {
      for (const cut of [...cuts]) await cut.heal();
    },
    inRouter: (line) => within(router, line),
    close: async () => {
      const gone = [...children].map(
        (child) =>
          new Promise<void>((done) => {
            child.once('exit', () => done());
            child.kill('SIGKILL');
          }),
      );
      await Promise.all(gone);
      for (const line of removalOf(mine)) await run('ip', line);
      open.delete(mine);
    },
  };
}
