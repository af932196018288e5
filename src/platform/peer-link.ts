/**
 * The way to one peer: dials, proves itself, sends, and dials again when the connection is gone. Messages travel on
 * the connection that the sender dialled; the other direction has its own.
 *
 * Pings only find out that a connection is dead although nothing said so (a cut cable, a host that lost power), so
 * that it is dialled afresh once the peer is back, instead of waiting for TCP's own retries of minutes.
 */
import { connect } from 'node:net';
import { unreachable } from '../core/primitives/assert.ts';
import type { NodeName } from '../core/primitives/identifiers.ts';
import { LIMITS } from '../core/primitives/limits.ts';
import type { Logger } from './logger.ts';
import { openPeerConnection, type PeerConnection } from './peer-connection.ts';
import { bareFrame, FRAME, type Frame, frameOf, jsonFrame } from './peer-frames.ts';
import {
  type Hello,
  isProof,
  objectionTo,
  PEER_REFUSALS,
  proofOf,
  readHello,
  readRefusal,
} from './peer-handshake.ts';
import { createPeerQueue } from './peer-queue.ts';
import type { PeerAddress, PeerTiming } from './peer-timing.ts';

export type PeerLinkOptions = {
  readonly peer: NodeName;
  /** Asked at every dial; null where the address is not known at the moment. */
  readonly address: () => PeerAddress | null;
  readonly secret: string;
  /** A fresh hello, with a nonce of its own. */
  readonly hello: () => Hello;
  readonly timing: PeerTiming;
  readonly logger: Logger;
  /** Uniform in [0, 1), to spread the dials of many nodes. */
  readonly random: () => number;
};

export type PeerLinkStatus = {
  readonly connected: boolean;
  /** What the peer said of its tier at the last handshake; null before the first, or when it belongs to none yet. */
  readonly tierId: string | null;
  readonly queuedBytes: number;
  readonly sentMessages: number;
  readonly droppedMessages: number;
  /** Why there is no connection; null while there is one. */
  readonly problem: string | null;
};

type Stage =
  | { readonly kind: 'idle' }
  | { readonly kind: 'greeting'; readonly hello: Buffer }
  | { readonly kind: 'proving'; readonly hello: Buffer; readonly theirs: Hello; readonly theirHello: Buffer }
  | { readonly kind: 'awaitingWelcome'; readonly theirs: Hello }
  | { readonly kind: 'ready' };

/** After so many the back-off is at its longest. */
const MOST_FAILURES = 16;
const IDLE: Stage = { kind: 'idle' };

export class PeerLink {
  readonly #options: PeerLinkOptions;
  readonly #queue = createPeerQueue();
  #stage: Stage = IDLE;
  #connection: PeerConnection | null = null;
  /** The next dial, or the end of patience with the dial under way. */
  #timer: NodeJS.Timeout | undefined;
  #pingTimer: NodeJS.Timeout | undefined;
  #unansweredPings = 0;
  #failures = 0;
  #flushIsDue = false;
  #lateFlush: NodeJS.Immediate | undefined;
  #isClosed = false;
  #problem: string | null = 'not dialled yet';
  #tierId: string | null = null;
  #sentMessages = 0;
  #droppedMessages = 0;

  constructor(options: PeerLinkOptions) {
    this.#options = options;
  }

  start(): void {
    this.#dial();
  }

  /**
   * Queues the frame, or drops it where there is no connection. What `mayWait` is written once this turn's answers to
   * clients are, together with whatever is queued by then; all else at the end of this callback.
   */
  send(frame: Frame, mayWait: boolean): void {
    if (this.#stage.kind !== 'ready') {
      this.#droppedMessages += 1;
      return;
    }
    this.#droppedMessages += this.#queue.push(frame);
    // One write for everything that is sent within one turn.
    if (mayWait) this.#lateFlush ??= setImmediate(() => this.#flush());
    else if (!this.#flushIsDue) {
      this.#flushIsDue = true;
      process.nextTick(() => this.#flush());
    }
  }

  status(): PeerLinkStatus {
    return {
      connected: this.#stage.kind === 'ready',
      tierId: this.#tierId,
      queuedBytes: this.#queue.bytes() + (this.#connection?.pendingBytes() ?? 0),
      sentMessages: this.#sentMessages,
      droppedMessages: this.#droppedMessages,
      problem: this.#problem,
    };
  }

  /** Writes out what is queued, within a short time. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#flush();
    const connection = this.#connection;
    if (this.#stage.kind === 'ready') connection?.end();
    else connection?.destroy('this node closes');
    await connection?.closed;
  }

  #flush(): void {
    this.#flushIsDue = false;
    clearImmediate(this.#lateFlush);
    this.#lateFlush = undefined;
    if (this.#connection === null || this.#stage.kind !== 'ready') return;
    const frames = this.#queue.take(LIMITS.peerBytesInSocket - this.#connection.pendingBytes());
    if (frames.length === 0) return;
    this.#connection.write(frames);
    this.#sentMessages += frames.length;
  }

  #dial(): void {
    const { address, hello, timing } = this.#options;
    const target = address();
    if (target === null) {
      this.#ended('its address is not known');
      return;
    }
    const frame = jsonFrame(FRAME.hello, hello());
    const connection = openPeerConnection(connect(target), {
      onFrame: (payload) => this.#receive(connection, payload),
      onDrain: () => this.#flush(),
      onEnd: (why) => this.#ended(why),
    });
    this.#connection = connection;
    this.#stage = { kind: 'greeting', hello: Buffer.concat(frame.parts.slice(1)) };
    connection.write([frame]);
    const patience = (): void => connection.destroy(`no answer from ${target.host}:${target.port}`);
    this.#timer = setTimeout(patience, timing.handshakeMs);
  }

  #ended(why: string): void {
    const { peer, timing, logger, random } = this.#options;
    clearTimeout(this.#timer);
    clearInterval(this.#pingTimer);
    this.#droppedMessages += this.#queue.clear();
    const wasReady = this.#stage.kind === 'ready';
    this.#stage = IDLE;
    this.#connection = null;
    if (this.#isClosed) return;
    // Said when it changes, not at every attempt.
    if (wasReady || this.#problem !== why) logger.warn({ peer, why }, `no connection to ${peer}: ${why}`);
    this.#problem = why;
    const backoffMs = Math.min(timing.backoffLongestMs, timing.backoffShortestMs * 2 ** this.#failures);
    this.#failures = Math.min(this.#failures + 1, MOST_FAILURES);
    this.#timer = setTimeout(() => this.#dial(), backoffMs * (0.5 + random() / 2));
  }

  /** Says what is wrong with a frame; null for one that is in order. */
  #receive(connection: PeerConnection, payload: Buffer): string | null {
    if (payload[0] === FRAME.refused) return this.#refusedBy(payload);
    const stage = this.#stage;
    switch (stage.kind) {
      case 'idle':
        return 'a frame out of turn';
      case 'greeting': {
        const theirs = payload[0] === FRAME.hello ? readHello(payload) : null;
        if (theirs === null) return 'an answer that is no hello';
        this.#stage = { kind: 'proving', hello: stage.hello, theirs, theirHello: payload };
        return null;
      }
      case 'proving':
        if (payload[0] !== FRAME.proof) return 'an answer that is no proof';
        this.#prove(connection, stage, payload);
        return null;
      case 'awaitingWelcome':
        if (payload[0] !== FRAME.welcome) return 'an answer that is no welcome';
        this.#welcomed(connection, stage.theirs);
        return null;
      case 'ready':
        if (payload[0] !== FRAME.pong) return 'a frame out of turn';
        this.#unansweredPings = 0;
        return null;
      default:
        return unreachable(stage);
    }
  }

  #prove(connection: PeerConnection, stage: Extract<Stage, { kind: 'proving' }>, payload: Buffer): void {
    const { secret, peer, hello } = this.#options;
    const hellos = { dialler: stage.hello, acceptor: stage.theirHello };
    const objection = !isProof(payload, proofOf(secret, 'acceptor', hellos))
      ? 'wrongSecret'
      : (objectionTo(hello(), stage.theirs) ?? (stage.theirs.node === peer ? null : 'otherNode'));
    if (objection !== null) {
      this.#failures = MOST_FAILURES;
      connection.refuse(objection);
      return;
    }
    connection.write([frameOf([Buffer.from([FRAME.proof]), proofOf(secret, 'dialler', hellos)])]);
    this.#stage = { kind: 'awaitingWelcome', theirs: stage.theirs };
  }

  #refusedBy(payload: Buffer): string {
    const code = readRefusal(payload);
    this.#failures = MOST_FAILURES;
    if (code === null) return 'it refused for a reason that is not known here';
    const who = code === 'duplicateName' ? `two nodes call themselves ${this.#options.hello().node}; ` : '';
    return `${who}it refused: ${PEER_REFUSALS[code]} (${code})`;
  }

  #welcomed(connection: PeerConnection, theirs: Hello): void {
    const { peer, timing, logger } = this.#options;
    clearTimeout(this.#timer);
    this.#stage = { kind: 'ready' };
    this.#failures = 0;
    this.#unansweredPings = 0;
    this.#problem = null;
    this.#tierId = theirs.tierId;
    logger.info({ peer, remote: connection.remote() }, `connected to ${peer}`);
    this.#pingTimer = setInterval(() => {
      // Counted by pings, not by time, so that a stall of this process does not look like silence of the peer.
      if (this.#unansweredPings >= timing.pingsUnanswered) {
        connection.destroy('it answers no pings');
        return;
      }
      this.#unansweredPings += 1;
      connection.write([bareFrame(FRAME.ping)]);
    }, timing.pingEveryMs);
  }
}
