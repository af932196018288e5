/** TCP transports on free ports, and peers played by hand that say what no transport would. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type NodeName, nodeName } from '../../src/core/primitives/identifiers.ts';
import { PROTOCOL_VERSION } from '../../src/platform/peer-codec.ts';
import { FRAME, type Frame, frameOf, jsonFrame } from '../../src/platform/peer-frames.ts';
import { proofOf } from '../../src/platform/peer-handshake.ts';
import type { PeerAddress } from '../../src/platform/peer-timing.ts';
import {
  type TcpTransport,
  type TcpTransportOptions,
  tcpTransport,
} from '../../src/platform/tcp-transport.ts';
import { recordingLogger } from './recording-logger.ts';
import { contractNodes } from './transport-contract.ts';

export const LOOPBACK = '127.0.0.1';
const SECRET = 'a secret of the tier, only for tests';

/** Transports on free ports that find each other through one live map of addresses. */
export function tcpNetwork() {
  const peers = new Map<NodeName, PeerAddress>();
  const opened: TcpTransport[] = [];
  // Nobody listens there: the dial is refused until the node is up and has entered its address.
  for (const node of contractNodes) peers.set(node, { host: LOOPBACK, port: 1 });
  const cleanups: (() => void)[] = [];
  const open = (node: NodeName, options: Partial<TcpTransportOptions> = {}) => {
    const logger = recordingLogger();
    const transport = tcpTransport({
      node,
      listen: { host: LOOPBACK, port: 0 },
      peers,
      secret: SECRET,
      tierId: () => null,
      logger,
      timing: { backoffShortestMs: 5, backoffLongestMs: 40 },
      ...options,
    });
    opened.push(transport);
    const start = async (): Promise<void> => {
      await transport.start();
      const address = transport.address();
      if (address !== null && options.peers === undefined) peers.set(node, address);
    };
    return { ...transport, start, startUnlisted: transport.start, logger };
  };
  const dispose = async (): Promise<void> => {
    for (const cleanup of cleanups.splice(0)) cleanup();
    await Promise.all(opened.map((transport) => transport.close()));
  };
  /** Also after a test that failed. */
  const dial = async (address: PeerAddress | null | undefined): Promise<Socket> => {
    assert.ok(address !== null && address !== undefined, 'it listens');
    const socket = connect(address);
    cleanups.push(() => socket.destroy());
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  };
  return { open, peers, dial, dispose };
}

/** A node played by hand: proves itself, and then sends whatever the test likes. */
export async function rawPeer(socket: Socket, node: NodeName, to: NodeName) {
  const end = ended(socket);
  const hello = jsonFrame(FRAME.hello, helloOf(node, to));
  const welcome = new Promise<Buffer>((resolve) => {
    let got: Buffer = Buffer.alloc(0);
    let proof: Buffer = Buffer.alloc(0);
    socket.on('data', (piece) => {
      got = Buffer.concat([got, piece]);
      const [theirs, , last] = framesIn(got);
      if (theirs !== undefined && proof.length === 0) {
        const hellos = { dialler: join(hello).subarray(4), acceptor: theirs };
        proof = join(frameOf([Buffer.from([FRAME.proof]), proofOf(SECRET, 'dialler', hellos)]));
        socket.write(proof);
      }
      if (last?.[0] === FRAME.welcome) resolve(proof);
    });
  });
  socket.write(join(hello));
  return { socket, ended: end, hello: join(hello), proof: await welcome };
}

export const join = (frame: Frame): Buffer => Buffer.concat(frame.parts);

const helloOf = (node: NodeName, to: NodeName) => ({
  protocolVersion: PROTOCOL_VERSION,
  node,
  to,
  tierId: null,
  instance: Math.random().toString(36),
  nonce: 'ab'.repeat(32),
});

function framesIn(bytes: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  let rest = bytes;
  while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE(0)) {
    const end = 4 + rest.readUInt32BE(0);
    frames.push(rest.subarray(4, end));
    rest = rest.subarray(end);
  }
  return frames;
}

/** The accepting side, played by hand as node idc-b-1: welcomes whoever dials, and answers nothing after. */
export function acceptOnce(socket: Socket, welcomed: () => void = () => undefined, secret = SECRET): void {
  let got: Buffer = Buffer.alloc(0);
  let hasGreeted = false;
  socket.on('data', (piece) => {
    got = Buffer.concat([got, piece]);
    const [theirs, proof] = framesIn(got);
    if (theirs !== undefined && !hasGreeted) {
      hasGreeted = true;
      const hello = jsonFrame(FRAME.hello, helloOf(nodeName('idc-b-1'), nodeName('idc-a-1')));
      const hellos = { dialler: theirs, acceptor: join(hello).subarray(4) };
      socket.write(join(hello));
      socket.write(join(frameOf([Buffer.from([FRAME.proof]), proofOf(secret, 'acceptor', hellos)])));
    }
    if (proof?.[0] !== FRAME.proof) return;
    socket.removeAllListeners('data');
    socket.write(join(frameOf([Buffer.from([FRAME.welcome])])));
    socket.resume();
    welcomed();
  });
}

export async function ended(socket: Socket): Promise<void> {
  socket.resume();
  if (!socket.closed) await once(socket, 'close');
}
