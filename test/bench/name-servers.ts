/**
 * The two that a load of registrations and route lookups is put on, both on loopback: three nodes of ours, and three
 * stock name servers with three stock controllers. The stock ones run as their start script has it, but for the size of
 * the heap, which is a quarter of that.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findJars, type Jars, VERSIONS } from '../interop/rocketmq/jars.ts';
import { freePort } from '../support/ports.ts';
import { startTier } from '../support/tier.ts';
import type { Progress } from './benchmark.ts';

export type NameServers = {
  readonly what: string;
  /** Where each is asked, and the process that answers. */
  readonly servers: readonly { readonly host: string; readonly port: number; readonly pid: number }[];
  /** The stock controllers, processes of their own; with us the same nodes are both. */
  readonly controllers: readonly number[];
  close(): Promise<void>;
};

const SERVERS = 3;
const START_TIMEOUT_MS = 60_000;
const KEPT_OUTPUT_BYTES = 4_000;
const HEAP = ['-server', '-Xms1g', '-Xmx1g', '-XX:MetaspaceSize=128m', '-XX:MaxMetaspaceSize=320m'];
/** Of `runserver.sh`, for a JDK of our time. */
const SCRIPT_OPTIONS = [
  ...['-XX:+UseG1GC', '-XX:G1HeapRegionSize=16m', '-XX:G1ReservePercent=25'],
  ...['-XX:InitiatingHeapOccupancyPercent=30', '-XX:SoftRefLRUPolicyMSPerMB=0'],
  ...['-XX:-OmitStackTraceInFastThrow', '-XX:-UseLargePages'],
];
const SAYS = 'boot success';
const LOGGING = '<configuration><root level="OFF"/></configuration>\n';

const HOST = '127.0.0.1';

export async function startOurs(): Promise<NameServers> {
  const tier = await startTier();
  return {
    what: `${tier.nodes.length} nodes`,
    servers: tier.nodes.map((node) => ({ host: HOST, port: node.rocketmqPort, pid: node.pid() })),
    controllers: [],
    close: () => tier.close(),
  };
}

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Resolves once it says that it serves. */
async function startJava(jars: Jars, home: string, main: string, settings: object): Promise<ChildProcess> {
  mkdirSync(join(home, 'conf'), { recursive: true });
  const file = join(home, `${main.split('.').at(-1)}.properties`);
  writeFileSync(
    file,
    Object.entries(settings)
      .map(([key, value]) => `${key}=${value}\n`)
      .join(''),
  );
  writeFileSync(join(home, 'conf', 'logback_namesrv.xml'), LOGGING);
  const line = [
    ...HEAP,
    ...SCRIPT_OPTIONS,
    ...[`-Duser.home=${home}`, `-Drocketmq.home.dir=${home}`],
    ...['-cp', jars.classPath(VERSIONS.newest), main, '-c', file],
  ];
  const child = spawn('java', line, { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  let printed = '';
  await new Promise<void>((done, fail) => {
    const failed = (what: string): void => fail(new Error(`${main} ${what}: ${printed}`));
    const timer = setTimeout(() => failed(`does not say '${SAYS}'`), START_TIMEOUT_MS);
    const take = (piece: Buffer): void => {
      printed = (printed + piece.toString()).slice(-KEPT_OUTPUT_BYTES);
      if (!printed.includes(SAYS)) return;
      clearTimeout(timer);
      done();
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.once('error', (error) => failed(error.message));
    child.once('exit', (code, signal) => {
      running.delete(child);
      clearTimeout(timer);
      failed(`ended with ${code ?? signal}`);
    });
  });
  return child;
}

const pidOf = ({ pid }: ChildProcess): number => pid ?? -1;

async function startStockServers(
  jars: Jars,
  directory: string,
  children: ChildProcess[],
): Promise<Pick<NameServers, 'servers' | 'controllers'>> {
  const servers: { host: string; port: number; pid: number }[] = [];
  const controllers: number[] = [];
  const raftPorts = [await freePort(), await freePort(), await freePort()];
  const controllerPorts = [await freePort(), await freePort(), await freePort()];
  const listed = (ports: readonly number[]): string => ports.map((port) => `${HOST}:${port}`).join(',');
  const start = async (home: string, main: string, settings: object): Promise<number> => {
    const child = await startJava(jars, home, `org.apache.rocketmq.${main}`, settings);
    children.push(child);
    return pidOf(child);
  };
  for (let number = 0; number < SERVERS; number += 1) {
    const home = join(directory, `server-${number}`);
    const port = await freePort();
    servers.push({
      host: HOST,
      port,
      pid: await start(home, 'namesrv.NamesrvStartup', { listenPort: port }),
    });
    const controller = {
      controllerType: 'jRaft',
      controllerStorePath: join(home, 'controller'),
      jRaftServerId: `${HOST}:${raftPorts[number]}`,
      jRaftInitConf: listed(raftPorts),
      jRaftControllerRPCAddr: listed(controllerPorts),
    };
    controllers.push(await start(home, 'controller.ControllerStartup', controller));
  }
  return { servers, controllers };
}

export async function startStock(progress: Progress): Promise<NameServers> {
  const jars = await findJars(progress);
  if ('why' in jars) throw new Error(jars.why);
  const directory = mkdtempSync(join(tmpdir(), 'pollux-name-servers-'));
  const children: ChildProcess[] = [];
  const close = async (): Promise<void> => {
    const alive = children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
    await Promise.all(
      alive.map(async (child) => {
        const gone = once(child, 'exit');
        child.kill('SIGKILL');
        await gone;
      }),
    );
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    const what = `${SERVERS} name servers and ${SERVERS} controllers (JRaft) of RocketMQ ${VERSIONS.newest}`;
    return { what, ...(await startStockServers(jars, directory, children)), close };
  } catch (error) {
    await close();
    throw error;
  }
}
