/**
 * A real tier: three node processes on loopback, or each on a machine of its own, from the built `dist`, with their own directory for configuration,
 * data and logs. Every process is started, stopped and killed by its own process id, and nothing outlives the test.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import { eventually } from './eventually.ts';
import { LOOPBACK, type Machine } from './machine.ts';
import { freePort } from './ports.ts';

export type TierOptions = {
  /** Merged over each node's configuration. */
  readonly configuration?: Readonly<Record<string, unknown>>;
  /** Added to that of the test, for every node. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly logLevel?: 'debug' | 'info' | 'warn' | 'error';
  /** Where each node runs; loopback without it. */
  readonly machineFor?: (site: string, name: string) => Promise<Machine>;
  /** Further options of the process that runs a node, such as a module to import first. */
  readonly processOptions?: (name: string) => readonly string[];
};

export type TierNode = {
  readonly name: string;
  readonly site: string;
  readonly httpUrl: string;
  readonly peerPort: number;
  /** Of its Sentinel door. */
  readonly sentinelPort: number;
  /** Of its RocketMQ door. */
  readonly rocketmqPort: number;
  readonly configFile: string;
  readonly dataDirectory: string;
  readonly logFile: string;
  pid(): number;
  isRunning(): boolean;
  /** With further parameters of `serve` where they are given. */
  start(parameters?: readonly string[]): Promise<void>;
  /** SIGTERM: leadership is handed over, everything is closed. */
  stop(): Promise<number | null>;
  /** SIGKILL. */
  kill(): Promise<void>;
  signal(name: 'SIGSTOP' | 'SIGCONT'): void;
};

export type Tier = {
  readonly directory: string;
  readonly nodes: readonly [TierNode, TierNode, TierNode];
  readonly token: string;
  readonly urls: readonly string[];
  leader(): Promise<TierNode>;
  /** One HTTP call to a node; the first that runs, unless another is named. */
  call(
    method: string,
    path: string,
    body?: unknown,
    node?: TierNode,
    timeoutMs?: number,
  ): Promise<{ readonly status: number; readonly body: unknown }>;
  close(): Promise<void>;
};

const PLACES = [
  { name: 'pollux-a', site: 'idc-a' },
  { name: 'pollux-b', site: 'idc-b' },
  { name: 'pollux-w', site: 'witness' },
] as const;

const entry = resolve(
  import.meta.dirname,
  import.meta.dirname.includes('/dist/') ? '../../src/main/pollux.js' : '../../dist/src/main/pollux.js',
);
const running = new Set<ChildProcess>();
const directories = new Set<string>();

process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

export const TEST_TOKEN = 'an-operator-token-for-tests-only';

export async function startTier(options: TierOptions = {}): Promise<Tier> {
  const directory = mkdtempSync(join(tmpdir(), 'pollux-tier-'));
  directories.add(directory);
  const members = [];
  for (const place of PLACES) {
    const machine = (await options.machineFor?.(place.site, place.name)) ?? LOOPBACK;
    const [peer, http, sentinel] = [await freePort(), await freePort(), await freePort()];
    members.push({ ...place, machine, peer, http, sentinel, rocketmq: await freePort() });
  }
  const writeSecret = (name: string, text: string): void =>
    writeFileSync(join(directory, name), `${text}\n`, { mode: 0o600 });
  writeSecret('peer-secret', 'a-peer-secret-of-the-test-tier-0123456789');
  writeSecret('steering-secret', 'a-steering-secret-of-the-test-tier-0123456789');
  writeSecret('operator-token', TEST_TOKEN);
  const shared = {
    sites: PLACES.map(({ site }) => ({ name: site, kind: site === 'witness' ? 'witness' : 'idc' })),
    nodes: members.map(({ name, site, machine, peer, http, sentinel, rocketmq }) => ({
      name,
      site,
      peer: `${machine.address}:${peer}`,
      http: `http://${machine.address}:${http}`,
      sentinel: `${machine.address}:${sentinel}`,
      rocketmq: `${machine.address}:${rocketmq}`,
    })),
    peerSecret: { file: 'peer-secret' },
    operatorToken: { file: 'operator-token' },
    redis: { steeringSecret: { file: 'steering-secret' } },
  };
  const nodes = members.map(({ name, site, machine, peer, http, sentinel, rocketmq }) => {
    const configFile = join(directory, `${name}.yaml`);
    const logFile = join(directory, `${name}.log`);
    const configuration = {
      node: name,
      dataDirectory: name,
      listen: {
        http: `${machine.address}:${http}`,
        peer: `${machine.address}:${peer}`,
        sentinel: `${machine.address}:${sentinel}`,
        rocketmq: `${machine.address}:${rocketmq}`,
      },
      log: { level: options.logLevel ?? 'info', file: logFile },
      ...shared,
      ...options.configuration,
    };
    mkdirSync(join(directory, name), { recursive: true, mode: 0o700 });
    writeFileSync(configFile, stringify(configuration));
    const place = {
      name,
      site,
      httpUrl: `http://${machine.address}:${http}`,
      peerPort: peer,
      sentinelPort: sentinel,
      rocketmqPort: rocketmq,
      configFile,
      logFile,
      dataDirectory: join(directory, name),
    };
    return tierNode(place, machine, options.processOptions?.(name) ?? [], options.environment ?? {});
  });
  const [first, second, third] = nodes;
  if (first === undefined || second === undefined || third === undefined) throw new Error('three nodes');
  await Promise.all(nodes.map((node) => node.start()));
  const tier = tierOf(directory, [first, second, third]);
  await tier.leader();
  for (const node of nodes) {
    await eventually(
      `${node.name} knows the tier`,
      async () => (await tier.call('GET', '/readyz', undefined, node)).status === 200,
    );
  }
  return tier;
}

function tierNode(
  place: Pick<
    TierNode,
    | 'name'
    | 'site'
    | 'httpUrl'
    | 'peerPort'
    | 'sentinelPort'
    | 'rocketmqPort'
    | 'configFile'
    | 'logFile'
    | 'dataDirectory'
  >,
  machine: Machine,
  processOptions: readonly string[],
  environment: Readonly<Record<string, string>>,
): TierNode {
  let child: ChildProcess | null = null;
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> => {
    if (child === null || child.exitCode !== null || child.signalCode !== null)
      return child?.exitCode ?? null;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
    return child.exitCode;
  };
  return {
    ...place,
    pid: () => child?.pid ?? -1,
    isRunning: () => child !== null && child.exitCode === null && child.signalCode === null,
    start: async (more = []) => {
      const [command = process.execPath, ...parameters] = machine.command([
        ...[process.execPath, '--enable-source-maps', ...processOptions],
        ...[entry, 'serve', '--config', place.configFile, ...more],
      ]);
      const started = spawn(command, parameters, {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, ...environment },
      });
      child = started;
      running.add(started);
      started.once('exit', () => running.delete(started));
      await new Promise<void>((done, fail) => {
        let printed = '';
        const collect = (chunk: Buffer): void => {
          if (printed.length < 64_000) printed += chunk.toString();
          if (printed.includes('listens on')) done();
        };
        started.stdout.on('data', collect);
        started.stderr.on('data', collect);
        started.once('exit', (code) =>
          fail(new Error(`${place.name} ended with ${code}: ${printed}${tail(place.logFile)}`)),
        );
      });
    },
    stop: () => end('SIGTERM'),
    kill: async () => {
      await end('SIGKILL');
    },
    signal: (name) => {
      child?.kill(name);
    },
  };
}

function tail(path: string): string {
  try {
    return `\n${readFileSync(path, 'utf8').split('\n').slice(-20).join('\n')}`;
  } catch {
    return '';
  }
}

function tierOf(directory: string, nodes: readonly [TierNode, TierNode, TierNode]): Tier {
  const anyRunning = (): TierNode => {
    const node = nodes.find((one) => one.isRunning());
    if (node === undefined) throw new Error('no node of the tier runs');
    return node;
  };
  const call: Tier['call'] = async (method, path, body, node, timeoutMs = 15_000) => {
    const response = await fetch(`${(node ?? anyRunning()).httpUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${TEST_TOKEN}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await response.text();
    return {
      status: response.status,
      body: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text,
    };
  };
  return {
    directory,
    nodes,
    token: TEST_TOKEN,
    urls: nodes.map(({ httpUrl }) => httpUrl),
    call,
    leader: () =>
      eventually('a leader is elected', async () => {
        for (const node of nodes.filter((one) => one.isRunning())) {
          const answer = await call('GET', '/v1/status', undefined, node, 1_000).catch(() => null);
          const status = answer?.body as { node?: { role?: string; node?: string } } | undefined;
          if (status?.node?.role === 'leader') return node;
        }
        return null;
      }),
    close: async () => {
      await Promise.all(nodes.map((node) => node.kill()));
      rmSync(directory, { recursive: true, force: true });
      directories.delete(directory);
    },
  };
}
