import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import { type NodeName, nodeName } from '../../src/core/primitives/identifiers.ts';
import { LIMITS } from '../../src/core/primitives/limits.ts';
import { seededRandom } from '../../src/core/primitives/seeded-random.ts';
import { PROTOCOL_VERSION } from '../../src/platform/peer-codec.ts';
import { FRAME, type Frame, frameOf, jsonFrame } from '../../src/platform/peer-frames.ts';
import { proofOf } from '../../src/platform/peer-handshake.ts';
import type { PeerAddress } from '../../src/platform/peer-timing.ts';
import {
  type TcpTransport,
  type TcpTransportOptions,
  tcpTransport,
} from '../../src/platform/tcp-transport.ts';
import { appendOf, entries, timeoutNow } from './peer-message-samples.ts';
import { recordingLogger } from './recording-logger.ts';
import { contractNodes, describeTransport, reach, receiverOf } from './transport-contract.ts';

const LOOPBACK = '127.0.0.1';
const SECRET = 'a secret of the tier, only for tests';
const [a, b, c] = [nodeName('idc-a-1'), nodeName('idc-b-1'), nodeName('witness-1')];

/** Transports on free ports that find each other through one live map of addresses. */
function tcpNetwork() {
  const peers = new Map<NodeName, PeerAddress>();
  const opened: TcpTransport[] = [];
  // Nobody listens there: the dial is refused until the node is up and has entered its address.
  for (const node of contractNodes) peers.set(node, { host: LOOPBACK, port: 1 });
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
    await Promise.all(opened.map((transport) => transport.close()));
  };
  return { open, peers, dispose };
}

describeTransport('TCP transport', tcpNetwork);

describe('TCP transport: who is let in', () => {
  let network = tcpNetwork();
  const cleanups: (() => Promise<void>)[] = [];
  afterEach(async () => {
    await Promise.all(cleanups.splice(0).map((cleanup) => cleanup()));
    await network.dispose();
    network = tcpNetwork();
  });

  const startPair = async (first: Partial<TcpTransportOptions>, second: Partial<TcpTransportOptions>) => {
    const one = network.open(a, first);
    const other = network.open(b, second);
    const [atOne, atOther] = [receiverOf(one), receiverOf(other)];
    await Promise.all([one.start(), other.start()]);
    return { one, other, atOne, atOther };
  };

  const assertApart = (pair: Awaited<ReturnType<typeof startPair>>): void => {
    pair.one.send(b, timeoutNow(1));
    assert.deepEqual([pair.atOne.received, pair.atOther.received], [[], []]);
    assert.equal(pair.one.peers().get(b)?.connected, false);
  };

  it('refuses a node with another secret, and says so on both sides', async () => {
    const pair = await startPair({}, { secret: 'another secret of the same length...' });
    await Promise.all([
      pair.one.logger.says(/warn: .*do not hold the same tier secret/),
      pair.other.logger.says(/warn: .*do not hold the same tier secret/),
    ]);
    assertApart(pair);
  });

  it('refuses a node of another tier, and takes one that belongs to none yet', async () => {
    const pair = await startPair({ tierId: () => 'tier-1' }, { tierId: () => 'tier-2' });
    await Promise.all([
      pair.one.logger.says(/warn: .*belong to different tiers/),
      pair.other.logger.says(/warn: .*belong to different tiers/),
    ]);
    assertApart(pair);
    const newcomer = network.open(c, { tierId: () => null });
    const atNewcomer = receiverOf(newcomer);
    await newcomer.start();
    await reach(pair.one, c, atNewcomer, 2);
    await reach(newcomer, a, pair.atOne, 2);
    assert.equal(newcomer.peers().get(a)?.tierId, 'tier-1');
    assert.equal(pair.one.peers().get(c)?.tierId, null);
  });

  it('keeps the first of two nodes of one name and refuses the second, saying so on both sides', async () => {
    const { one, atOne } = await startPair({}, {});
    const first = network.open(c);
    await first.start();
    await reach(first, a, atOne, 1);
    const second = network.open(c);
    // Its own address must not take the place of the first's: it only dials.
    await second.startUnlisted();
    await Promise.all([
      one.logger.says(
        /warn: two nodes call themselves witness-1; the one at 127\.0\.0\.1:\d+ was refused, the other stays/,
      ),
      second.logger.says(/warn: .*two nodes call themselves witness-1; it refused/),
    ]);
    await reach(first, a, atOne, 2);
    second.send(a, timeoutNow(3));
    await reach(first, a, atOne, 4);
    assert.equal(
      atOne.received.some(({ message }) => JSON.stringify(message).includes('"term":3}')),
      false,
    );
  });

  it('takes the second of two nodes of one name once the first has fallen silent', async () => {
    const { atOne } = await startPair({ timing: { silenceMs: 60 } }, {});
    // It proves itself, and then says nothing ever again.
    const silent = await rawPeer(c, a);
    const restarted = network.open(c, {
      timing: { backoffShortestMs: 5, backoffLongestMs: 40, pingEveryMs: 10 },
    });
    await restarted.start();
    await reach(restarted, a, atOne, 1);
    await silent.ended;
  });

  it('refuses a node that calls itself like this one', async () => {
    const one = network.open(a);
    await one.start();
    const peers = new Map([...network.peers].filter(([name]) => name !== a));
    const address = one.address();
    assert.ok(address !== null);
    peers.set(b, address);
    const twin = network.open(a, { peers });
    await twin.start();
    await Promise.all([
      one.logger.says(/warn: two nodes call themselves idc-a-1/),
      twin.logger.says(/warn: .*two nodes call themselves/),
    ]);
  });

  it('refuses a node that it does not know, and one that stands at the address of another', async () => {
    const one = network.open(a);
    await one.start();
    const stranger = network.open(nodeName('stranger'));
    await stranger.start();
    await Promise.all([
      one.logger.says(/warn: .*calls itself stranger: the node is not a member/),
      stranger.logger.says(/warn: .*not a member that the other knows/),
    ]);
    const address = one.address();
    assert.ok(address !== null);
    const astray = network.open(c, { peers: new Map([[b, address]]) });
    await astray.start();
    await astray.logger.says(/warn: .*the address belongs to a node of another name/);
  });

  it('closes with a line whatever is not a handshake, and goes on', async () => {
    const { one, other, atOne } = await startPair({}, {});
    const random = seededRandom(5);
    const greetings: readonly Buffer[] = [
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      Buffer.from([0, 0, 0, 0]),
      Buffer.from([0x00, 0x00, 0x10, 0x01, 1]),
      ...Array.from({ length: 20 }, () =>
        Buffer.from(Array.from({ length: 60 }, () => random.integer(0, 256))),
      ),
      ...Array.from({ length: 20 }, () =>
        join(frameOf([Buffer.from(Array.from({ length: 40 }, () => random.integer(0, 32)))])),
      ),
      join(frameOf([Buffer.from([FRAME.ping])])),
      join(jsonFrame(FRAME.hello, { node: 'idc-b-1' })),
      join(jsonFrame(FRAME.json, { kind: 'raft', message: { type: 'timeoutNow', term: 66 } })),
      join(frameOf([Buffer.from([FRAME.proof]), Buffer.alloc(32)])),
    ];
    for (const greeting of greetings) {
      const socket = await dial(one);
      socket.write(greeting);
      // A length that promises more is waited for; closing from here ends that.
      if (greeting.length >= 4 && greeting.readUInt32BE(0) <= LIMITS.peerHandshakeFrameBytes) socket.end();
      await ended(socket);
    }
    assert.ok(
      one.logger.lines.some((line) => /was closed before it proved itself: a frame of a length/.test(line)),
    );
    assert.ok(
      one.logger.lines.some((line) =>
        /was closed before it proved itself: a greeting that is no hello/.test(line),
      ),
    );
    await reach(other, a, atOne, 1);
    assert.equal(
      atOne.received.some(({ message }) => JSON.stringify(message).includes('66')),
      false,
    );
  });

  it('bounds the connections that have proven nothing, and gives up on them', async () => {
    const one = network.open(a, { timing: { handshakeMs: 300, backoffLongestMs: 40 } });
    await one.start();
    const sockets = await Promise.all(Array.from({ length: LIMITS.peerHandshakes + 1 }, () => dial(one)));
    await one.logger.says(/warn: a connection was closed: too many have not proven/);
    await Promise.all(sockets.map(ended));
    await one.logger.says(/it did not prove itself in time/);
  });

  it('closes the connection of a proven node that sends what makes no sense, and takes it back', async () => {
    const { one, atOne } = await startPair({}, {});
    const nonsense: readonly (readonly [Buffer, RegExp])[] = [
      [join(frameOf([Buffer.from([200, 1, 2])])), /witness-1 sent an unknown type of message, 200/],
      [join(frameOf([Buffer.from([FRAME.append, 1, 2])])), /witness-1 sent a malformed message of type 17/],
      [
        frameOf([Buffer.from([FRAME.json]), Buffer.from('{"kind"')]),
        /witness-1 sent a message that is no JSON/,
      ],
      [join(jsonFrame(FRAME.json, { kind: 'gossip' })), /witness-1 sent a message whose kind is wrong/],
      [
        Buffer.from([0xff, 0xff, 0xff, 0xff]),
        /from witness-1 has ended: a frame of a length that is not allowed/,
      ],
      [join(jsonFrame(FRAME.hello, {})), /witness-1 sent an unknown type of message, 1/],
    ];
    for (const [bytes, line] of nonsense) {
      const peer = await rawPeer(c, a);
      peer.socket.write(bytes);
      await peer.ended;
      await one.logger.says(line);
    }
    const third = network.open(c);
    await third.start();
    await reach(third, a, atOne, 1);
  });

  it('drops half a frame with its connection', async () => {
    const { atOne, other } = await startPair({}, {});
    const whole = join(jsonFrame(FRAME.json, timeoutNow(77)));
    for (const length of [1, 3, 4, 5, whole.length - 1]) {
      const peer = await rawPeer(c, a);
      peer.socket.end(whole.subarray(0, length));
      await peer.ended;
    }
    await reach(other, a, atOne, 1);
    assert.equal(
      atOne.received.some(({ message }) => JSON.stringify(message).includes('77')),
      false,
    );
  });

  it('does not accept a proof that was overheard', async () => {
    const { one } = await startPair({}, {});
    const overheard = await rawPeer(c, a);
    overheard.socket.destroy();
    const socket = await dial(one);
    socket.write(Buffer.concat([overheard.hello, overheard.proof]));
    await one.logger.says(/calls itself witness-1: the two nodes do not hold the same tier secret/);
    await ended(socket);
  });

  it('dials afresh when a peer answers no pings', async () => {
    let dials = 0;
    const sockets = new Set<Socket>();
    const mute = createServer((socket) => {
      dials += 1;
      sockets.add(socket);
      socket.on('error', () => undefined);
      acceptOnce(socket);
      if (dials === 2) mute.emit('dialledAgain');
    });
    mute.listen(0, LOOPBACK);
    await once(mute, 'listening');
    cleanups.push(async () => {
      for (const socket of sockets) socket.destroy();
      mute.close();
      await once(mute, 'close');
    });
    const bound = mute.address();
    assert.ok(bound !== null && typeof bound === 'object');
    const one = network.open(a, {
      peers: new Map([[b, { host: LOOPBACK, port: bound.port }]]),
      timing: { pingEveryMs: 10, pingsUnanswered: 2, backoffShortestMs: 5, backoffLongestMs: 10 },
    });
    const again = once(mute, 'dialledAgain');
    await one.start();
    await again;
    assert.ok(one.logger.lines.some((line) => /no connection to idc-b-1: it answers no pings/.test(line)));
  });

  it('keeps a bounded queue for a peer that does not read, dropping the oldest', async () => {
    const deaf = createServer((socket) => {
      cleanups.push(async () => {
        socket.destroy();
      });
      socket.on('error', () => undefined);
      acceptOnce(socket, () => socket.pause());
    });
    deaf.listen(0, LOOPBACK);
    await once(deaf, 'listening');
    cleanups.push(async () => {
      deaf.close();
    });
    const bound = deaf.address();
    assert.ok(bound !== null && typeof bound === 'object');
    const one = network.open(a, { peers: new Map([[b, { host: LOOPBACK, port: bound.port }]]) });
    await one.start();
    await one.logger.says(/connected to idc-b-1/);
    const large = appendOf(entries(20, 50_000));
    for (let sent = 0; sent < 80; sent += 1) {
      one.send(b, large);
      await new Promise(setImmediate);
      const status = one.peers().get(b);
      assert.ok(
        status !== undefined && status.queuedBytes <= LIMITS.peerQueueBytes + 2 * LIMITS.peerBytesInSocket,
      );
    }
    assert.ok((one.peers().get(b)?.droppedMessages ?? 0) > 20);
  });

  it('says why it cannot listen', async () => {
    const one = network.open(a);
    await one.start();
    const address = one.address();
    assert.ok(address !== null);
    const other = network.open(b, { listen: address });
    await assert.rejects(other.start(), /EADDRINUSE/);
  });

  async function dial(to: { address(): PeerAddress | null }): Promise<Socket> {
    const address = to.address();
    assert.ok(address !== null);
    const socket = connect({ host: LOOPBACK, port: address.port });
    cleanups.push(async () => {
      socket.destroy();
    });
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  }

  /** A node played by hand: proves itself, and then sends whatever the test likes. */
  async function rawPeer(node: NodeName, to: NodeName) {
    const address = network.peers.get(to);
    assert.ok(address !== undefined);
    const socket = await dial({ address: () => address });
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
});

const join = (frame: Frame): Buffer => Buffer.concat(frame.parts);

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
function acceptOnce(socket: Socket, welcomed: () => void = () => undefined): void {
  let got: Buffer = Buffer.alloc(0);
  let hasGreeted = false;
  socket.on('data', (piece) => {
    got = Buffer.concat([got, piece]);
    const [theirs, proof] = framesIn(got);
    if (theirs !== undefined && !hasGreeted) {
      hasGreeted = true;
      const hello = jsonFrame(FRAME.hello, helloOf(b, a));
      const hellos = { dialler: theirs, acceptor: join(hello).subarray(4) };
      socket.write(join(hello));
      socket.write(join(frameOf([Buffer.from([FRAME.proof]), proofOf(SECRET, 'acceptor', hellos)])));
    }
    if (proof === undefined) return;
    socket.removeAllListeners('data');
    socket.write(join(frameOf([Buffer.from([FRAME.welcome])])));
    socket.resume();
    welcomed();
  });
}

async function ended(socket: Socket): Promise<void> {
  socket.resume();
  if (!socket.closed) await once(socket, 'close');
}
