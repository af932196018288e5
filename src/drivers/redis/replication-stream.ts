/**
 * Reads a piece of a server's replication stream out of its backlog, as a replica would ask for it. It never confirms
 * anything, so it satisfies nobody's WAIT, and it never takes a snapshot: a server that has only that to offer is left.
 */
import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import type { TimerPort } from '../../core/node/ports.ts';
import type { Lineage } from '../../core/primitives/identifiers.ts';
import { parseAddress } from './connections.ts';
import { REDIS_LIMITS } from './limits.ts';
import type { Answer, CallFailure } from './outcome.ts';

export type StreamRequest = {
  readonly address: string;
  readonly username: string;
  readonly password: string;
  readonly tls: ConnectionOptions | null;
  readonly lineage: Lineage;
  /** First byte wanted, as `PSYNC` counts them, and how many. */
  readonly from: bigint;
  readonly bytes: number;
  readonly timeoutMs: number;
  readonly timers: TimerPort;
};

/** What came within the time; fewer bytes than were asked for where that ended it. */
export type ReadStream = (request: StreamRequest) => Promise<Answer<Buffer>>;

const failure = (kind: CallFailure['kind'], detail: string): CallFailure => ({ ok: false, kind, detail });

const bulk = (...words: readonly string[]): string =>
  `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;

/** Collects what the server sends: lines in answer to the questions, then the stream. `ready`: the last may be asked. */
class Reader {
  readonly #request: StreamRequest;
  readonly #ready: () => void;
  readonly #finish: (answer: Answer<Buffer>) => void;
  #awaited = ['AUTH', 'REPLCONF', 'PSYNC'];
  #pending = Buffer.alloc(0);
  readonly #chunks: Buffer[] = [];
  #have = 0;

  constructor(request: StreamRequest, ready: () => void, finish: (answer: Answer<Buffer>) => void) {
    this.#request = request;
    this.#ready = ready;
    this.#finish = finish;
  }

  /** What there is, where the stream had begun; else why it had not. */
  end(why: CallFailure): void {
    if (this.#awaited.length > 0) this.#finish(why);
    else this.#finish({ ok: true, value: Buffer.concat(this.#chunks) });
  }

  take(chunk: Buffer): void {
    if (this.#awaited.length === 0) this.#keep(chunk);
    else {
      this.#pending = Buffer.concat([this.#pending, chunk]);
      this.#takeAnswers();
    }
  }

  #takeAnswers(): void {
    for (;;) {
      const [awaited] = this.#awaited;
      const end = this.#pending.indexOf('\n');
      if (awaited === undefined || end < 0) break;
      const line = this.#pending.toString('latin1', 0, end).trim();
      this.#pending = this.#pending.subarray(end + 1);
      if (line === '') continue;
      const expected = awaited === 'PSYNC' ? '+CONTINUE' : '+OK';
      if (!line.startsWith(expected)) {
        const detail = line.startsWith('+FULLRESYNC') ? 'its backlog does not reach back so far' : line;
        this.#finish(failure('answeredError', `${awaited}: ${detail}`));
        return;
      }
      this.#awaited.shift();
      if (awaited === 'REPLCONF') this.#ready();
    }
    if (this.#awaited.length > 0) {
      if (this.#pending.length > REDIS_LIMITS.streamLineBytes)
        this.#finish(failure('answeredError', `${this.#awaited[0]}: its answer is no line`));
    } else if (this.#pending.length > 0) this.#keep(this.#pending);
  }

  #keep(chunk: Buffer): void {
    const wanted = chunk.subarray(0, this.#request.bytes - this.#have);
    this.#chunks.push(wanted);
    this.#have += wanted.length;
    if (this.#have >= this.#request.bytes) this.#finish({ ok: true, value: Buffer.concat(this.#chunks) });
  }
}

function openSocket(request: StreamRequest): Socket | null {
  const endpoint = parseAddress(request.address);
  if (endpoint === null) return null;
  return request.tls === null ? connect(endpoint) : connectTls({ ...request.tls, ...endpoint });
}

export const readStream: ReadStream = (request) =>
  new Promise((resolve) => {
    const socket = openSocket(request);
    if (socket === null) {
      resolve(failure('silent', `badAddress: ${request.address} is not host:port`));
      return;
    }
    const stopTimer = request.timers.after(request.timeoutMs, () =>
      reader.end(failure('silent', `nothing within ${request.timeoutMs} ms`)),
    );
    // Redis refuses PSYNC while it still has something to say.
    const ask = (): void => {
      socket.write(bulk('PSYNC', request.lineage, String(request.from)));
    };
    const reader = new Reader(request, ask, (answer) => {
      stopTimer();
      socket.destroy();
      resolve(answer);
    });
    socket.on('data', (chunk: Buffer) => reader.take(chunk));
    socket.on('error', (error) => reader.end(failure('disconnected', error.message)));
    socket.on('close', () => reader.end(failure('disconnected', 'the server closed the connection')));
    socket.write(bulk('AUTH', request.username, request.password) + bulk('REPLCONF', 'capa', 'psync2'));
  });
