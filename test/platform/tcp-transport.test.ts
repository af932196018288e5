import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import { nodeName } from '../../src/core/primitives/identifiers.ts';
import { LIMITS } from '../../src/core/primitives/limits.ts';
import { seededRandom } from '../../src/core/primitives/seeded-random.ts';
import { FRAME, frameOf, jsonFrame } from '../../src/platform/peer-frames.ts';
import type { TcpTransportOptions } from '../../src/platform/tcp-transport.ts';
import { appendOf, entries, timeoutNow } from './peer-message-samples.ts';
import { acceptOnce, ended, join, LOOPBACK, rawPeer, tcpNetwork } from './tcp-peers.ts';
import { describeTransport, reach, receiverOf } from './transport-contract.ts';

const [a, b, c] = [nodeName('idc-a-1'), nodeName('idc-b-1'), nodeName('witness-1')];

describeTransport('TCP transport', tcpNetwork);

describe('TCP transport: who is let in', () => {
  let network = tcpNetwork();
  const cleanups: (() => Promise<void>)[] = [];
  afterEach(async () => {
    await Promise.all(cleanups.splice(0).map((cleanup) => cleanup()));
    await network.dispose();
    network = tcpNetwork();
  });

  const playWitness = async () => rawPeer(await network.dial(network.peers.get(a)), c, a);

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
    const silent = await playWitness();
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
      const socket = await network.dial(one.address());
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
    const sockets = await Promise.all(
      Array.from({ length: LIMITS.peerHandshakes + 1 }, () => network.dial(one.address())),
    );
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
        join(frameOf([Buffer.from([FRAME.json]), Buffer.from('{"kind"')])),
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
      const peer = await playWitness();
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
      const peer = await playWitness();
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
    const overheard = await playWitness();
    overheard.socket.destroy();
    const socket = await network.dial(one.address());
    socket.write(Buffer.concat([overheard.hello, overheard.proof]));
    await one.logger.says(/calls itself witness-1: the two nodes do not hold the same tier secret/);
    await ended(socket);
  });

  it('proves nothing to a listener that does not prove the secret first', async () => {
    const impostor = createServer((socket) => {
      socket.on('error', () => undefined);
      acceptOnce(socket, () => impostor.emit('proven'), 'not the secret of the tier');
    });
    impostor.listen(0, LOOPBACK);
    await once(impostor, 'listening');
    cleanups.push(async () => {
      impostor.close();
    });
    let wasProven = false;
    impostor.once('proven', () => {
      wasProven = true;
    });
    const bound = impostor.address();
    assert.ok(bound !== null && typeof bound === 'object');
    const one = network.open(a, { peers: new Map([[b, { host: LOOPBACK, port: bound.port }]]) });
    await one.start();
    await one.logger.says(/warn: no connection to idc-b-1: refused: .*do not hold the same tier secret/);
    assert.equal(wasProven, false);
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
    await one.logger.says(/no connection to idc-b-1: it answers no pings/);
    await again;
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
});

describe('TCP transport: news gives way', () => {
  it('writes an append without entries after the answers of its turn, and with entries that follow it', async () => {
    const network = tcpNetwork();
    try {
      const [one, other] = [network.open(a), network.open(b)];
      const atOther = receiverOf(other);
      await Promise.all([one.start(), other.start()]);
      await reach(one, b, atOther, 1);
      const sent = (): number => one.peers().get(b)?.sentMessages ?? 0;
      // A tick's callback has a turn of its own, after which nothing is left to write.
      await new Promise((turn) => setImmediate(turn));
      const before = sent();
      one.send(b, appendOf([], 11));
      await new Promise<void>((answered) => process.nextTick(answered));
      assert.equal(sent(), before, 'news is not written before answers are');
      await new Promise((turn) => setImmediate(turn));
      assert.equal(sent(), before + 1, 'news alone leaves with the turn');
      one.send(b, appendOf([], 12));
      one.send(b, appendOf(entries(1, 10), 13));
      await new Promise<void>((written) => process.nextTick(written));
      assert.equal(sent(), before + 3, 'entries take along what waits, and wait for nothing');
      const roundsReceived = (): number[] =>
        atOther.received.flatMap(({ message }) =>
          message.kind === 'raft' && message.message.type === 'append' ? [message.message.round] : [],
        );
      await atOther.until(() => roundsReceived().length === 3, 'three appends');
      assert.deepEqual(roundsReceived(), [11, 12, 13]);
    } finally {
      await network.dispose();
    }
  });
});
