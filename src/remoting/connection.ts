/**
 * One connection of RocketMQ's remoting protocol over a socket that stands: requests and one-ways in both directions,
 * interleaved, answers matched by opaque. The door uses it for sockets that it accepted, the driver for those that it
 * dialled. It never reconnects and never resends.
 *
 * Invariant: everything is bounded. While the other side does not take what it is sent, or as many of its requests are
 * under way as may be, nothing more is read from it; where answers pile up all the same, it is cut off. It ends exactly
 * once, for a reason that is a value, and every request of this side gets exactly one outcome.
 */
import type { Socket } from 'node:net';
import { assert } from '../core/primitives/assert.ts';
import type { ConnectionEnd } from './connection-end.ts';
import { damageText } from './damage.ts';
import { FrameReader } from './frame-reader.ts';
import { encodeFrame } from './frame-writer.ts';
import {
  createRequest,
  createResponse,
  type RemotingCommand,
  type RequestParts,
  type ResponseParts,
} from './remoting-command.ts';
import { RESPONSE } from './response-codes.ts';

/** Both sides of the protocol close a connection on which nothing was read or written for so long. */
export const IDLE_MS = 120_000;
/** How long the other side may take to read the rest when this side closes. */
const CLOSING_MS = 500;
/** Frames are gathered up to so much and then written; one that is larger by itself is not copied. */
const GATHERED_BYTES = 64 * 1024;
const LARGEST_OPAQUE = 0x7fff_ffff;

export type ConnectionBounds = {
  /** Largest frame that is read; at most what the protocol allows. */
  readonly frameBytes: number;
  /** Bytes that may wait for the other side to take them; while more do, one frame more ends the connection. */
  readonly outgoingBytes: number;
  /** Requests of the other side that are under way; while so many are, nothing more is read. */
  readonly served: number;
  /** Requests of this side that wait for their answers; a further one is not sent. */
  readonly asked: number;
  readonly idleMs: number;
};

export type RequestOutcome =
  | { readonly kind: 'answered'; readonly answer: RemotingCommand }
  | { readonly kind: 'silent'; readonly waitedMs: number }
  | { readonly kind: 'ended'; readonly end: ConnectionEnd }
  /** Not sent: as many requests of this side wait as may. */
  | { readonly kind: 'tooMany' };

export type ConnectionHandlers = {
  /** The answer, at once or later; that to a one-way is dropped. To throw, or to reject, is a bug. */
  onRequest(request: RemotingCommand): ResponseParts | Promise<ResponseParts>;
  /** Whether the body of a long request is needed behind its beginning; else it is passed over as it arrives. */
  needsRest?(begun: RemotingCommand): boolean;
  /** The other side gets an error in the place of the answer. */
  onBug(error: Error, request: RemotingCommand): void;
  /** Called once, when the socket is gone, whoever ended it. */
  onEnd(end: ConnectionEnd): void;
};

export type RequestContent = Omit<RequestParts, 'opaque' | 'isOneWay'>;

type Asked = { readonly settle: (outcome: RequestOutcome) => void; readonly stopTimer: () => void };

const BUG: ResponseParts = {
  code: RESPONSE.systemError,
  remark: 'this node met a bug of its own; its log says more',
};
const TOO_LARGE: ResponseParts = {
  code: RESPONSE.systemError,
  remark: 'the answer is larger than a frame may be',
};

export class RemotingConnection {
  readonly #socket: Socket;
  readonly #bounds: ConnectionBounds;
  readonly #handlers: ConnectionHandlers;
  readonly #reader: FrameReader;
  readonly #asked = new Map<number, Asked>();
  #opaque = 0;
  #served = 0;
  /** Frames that wait to be written together, and their bytes. */
  #gathered: Buffer[] = [];
  #gatheredBytes = 0;
  #isFlushDue = false;
  #isReading = false;
  #end: ConnectionEnd | null = null;

  /** The socket is connected, and nothing was read from it yet. */
  constructor(socket: Socket, bounds: ConnectionBounds, handlers: ConnectionHandlers) {
    this.#socket = socket;
    this.#bounds = bounds;
    this.#handlers = handlers;
    const needsRest = (begun: RemotingCommand): boolean =>
      begun.isResponse || (handlers.needsRest?.(begun) ?? true);
    this.#reader = new FrameReader(bounds.frameBytes, needsRest);
    socket.setNoDelay(true);
    socket.setTimeout(bounds.idleMs, () => this.#finish({ kind: 'idle', idleMs: bounds.idleMs }));
    socket.on('data', (piece: Buffer) => {
      this.#reader.push(piece);
      this.#read();
    });
    socket.on('drain', () => this.#read());
    socket.on('end', () => this.#finish({ kind: 'closedByOther' }));
    socket.on('error', (error) => this.#finish({ kind: 'failed', error: error.message }));
    socket.on('close', () => this.#closed());
  }

  isOpen(): boolean {
    return this.#end === null;
  }

  /** Resolves with the answer, at the deadline, or with the end of the connection, and never rejects. */
  request(content: RequestContent, timeoutMs: number): Promise<RequestOutcome> {
    if (this.#end !== null) return Promise.resolve({ kind: 'ended', end: this.#end });
    if (this.#asked.size >= this.#bounds.asked) return Promise.resolve({ kind: 'tooMany' });
    const opaque = this.#nextOpaque();
    return new Promise((settle) => {
      const late = (): void => this.#settle(opaque, { kind: 'silent', waitedMs: timeoutMs });
      // After a stall of this process timers run before sockets are read: what has arrived by then is in time.
      const timer = setTimeout(() => setImmediate(late), timeoutMs);
      this.#asked.set(opaque, { settle, stopTimer: () => clearTimeout(timer) });
      this.#ask({ ...content, opaque });
    });
  }

  /** Sends a one-way; where the connection has ended it is dropped, as on its way. */
  tell(content: RequestContent): void {
    this.#ask({ ...content, opaque: this.#nextOpaque(), isOneWay: true });
  }

  /** Writes out what waits, if the other side takes it within a moment, and ends. */
  close(why: string): void {
    if (this.#end !== null) return;
    this.#flush();
    this.#end = { kind: 'closedHere', why };
    this.#socket.destroySoon();
    const timer = setTimeout(() => this.#socket.destroy(), CLOSING_MS);
    this.#socket.once('close', () => clearTimeout(timer));
  }

  /** Ends at once; what waits is dropped. */
  destroy(why: string): void {
    this.#finish({ kind: 'closedHere', why });
  }

  #finish(end: ConnectionEnd): void {
    this.#end ??= end;
    this.#socket.destroy();
  }

  #closed(): void {
    this.#end ??= { kind: 'closedByOther' };
    for (const opaque of [...this.#asked.keys()]) this.#settle(opaque, { kind: 'ended', end: this.#end });
    this.#handlers.onEnd(this.#end);
  }

  /** Serves what was read, as long as there is room for what comes of it. */
  #read(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    let isMore = true;
    while (isMore && this.#hasRoom()) isMore = this.#readNext();
    this.#isReading = false;
    if (this.#hasRoom()) this.#socket.resume();
    else this.#socket.pause();
  }

  #readNext(): boolean {
    const next = this.#reader.next();
    switch (next.kind) {
      case 'command':
        this.#receive(next.command);
        return true;
      case 'incomplete':
        return false;
      case 'broken':
        this.#finish({ kind: 'malformed', problem: damageText(next.damage) });
        return false;
    }
  }

  #hasRoom(): boolean {
    return this.#end === null && this.#served < this.#bounds.served && !this.#socket.writableNeedDrain;
  }

  #receive(command: RemotingCommand): void {
    // An answer that nobody waits for came too late.
    if (command.isResponse) this.#settle(command.opaque, { kind: 'answered', answer: command });
    else this.#serve(command);
  }

  #serve(request: RemotingCommand): void {
    let answer: ResponseParts | Promise<ResponseParts>;
    try {
      answer = this.#handlers.onRequest(request);
    } catch (cause) {
      answer = this.#bug(cause, request);
    }
    if (answer instanceof Promise) this.#await(request, answer);
    else this.#answer(request, answer);
  }

  #await(request: RemotingCommand, answer: Promise<ResponseParts>): void {
    this.#served += 1;
    answer
      .catch((cause: unknown) => this.#bug(cause, request))
      .then((parts) => {
        this.#served -= 1;
        this.#answer(request, parts);
        this.#read();
      });
  }

  #bug(cause: unknown, request: RemotingCommand): ResponseParts {
    this.#handlers.onBug(cause instanceof Error ? cause : new Error(String(cause)), request);
    return BUG;
  }

  #answer(request: RemotingCommand, parts: ResponseParts): void {
    if (request.isOneWay || this.#end !== null) return;
    const frame = encodeFrame(createResponse(request, parts));
    if (frame === 'tooLarge') this.#answer(request, TOO_LARGE);
    else this.#send(frame);
  }

  #ask(parts: RequestParts): void {
    const frame = encodeFrame(createRequest(parts));
    assert(frame !== 'tooLarge', 'requests of this side are small');
    this.#send(frame);
  }

  #settle(opaque: number, outcome: RequestOutcome): void {
    const asked = this.#asked.get(opaque);
    if (asked === undefined) return;
    this.#asked.delete(opaque);
    asked.stopTimer();
    asked.settle(outcome);
  }

  #nextOpaque(): number {
    do this.#opaque = this.#opaque === LARGEST_OPAQUE ? 0 : this.#opaque + 1;
    while (this.#asked.has(this.#opaque));
    return this.#opaque;
  }

  /** Small frames of one turn of the event loop are written together. */
  #send(frame: Buffer): void {
    if (this.#end !== null) return;
    const waitingBytes = this.#socket.writableLength + this.#gatheredBytes;
    if (waitingBytes > this.#bounds.outgoingBytes) {
      this.#finish({ kind: 'slowReader', waitingBytes });
      return;
    }
    if (frame.length >= GATHERED_BYTES) {
      this.#flush();
      this.#socket.write(frame);
      return;
    }
    this.#gathered.push(frame);
    this.#gatheredBytes += frame.length;
    if (this.#gatheredBytes >= GATHERED_BYTES) this.#flush();
    else if (!this.#isFlushDue) {
      this.#isFlushDue = true;
      process.nextTick(() => {
        this.#isFlushDue = false;
        this.#flush();
      });
    }
  }

  #flush(): void {
    if (this.#gathered.length === 0 || this.#end !== null) return;
    const bytes = Buffer.concat(this.#gathered, this.#gatheredBytes);
    this.#gathered = [];
    this.#gatheredBytes = 0;
    this.#socket.write(bytes);
  }
}
