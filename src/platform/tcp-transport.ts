/**
 * TransportPort over TCP. Each node dials every peer and sends on the connection it dialled, so that a pair has two
 * connections and neither has to agree with the other who dials. Bad bytes cost a connection, never the process.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { PeerMessage } from '../core/node/peer-message.ts';
import type { TransportPort } from '../core/node/ports.ts';
import type { NodeName } from '../core/primitives/identifiers.ts';
import type { Logger } from './logger.ts';
import { PeerAcceptor } from './peer-acceptor.ts';
import { decodePeerMessage, encodePeerMessage, PROTOCOL_VERSION } from './peer-codec.ts';
import { fitsIntoFrame, frameOf } from './peer-frames.ts';
import type { Hello } from './peer-handshake.ts';
import { PeerLink, type PeerLinkStatus } from './peer-link.ts';
import { PEER_TIMING, type PeerAddress, type PeerTiming } from './peer-timing.ts';

/**
 * An append without entries tells how far the log is committed, or asks whether its sender still leads. Followers gain
 * nothing by hearing it before clients have their answers, and the next entries often carry it along.
 */
const isNews = (message: PeerMessage): boolean =>
  message.kind === 'raft' && message.message.type === 'append' && message.message.entries.length === 0;

export type TcpTransportOptions = {
  readonly node: NodeName;
  readonly listen: PeerAddress;
  /** Who the peers are is read once; where they are, at every dial. An entry for this node itself is ignored. */
  readonly peers: ReadonlyMap<NodeName, PeerAddress>;
  /** The same on all nodes of a tier; at least 16 random bytes' worth. */
  readonly secret: string;
  /** Null until the node has applied the first command of its tier. */
  readonly tierId: () => string | null;
  readonly logger: Logger;
  readonly timing?: Partial<PeerTiming>;
};

export type TcpTransport = TransportPort & {
  /** Where it listens; null before `start` has resolved. */
  address(): PeerAddress | null;
  peers(): ReadonlyMap<NodeName, PeerLinkStatus>;
};

/** `start` rejects with the system's error where the port cannot be listened on. */
export function tcpTransport(options: TcpTransportOptions): TcpTransport {
  const { node, secret, logger } = options;
  const timing = { ...PEER_TIMING, ...options.timing };
  const instance = randomBytes(16).toString('hex');
  const links = new Map<NodeName, PeerLink>();
  let handler: (from: NodeName, message: PeerMessage) => void = () => undefined;

  const helloTo = (to: string): Hello => ({
    protocolVersion: PROTOCOL_VERSION,
    node,
    to,
    tierId: options.tierId(),
    instance,
    nonce: randomBytes(32).toString('hex'),
  });

  const acceptor = new PeerAcceptor({
    secret,
    timing,
    logger,
    hello: () => helloTo(''),
    isPeer: (name) => links.has(name),
    nowMs: () => performance.now(),
    onMessage: (from, payload) => {
      const decoded = decodePeerMessage(payload);
      if (!decoded.ok) {
        logger.warn({ peer: from }, `${from} sent ${decoded.problem}`);
        return decoded.problem;
      }
      handler(from, decoded.message);
      return null;
    },
  });
  const server = createServer({ noDelay: true }, (socket) => acceptor.accept(socket));

  for (const peer of options.peers.keys()) {
    if (peer === node) continue;
    const address = (): PeerAddress | null => options.peers.get(peer) ?? null;
    const link = { peer, address, secret, hello: () => helloTo(peer), timing, logger, random: Math.random };
    links.set(peer, new PeerLink(link));
  }

  return {
    send: (to, message) => {
      const link = links.get(to);
      if (link === undefined) return;
      const frame = frameOf(encodePeerMessage(message));
      if (!fitsIntoFrame(frame)) {
        logger.error(
          { peer: to, kind: message.kind, bytes: frame.bytes },
          'a message too large for a frame was dropped',
        );
        return;
      }
      link.send(frame, isNews(message));
    },
    onMessage: (next) => {
      handler = next;
    },
    start: async () => {
      server.listen({ host: options.listen.host, port: options.listen.port });
      await once(server, 'listening');
      for (const link of links.values()) link.start();
    },
    address: () => {
      const bound = server.address();
      return bound === null || typeof bound === 'string' ? null : { host: bound.address, port: bound.port };
    },
    peers: () => new Map([...links].map(([name, link]) => [name, link.status()])),
    close: async () => {
      handler = () => undefined;
      const stopped = server.listening ? once(server, 'close') : Promise.resolve();
      server.close();
      await Promise.all([acceptor.close(), ...[...links.values()].map((link) => link.close())]);
      await stopped;
    },
  };
}
