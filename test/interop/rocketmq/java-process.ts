/** A Java program at a host: started, awaited, and ended by its own process id. What it printed last is kept. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Host } from '../../support/sites.ts';
import type { Jars } from './jars.ts';

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 20_000;
const KEPT_OUTPUT_BYTES = 4_000;

/** Servers of few minutes on few cores: no second compiler, no parallel collector, nothing written beside. */
const SMALL = [
  ...['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-XX:-UsePerfData', '-Xss512k'],
  ...['-Xmx256m', '-XX:MaxDirectMemorySize=256m'],
];
/** What the scripts that come with it open for its store on a JDK of our time. */
const OPENED = [
  ...['--add-exports', 'java.base/sun.nio.ch=ALL-UNNAMED', '--add-opens', 'java.base/java.nio=ALL-UNNAMED'],
  ...['--add-opens', 'java.base/java.lang=ALL-UNNAMED', '--add-opens', 'java.base/java.util=ALL-UNNAMED'],
];

/** Before version 5, servers do not start without this file. */
const LOGGING = '<configuration><root level="OFF"/></configuration>\n';

export type JavaProgram = {
  readonly jars: Jars;
  readonly version: string;
  readonly main: string;
  readonly parameters?: readonly string[];
  /** Before the jars, where the program is not one of theirs. */
  readonly classes?: string;
  readonly properties?: Readonly<Record<string, string>>;
  /** What it takes for its home: files that it writes, logs among them. */
  readonly home: string;
  /** What it prints once it serves. */
  readonly says: string;
};

export function javaLine(program: JavaProgram): readonly string[] {
  const { jars, version, main, parameters = [], properties = {}, home, classes } = program;
  mkdirSync(join(home, 'conf'), { recursive: true });
  for (const name of ['broker', 'namesrv', 'tools'])
    writeFileSync(join(home, 'conf', `logback_${name}.xml`), LOGGING);
  const set = { 'user.home': home, 'rocketmq.home.dir': home, ...properties };
  return [
    ...['java', ...SMALL, ...OPENED],
    ...Object.entries(set).map(([key, value]) => `-D${key}=${value}`),
    ...['-cp', [classes, jars.classPath(version)].filter((path) => path !== undefined).join(':')],
    ...[main, ...parameters],
  ];
}

export class JavaProcess {
  readonly #host: Host;
  readonly #program: JavaProgram;
  #child: ChildProcess | null = null;
  #printed = '';

  constructor(host: Host, program: JavaProgram) {
    this.#host = host;
    this.#program = program;
  }

  isRunning(): boolean {
    const child = this.#child;
    return child !== null && child.exitCode === null && child.signalCode === null;
  }

  /** Ends once it says that it serves. */
  async start(): Promise<void> {
    const child = this.#host.spawn(javaLine(this.#program), { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    this.#printed = '';
    const { says, main } = this.#program;
    await new Promise<void>((done, fail) => {
      const timer = setTimeout(() => fail(this.#failed(`does not say '${says}'`)), START_TIMEOUT_MS);
      const take = (piece: Buffer): void => {
        this.#printed = (this.#printed + piece.toString()).slice(-KEPT_OUTPUT_BYTES);
        if (!this.#printed.includes(says)) return;
        clearTimeout(timer);
        done();
      };
      child.stdout?.on('data', take);
      child.stderr?.on('data', take);
      child.once('exit', (code, signal) => {
        clearTimeout(timer);
        fail(this.#failed(`ended with ${code ?? signal}`));
      });
      child.once('error', (error) => fail(new Error(`${main}: ${error.message}`)));
    });
  }

  #failed(what: string): Error {
    return new Error(`${this.#program.main} at ${this.#host.name} ${what}: ${this.#printed}`);
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** SIGTERM; one that takes too long is killed. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (child === null || !this.isRunning()) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await gone;
    clearTimeout(timer);
  }
}
