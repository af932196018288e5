/**
 * The twin of the TCP transport for tests: nodes in one process. Messages pass through the wire codec, so that one
 * which would not survive the wire does not survive here either.
 */
import type { PeerMessage } from '../core/node/peer-message.ts';
import type { TransportPort } from '../core/node/ports.ts';
import { assert } from '../core/primitives/assert.ts';
import type { NodeName } from '../core/primitives/identifiers.ts';
import { decodePeerMessage, encodePeerMessage } from './peer-codec.ts';

type Handler = (from: NodeName, message: PeerMessage) => void;

export type MemoryNetwork = {
  transport(node: NodeName): TransportPort;
  /** Drops what one node sends to the other from now on, until `heal`. */
  cut(from: NodeName, to: NodeName): void;
  heal(): void;
};

export function memoryNetwork(): MemoryNetwork {
  const started = new Map<NodeName, Handler>();
  const cuts = new Set<string>();
  const linkOf = (from: NodeName, to: NodeName): string => `${from} ${to}`;

  const deliver = (from: NodeName, to: NodeName, payload: Buffer): void => {
    const decoded = decodePeerMessage(payload);
    assert(decoded.ok, `${from} sent what ${to} cannot read`);
    started.get(to)?.(from, decoded.message);
  };

  return {
    transport: (node) => {
      let handler: Handler = () => undefined;
      return {
        send: (to, message) => {
          if (to === node || !started.has(node) || !started.has(to) || cuts.has(linkOf(node, to))) return;
          const payload = Buffer.concat(encodePeerMessage(message));
          setImmediate(() => deliver(node, to, payload));
        },
        onMessage: (next) => {
          handler = next;
        },
        start: async () => {
          started.set(node, (from, message) => handler(from, message));
        },
        close: async () => {
          started.delete(node);
        },
      };
    },
    cut: (from, to) => {
      cuts.add(linkOf(from, to));
    },
    heal: () => cuts.clear(),
  };
}
