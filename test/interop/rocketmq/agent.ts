/** RocketMQ's own libraries at a host (`java/Agent.java`): asked by a line each, and what its producers and consumers told. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { Host } from '../../support/sites.ts';
import { CLASSES, type Jars } from './jars.ts';
import { javaLine } from './java-process.ts';

const KEPT_ERROR_BYTES = 4_000;
const START_TIMEOUT_MS = 30_000;
const ASK_TIMEOUT_MS = 60_000;

const sentSchema = z.object({
  sent: z.string(),
  n: z.int(),
  atMs: z.number(),
  tookMs: z.number(),
  /** SEND_OK, another status that it got, or what it threw. */
  status: z.string(),
});
const gotSchema = z.object({
  got: z.string(),
  of: z.string(),
  n: z.int(),
  key: z.string(),
  atMs: z.number(),
  afterMs: z.number(),
});
const lineSchema = z.union([
  z.object({ ready: z.literal(true) }),
  z.object({ answer: z.int(), ok: z.boolean(), value: z.unknown() }),
  sentSchema,
  gotSchema,
]);
export type Sent = Omit<z.infer<typeof sentSchema>, 'sent'>;
export type Got = Omit<z.infer<typeof gotSchema>, 'got'>;
const rangesSchema = z.record(z.string(), z.array(z.tuple([z.int(), z.int()])));
const takenSchema = z.object({ taken: z.int(), last: z.string() });

type Waiting = { done(value: unknown): void; fail(error: Error): void };
export type AgentOptions = {
  readonly jars: Jars;
  readonly version: string;
  readonly nameServers: string;
  readonly directory: string;
  readonly zone: string;
};

export class Agent {
  readonly host: Host;
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  readonly #sent = new Map<string, Sent[]>();
  readonly #got = new Map<string, Got[]>();
  #asked = 0;
  #printedErrors = '';

  private constructor(host: Host, child: ChildProcess) {
    this.host = host;
    this.#child = child;
    child.stderr?.on('data', (piece: Buffer) => {
      this.#printedErrors = (this.#printedErrors + piece.toString()).slice(-KEPT_ERROR_BYTES);
    });
    child.stdin?.on('error', () => undefined);
    child.once('exit', () => {
      for (const { fail } of this.#waiting.values())
        fail(new Error(`the agent ended: ${this.#printedErrors}`));
      this.#waiting.clear();
    });
  }

  static async start(
    host: Host,
    { jars, version, nameServers, directory, zone }: AgentOptions,
  ): Promise<Agent> {
    const line = javaLine({
      jars,
      version,
      main: 'Agent',
      parameters: [nameServers],
      classes: CLASSES,
      // A consumer looks every 20 seconds which queues are its own, unless it is told otherwise.
      properties: { 'rocketmq.client.rebalance.waitInterval': '1000', 'rocketmq.zone': zone },
      home: join(directory, `${host.name}-home`),
      says: '',
    });
    const agent = new Agent(host, host.spawn(line, { stdio: ['pipe', 'pipe', 'pipe'] }));
    await agent.#begin();
    return agent;
  }

  async #begin(): Promise<void> {
    const { stdout } = this.#child;
    if (stdout === null) throw new Error('its streams are pipes');
    await new Promise<void>((done, fail) => {
      const timer = setTimeout(() => fail(this.#died()), START_TIMEOUT_MS);
      this.#child.once('exit', () => fail(this.#died()));
      createInterface({ input: stdout }).on('line', (text) => {
        const line = lineSchema.parse(JSON.parse(text));
        if ('ready' in line) {
          clearTimeout(timer);
          done();
        } else if ('answer' in line) this.#answered(line);
        else if ('sent' in line) listed(this.#sent, line.sent).push(line);
        else listed(this.#got, line.got).push(line);
      });
    });
  }

  #died(): Error {
    return new Error(`the agent at ${this.host.name} does not begin: ${this.#printedErrors}`);
  }

  #answered({ answer, ok, value }: { answer: number; ok: boolean; value?: unknown }): void {
    const waiting = this.#waiting.get(answer);
    this.#waiting.delete(answer);
    if (ok) waiting?.done(value);
    else waiting?.fail(new Error(String(value)));
  }

  ask(command: string, ...words: readonly (string | number)[]): Promise<unknown> {
    this.#asked += 1;
    const number = this.#asked;
    return new Promise((done, fail) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(number);
        fail(new Error(`${command} is not answered after ${ASK_TIMEOUT_MS} ms`));
      }, ASK_TIMEOUT_MS);
      const settle = <Value>(then: (value: Value) => void) => {
        return (value: Value): void => {
          clearTimeout(timer);
          then(value);
        };
      };
      this.#waiting.set(number, { done: settle(done), fail: settle(fail) });
      this.#child.stdin?.write(`${[number, command, ...words].join('\t')}\n`);
    });
  }

  /** What mqadmin prints. */
  async mqadmin(...words: readonly string[]): Promise<string> {
    return z.string().parse(await this.ask('mqadmin', ...words));
  }

  async send(
    name: string,
    topic: string,
    { count, keys = 1 }: { count: number; keys?: number },
  ): Promise<z.infer<typeof takenSchema>> {
    return takenSchema.parse(await this.ask('send', name, topic, count, keys));
  }

  /** The numbers that a topic holds of each producer. */
  async read(topic: string): Promise<ReadonlyMap<string, ReadonlySet<number>>> {
    const ranges = rangesSchema.parse(await this.ask('read', topic));
    return new Map(
      Object.entries(ranges).map(([name, found]) => [
        name,
        new Set(
          found.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, at) => first + at)),
        ),
      ]),
    );
  }

  sentBy(name: string): readonly Sent[] {
    return listed(this.#sent, name);
  }

  gotBy(name: string): readonly Got[] {
    return listed(this.#got, name);
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }
}

function listed<Line>(lines: Map<string, Line[]>, name: string): Line[] {
  const known = lines.get(name);
  if (known !== undefined) return known;
  const empty: Line[] = [];
  lines.set(name, empty);
  return empty;
}
