/**
 * The side that peers dial. Nothing of a connection is read as a message before its node has proven the secret, and
 * at most one connection per node is kept: a second process of the same name is refused while the first is heard.
 */
import type { Socket } from 'node:net';
import { unreachable } from '../core/primitives/assert.ts';
import type { NodeName } from '../core/primitives/identifiers.ts';
import { LIMITS } from '../core/primitives/limits.ts';
import { createLogThrottle } from './log-throttle.ts';
import type { Logger } from './logger.ts';
import { openPeerConnection, type PeerConnection } from './peer-connection.ts';
import { bareFrame, FRAME, frameOf, jsonFrame } from './peer-frames.ts';
import {
  type Hello,
  isProof,
  objectionTo,
  PEER_REFUSALS,
  type PeerRefusal,
  proofOf,
  readHello,
  readRefusal,
} from './peer-handshake.ts';
import type { PeerTiming } from './peer-timing.ts';

const REPEATED_LINE_MS = 10_000;

export type PeerAcceptorOptions = {
  readonly secret: string;
  readonly hello: () => Hello;
  readonly isPeer: (node: NodeName) => boolean;
  /** One message; a returned string says why it makes no sense. */
  readonly onMessage: (from: NodeName, payload: Buffer) => string | null;
  readonly timing: PeerTiming;
  readonly logger: Logger;
  readonly nowMs: () => number;
};

type Accepted = { readonly connection: PeerConnection; readonly instance: string; heardMs: number };

type Stage =
  | { readonly kind: 'awaitingHello' }
  | { readonly kind: 'awaitingProof'; readonly own: Hello; readonly theirs: Hello; readonly expected: Buffer }
  | { readonly kind: 'ready'; readonly node: NodeName; readonly accepted: Accepted };

/** A connection and how far it has come. */
type Guest = { readonly connection: PeerConnection; readonly socket: Socket; stage: Stage };

export class PeerAcceptor {
  readonly #options: PeerAcceptorOptions;
  readonly #mayLog = createLogThrottle(REPEATED_LINE_MS);
  /** Connections that have proven themselves, by node. */
  readonly #ready = new Map<NodeName, Accepted>();
  readonly #guests = new Set<Guest>();

  constructor(options: PeerAcceptorOptions) {
    this.#options = options;
  }

  accept(socket: Socket): void {
    const handshakes = this.#guests.size - this.#ready.size;
    if (handshakes >= LIMITS.peerHandshakes) {
      this.#warn(
        'handshakes',
        {},
        'a connection was closed: too many have not proven yet that they are nodes',
      );
      socket.destroy();
      return;
    }
    const connection = openPeerConnection(socket, {
      onFrame: (payload) => this.#receive(guest, payload),
      onDrain: () => undefined,
      onEnd: (why) => {
        clearTimeout(timer);
        this.#ended(guest, why);
      },
    });
    const guest: Guest = { connection, socket, stage: { kind: 'awaitingHello' } };
    const patience = (): void => {
      if (guest.stage.kind !== 'ready') connection.destroy('it did not prove itself in time');
    };
    const timer = setTimeout(patience, this.#options.timing.handshakeMs);
    this.#guests.add(guest);
  }

  async close(): Promise<void> {
    const closing = [...this.#guests].map(({ connection }) => connection);
    for (const connection of closing) connection.destroy('this node closes');
    await Promise.all(closing.map(({ closed }) => closed));
  }

  /** Says what is wrong with a frame; null for one that is in order. */
  #receive(guest: Guest, payload: Buffer): string | null {
    const { connection, stage } = guest;
    switch (stage.kind) {
      case 'awaitingHello':
        return this.#greet(guest, payload);
      case 'awaitingProof':
        if (payload[0] === FRAME.refused) return this.#refusedBy(guest, stage.theirs, payload);
        if (payload[0] !== FRAME.proof) return 'an answer that is no proof';
        if (isProof(payload, stage.expected)) this.#admit(guest, stage.own, stage.theirs);
        else this.#refuse(guest, stage.theirs, 'wrongSecret');
        return null;
      case 'ready':
        stage.accepted.heardMs = this.#options.nowMs();
        if (payload[0] !== FRAME.ping) return this.#options.onMessage(stage.node, payload);
        if (connection.pendingBytes() > LIMITS.peerHandshakeFrameBytes)
          return 'pings whose answers are not read';
        connection.write([bareFrame(FRAME.pong)]);
        return null;
      default:
        return unreachable(stage);
    }
  }

  #greet(guest: Guest, payload: Buffer): string | null {
    const { secret, hello } = this.#options;
    const theirs = payload[0] === FRAME.hello ? readHello(payload) : null;
    if (theirs === null) return 'a greeting that is no hello';
    const own = { ...hello(), to: theirs.node };
    const frame = jsonFrame(FRAME.hello, own);
    const hellos = { dialler: payload, acceptor: Buffer.concat(frame.parts.slice(1)) };
    const proof = proofOf(secret, 'acceptor', hellos);
    guest.connection.write([frame, frameOf([Buffer.from([FRAME.proof]), proof])]);
    guest.stage = { kind: 'awaitingProof', own, theirs, expected: proofOf(secret, 'dialler', hellos) };
    return null;
  }

  /** Judges a node that has proven the secret. */
  #admit(guest: Guest, own: Hello, theirs: Hello): void {
    const { isPeer, nowMs, timing, logger } = this.#options;
    const { connection, socket } = guest;
    const { node, instance } = theirs;
    const former = this.#ready.get(node);
    const isHeard = former !== undefined && nowMs() - former.heardMs < timing.silenceMs;
    let objection = objectionTo(own, theirs);
    if (objection === null && theirs.to !== own.node) objection = 'otherNode';
    if (objection === null && !isPeer(node)) objection = 'unknownNode';
    if (objection === null && isHeard && former.instance !== instance) objection = 'duplicateName';
    if (objection !== null) {
      this.#refuse(guest, theirs, objection);
      return;
    }
    former?.connection.destroy('replaced by a newer connection');
    const accepted = { connection, instance, heardMs: nowMs() };
    this.#ready.set(node, accepted);
    guest.stage = { kind: 'ready', node, accepted };
    connection.allowLargeFrames();
    connection.write([bareFrame(FRAME.welcome)]);
    socket.setTimeout(timing.silenceMs * 3, () => connection.destroy('it fell silent'));
    logger.info({ peer: node, remote: connection.remote() }, `${node} is connected`);
  }

  #refuse({ connection }: Guest, theirs: Hello, code: PeerRefusal): void {
    const remote = connection.remote();
    const { node } = theirs;
    const meaning =
      code === 'duplicateName'
        ? `two nodes call themselves ${node}; the one at ${remote} was refused, the other stays`
        : `refused a connection from ${remote}, which calls itself ${node}: ${PEER_REFUSALS[code]}`;
    this.#warn(`${code} ${node}`, { peer: node, remote, code }, meaning);
    connection.refuse(code);
  }

  /** The dialler saw first what is wrong. */
  #refusedBy({ connection }: Guest, theirs: Hello, payload: Buffer): string {
    const code = readRefusal(payload);
    const remote = connection.remote();
    const meaning = code === null ? 'no reason that is known here' : PEER_REFUSALS[code];
    const who = code === 'duplicateName' ? `two nodes call themselves ${theirs.node}; ` : '';
    const message = `${who}${theirs.node} at ${remote} refused this node: ${meaning}`;
    this.#warn(`${code} ${theirs.node}`, { peer: theirs.node, remote, code }, message);
    return 'refused by the other side';
  }

  #ended(guest: Guest, why: string): void {
    const { stage, connection } = guest;
    const remote = connection.remote();
    this.#guests.delete(guest);
    if (stage.kind === 'ready') {
      if (this.#ready.get(stage.node) === stage.accepted) this.#ready.delete(stage.node);
      const message = `the connection from ${stage.node} has ended: ${why}`;
      this.#options.logger.info({ peer: stage.node, remote, why }, message);
    } else if (!why.startsWith('refused')) {
      const message = `a connection from ${remote} was closed before it proved itself: ${why}`;
      this.#warn(`unproven ${why}`, { remote, why }, message);
    }
  }

  #warn(key: string, fields: object, message: string): void {
    if (this.#mayLog(key, this.#options.nowMs())) this.#options.logger.warn(fields, message);
  }
}
