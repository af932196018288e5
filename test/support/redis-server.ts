/**
 * A real redis-server on a free port, on loopback unless a machine is named, with its own temporary directory. Every server is killed and its
 * directory removed by {@link RedisServer.stop}, or at the latest when the test process ends.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { Redis, type RedisOptions } from 'ioredis';
import { LOOPBACK, type Machine } from './machine.ts';
import { freePort } from './ports.ts';

export type RedisServerOptions = {
  /** Lines of the configuration file, after `port`, `bind`, `dir` and `save ""`; later lines win. */
  readonly config?: readonly string[];
  /** A fixed port; without it a free one is taken. */
  readonly port?: number;
  /** False starts the server by arguments alone, without a configuration file. */
  readonly withFile?: boolean;
  /** Starts a Sentinel instead of a data server. */
  readonly sentinel?: boolean;
  /** Where it runs; loopback without it. */
  readonly machine?: Machine;
};

export type RedisServer = {
  readonly address: string;
  readonly port: number;
  readonly directory: string;
  readonly configFile: string;
  pid(): number;
  isRunning(): boolean;
  /** The configuration file as it is now. */
  fileText(): string;
  /** A connection for the test's own use, closed by `stop`. */
  client(options?: Omit<RedisOptions, 'replyMapping'>): Redis;
  /** SIGKILL by process id; resolves when the process is gone. */
  kill(): Promise<void>;
  /** Starts it again from the same file and directory. */
  start(): Promise<void>;
  signal(name: 'SIGSTOP' | 'SIGCONT'): void;
  stop(): Promise<void>;
};

type ServerProcess = ChildProcessByStdio<null, Readable, null>;

const START_ATTEMPTS = 5;
const running = new Set<ServerProcess>();
const directories = new Set<string>();

process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

// A runner that gives up ends its test processes by signal, which alone would skip what is done on exit.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

/** Resolves to null when the server takes connections, or to what it printed when it ended instead. */
function waitUntilReady(child: ServerProcess): Promise<string | null> {
  return new Promise((resolve, reject) => {
    let printed = '';
    child.once('error', reject);
    child.once('exit', () => resolve(printed));
    child.stdout.on('data', (chunk: Buffer) => {
      if (printed.length < 16_384) printed += chunk.toString();
      if (/Ready to accept connections|Sentinel ID is/.test(printed)) resolve(null);
    });
  });
}

async function launch(
  machine: Machine,
  args: readonly string[],
  directory: string,
): Promise<ServerProcess | string> {
  const [command = 'redis-server', ...parameters] = machine.command(['redis-server', ...args]);
  const child = spawn(command, parameters, { cwd: directory, stdio: ['ignore', 'pipe', 'ignore'] });
  running.add(child);
  child.once('exit', () => running.delete(child));
  const failure = await waitUntilReady(child);
  return failure ?? child;
}

async function end(child: ServerProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

function argumentsFor(options: RedisServerOptions, port: number, directory: string): readonly string[] {
  const configFile = join(directory, 'redis.conf');
  const { address } = options.machine ?? LOOPBACK;
  // On a machine of its own the way in is the network, which Redis refuses to those without a password by default.
  const reach = address === LOOPBACK.address ? [`bind ${address}`] : ['bind 0.0.0.0', 'protected-mode no'];
  const basics: readonly string[] = [`port ${port}`, ...reach, `dir ${directory}`];
  const lines = [...basics, ...(options.sentinel === true ? [] : ['save ""']), ...(options.config ?? [])];
  if (options.withFile === false) {
    return lines.flatMap((line) => {
      const [name = '', ...values] = line.split(' ');
      return [`--${name}`, ...values.map((value) => (value === '""' ? '' : value))];
    });
  }
  writeFileSync(configFile, `${lines.join('\n')}\n`);
  return options.sentinel === true ? [configFile, '--sentinel'] : [configFile];
}

async function launchOnFreePort(options: RedisServerOptions, directory: string) {
  let printed = '';
  for (let attempt = 0; attempt < START_ATTEMPTS; attempt += 1) {
    const port = options.port ?? (await freePort());
    const args = argumentsFor(options, port, directory);
    const child = await launch(options.machine ?? LOOPBACK, args, directory);
    if (typeof child !== 'string') return { port, args, child };
    printed = child;
  }
  throw new Error(`redis-server did not start:\n${printed}`);
}

export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const directory = mkdtempSync(join(tmpdir(), 'pollux-redis-'));
  directories.add(directory);
  const configFile = join(directory, 'redis.conf');
  const launched = await launchOnFreePort(options, directory);
  const { port, args } = launched;
  const machine = options.machine ?? LOOPBACK;
  let child = launched.child;
  const clients: Redis[] = [];

  return {
    get address() {
      return `${machine.address}:${port}`;
    },
    port,
    directory,
    configFile,
    pid: () => child.pid ?? -1,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    fileText: () => readFileSync(configFile, 'utf8'),
    client: (clientOptions = {}) => {
      const client = new Redis({ host: machine.address, port, retryStrategy: () => 50, ...clientOptions });
      client.on('error', () => undefined);
      clients.push(client);
      return client;
    },
    kill: () => end(child),
    start: async () => {
      const again = await launch(machine, args, directory);
      if (typeof again === 'string') throw new Error(`redis-server did not start again:\n${again}`);
      child = again;
    },
    signal: (name) => {
      child.kill(name);
    },
    stop: async () => {
      for (const client of clients) client.disconnect();
      await end(child);
      rmSync(directory, { recursive: true, force: true });
      directories.delete(directory);
    },
  };
}
