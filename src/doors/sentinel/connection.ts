/**
 * One client's connection: bytes to requests, replies to bytes, strictly in order. A command that takes time holds up
 * what comes behind it on its own connection, and reading with it. A client that does not read what it is sent is
 * bounded: while it does not, nothing more is read from it, and once too much waits for it, it is cut off.
 */
import type { Socket } from 'node:net';
import { LIMITS } from '../../core/primitives/limits.ts';
import type { DoorView } from './commands/command.ts';
import { dispatch } from './dispatch.ts';
import { type Listener, listenerKey } from './events/message-bytes.ts';
import { error, type Reply } from './reply.ts';
import { encodeReply } from './reply-codec.ts';
import { RequestReader } from './request-reader.ts';
import { type Session, subscriptionsOf } from './session.ts';

/** How long a client whose connection ends may take to read what it was sent. */
const ENDING_MS = 5_000;
const BUG = error('ERR this node met a bug of its own; its log says more');

export type ConnectionPorts = {
  readonly door: DoorView;
  readonly onBug: (error: Error, command: string) => void;
  readonly onEnd: () => void;
};

export class Connection {
  readonly session: Session;
  readonly #socket: Socket;
  readonly #ports: ConnectionPorts;
  readonly #reader = new RequestReader();
  /** A command is under way. */
  #isBusy = false;
  /** What was written last has not been taken yet. */
  #isFull = false;
  #listener: (Listener & { readonly key: string }) | null = null;

  constructor(socket: Socket, session: Session, ports: ConnectionPorts) {
    this.session = session;
    this.#socket = socket;
    this.#ports = ports;
    this.#reader.trust(session.user !== null);
    socket.on('data', (piece: Buffer) => {
      this.#reader.push(piece);
      this.#serve();
    });
    socket.on('drain', () => {
      this.#isFull = false;
      this.#serve();
    });
    // A broken connection is the end of this client and of nothing else; `close` follows.
    socket.on('error', () => undefined);
    socket.on('close', () => ports.onEnd());
  }

  /** Null while it has subscribed to nothing. */
  listener(): (Listener & { readonly key: string }) | null {
    const { protocol, user, channels, patterns } = this.session;
    if (user === null || subscriptionsOf(this.session) === 0) return null;
    if (this.#listener === null) {
      const listener = { protocol, user, channels, patterns };
      this.#listener = { ...listener, key: listenerKey(listener) };
    }
    return this.#listener;
  }

  /** Messages of subscriptions; who lets too many wait is cut off and has to look again. */
  push(bytes: Buffer): void {
    if (this.#socket.writableLength + bytes.length > LIMITS.sentinelClientBytes) this.#socket.destroy();
    else this.#socket.write(bytes);
  }

  end(): void {
    this.#socket.destroy();
  }

  #serve(): void {
    let text = '';
    while (!this.#isBusy && !this.#isFull && !this.session.isEnding && !this.#socket.destroyed) {
      const outcome = this.#reader.next();
      if (outcome.kind === 'incomplete') break;
      if (outcome.kind === 'broken') {
        text += encodeReply(error(outcome.text), this.session.protocol);
        this.session.isEnding = true;
        break;
      }
      const reply = this.#run(outcome.words);
      if (reply instanceof Promise) this.#await(reply);
      else text += this.#encoded(reply);
      if (text.length > LIMITS.sentinelClientBytes) {
        this.#write(text);
        text = '';
      }
    }
    this.#write(text);
    this.#settle();
  }

  #run(words: readonly string[]): Reply | Promise<Reply> {
    try {
      return dispatch(this.#ports.door, this.session, words);
    } catch (cause) {
      return this.#bug(cause, words[0]);
    }
  }

  #await(reply: Promise<Reply>): void {
    this.#isBusy = true;
    reply
      .catch((cause: unknown) => this.#bug(cause, this.session.lastCommand))
      .then((done) => {
        this.#isBusy = false;
        this.#write(this.#encoded(done));
        this.#serve();
      });
  }

  #bug(cause: unknown, command = ''): Reply {
    this.#ports.onBug(cause instanceof Error ? cause : new Error(String(cause)), command);
    return BUG;
  }

  /** A command may have changed who the client is and what it listens to. */
  #encoded(reply: Reply): string {
    this.#reader.trust(this.session.user !== null);
    this.#listener = null;
    return encodeReply(reply, this.session.protocol);
  }

  #write(text: string): void {
    if (text !== '' && !this.#socket.destroyed && !this.#socket.write(text, 'latin1')) this.#isFull = true;
  }

  /** Reads on only while what was read is served. */
  #settle(): void {
    if (this.session.isEnding && !this.#isBusy) {
      this.#socket.setTimeout(ENDING_MS, () => this.#socket.destroy());
      this.#socket.destroySoon();
    } else if (this.#isBusy || this.#isFull) this.#socket.pause();
    else this.#socket.resume();
  }
}
