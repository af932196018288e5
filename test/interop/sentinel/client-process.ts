/** One client's program on a host, and everything that it has printed. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Host } from '../../support/sites.ts';
import type { Client } from './client.ts';
import { type ClientCall, type ClientLine, parseLine, wordsOf } from './client-line.ts';

/** A queue may take this long to work off what it took on. */
const QUEUE_END_TIMEOUT_MS = 25_000;
const KEPT_ERROR_BYTES = 4_000;

export type Success = { readonly n: number; readonly atMs: number };
type QueueEnd = Extract<ClientLine, { accepted: number }>;

export class ClientProcess {
  readonly client: Client;
  readonly key: string;
  readonly #child: ChildProcess;
  readonly #successes: Success[] = [];
  #lastError = '';
  #printedErrors = '';
  #queueEnd: QueueEnd | null = null;

  constructor(client: Client, host: Host, call: ClientCall) {
    this.client = client;
    this.key = call.key;
    const child = host.spawn([...client.program, ...wordsOf(call)], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child = child;
    if (child.stdout === null || child.stderr === null) throw new Error('its streams are pipes');
    createInterface({ input: child.stdout }).on('line', (line) => this.#take(parseLine(line)));
    child.stderr.on('data', (piece: Buffer) => {
      this.#printedErrors = (this.#printedErrors + piece.toString()).slice(-KEPT_ERROR_BYTES);
    });
    // One that ended by itself takes no more words; that it ended is seen at its writes.
    child.stdin?.on('error', () => undefined);
  }

  #take(line: ClientLine): void {
    if ('accepted' in line) this.#queueEnd = line;
    else if (line.error === null) this.#successes.push({ n: line.n, atMs: line.atMs });
    else this.#lastError = line.error;
  }

  get successes(): readonly Success[] {
    return this.#successes;
  }

  get queueEnd(): QueueEnd | null {
    return this.#queueEnd;
  }

  successesSince(fromMs: number): number {
    let count = 0;
    for (let at = this.#successes.length - 1; at >= 0; at -= 1) {
      if ((this.#successes[at]?.atMs ?? 0) < fromMs) break;
      count += 1;
    }
    return count;
  }

  /** What it said last about what is wrong with it. */
  complaint(): string {
    const { exitCode, signalCode } = this.#child;
    const end = exitCode === null && signalCode === null ? '' : `it ended with ${exitCode ?? signalCode}; `;
    const printed = this.#printedErrors.trim().split('\n').slice(-2).join(' ');
    return `${end}${this.#lastError}${printed === '' ? '' : `; it printed: ${printed}`}`;
  }

  /** Longest time between two successes from one moment to another one, both of which count as one. */
  longestGapMs(fromMs: number, toMs: number): number {
    let lastMs = fromMs;
    let longest = 0;
    for (const { atMs } of this.#successes) {
      if (atMs < fromMs || atMs > toMs) continue;
      longest = Math.max(longest, atMs - lastMs);
      lastMs = atMs;
    }
    return Math.max(longest, toMs - lastMs);
  }

  async end(): Promise<void> {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'close');
    if (this.client.isQueue !== true) child.kill('SIGKILL');
    else child.stdin?.write('stop\n');
    const timer = setTimeout(() => child.kill('SIGKILL'), QUEUE_END_TIMEOUT_MS);
    await gone;
    clearTimeout(timer);
  }
}
