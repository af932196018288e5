/** What every TransportPort does, whatever is underneath. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PeerMessage } from '../../src/core/node/peer-message.ts';
import type { TransportPort } from '../../src/core/node/ports.ts';
import { type NodeName, nodeName } from '../../src/core/primitives/identifiers.ts';
import { appendOf, comparable, entries, peerMessageSamples, timeoutNow } from './peer-message-samples.ts';

/** Transports that may reach each other; a name can be opened again once it was closed. */
export type NetworkHarness = {
  /** Not started yet. */
  open(node: NodeName): TransportPort;
  dispose(): Promise<void>;
};

const [a, b, c] = [nodeName('idc-a-1'), nodeName('idc-b-1'), nodeName('witness-1')];
export const contractNodes: readonly NodeName[] = [a, b, c];

const RESEND_MS = 10;
const PATIENCE_MS = 30_000;

type Received = { readonly from: NodeName; readonly message: PeerMessage };

/** Collects what a transport receives, and waits for it. */
export function receiverOf(transport: TransportPort) {
  const received: Received[] = [];
  let woken = (): void => undefined;
  transport.onMessage((from, message) => {
    received.push({ from, message });
    woken();
  });
  const until = async (isEnough: () => boolean, what: string): Promise<void> => {
    const deadlineMs = performance.now() + PATIENCE_MS;
    while (!isEnough()) {
      assert.ok(performance.now() < deadlineMs, `${what}: received ${received.length} messages only`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 100);
        woken = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  };
  return { received, until };
}

/** Repeats a message, as Raft does, until it has arrived: connections come about in their own time. */
export async function reach(
  from: TransportPort,
  to: NodeName,
  receiver: ReturnType<typeof receiverOf>,
  mark: number,
): Promise<void> {
  const timer = setInterval(() => from.send(to, timeoutNow(mark)), RESEND_MS);
  try {
    await receiver.until(() => hasMark(receiver.received, mark), `reaching ${to}`);
  } finally {
    clearInterval(timer);
  }
}

const hasMark = (received: readonly Received[], mark: number): boolean =>
  received.some(
    ({ message }) =>
      message.kind === 'raft' && message.message.type === 'timeoutNow' && message.message.term === mark,
  );

export function describeTransport(name: string, makeNetwork: () => NetworkHarness): void {
  const withNetwork = (body: (network: NetworkHarness) => Promise<void>) => async () => {
    const network = makeNetwork();
    try {
      await body(network);
    } finally {
      await network.dispose();
    }
  };
  const startPair = async (network: NetworkHarness) => {
    const [first, second] = [network.open(a), network.open(b)];
    const [atFirst, atSecond] = [receiverOf(first), receiverOf(second)];
    await Promise.all([first.start(), second.start()]);
    await Promise.all([reach(first, b, atSecond, 1), reach(second, a, atFirst, 1)]);
    return { first, second, atFirst, atSecond };
  };

  describe(`${name}: what every transport does`, () => {
    it(
      'carries every kind of message, and says who sent it',
      withNetwork(async (network) => {
        const { first, atSecond } = await startPair(network);
        const before = atSecond.received.length;
        for (const message of peerMessageSamples) first.send(b, message);
        first.send(b, timeoutNow(2));
        await atSecond.until(() => hasMark(atSecond.received, 2), 'every kind');
        const arrived = atSecond.received.slice(before).filter(({ message }) => !isMark(message, 1));
        assert.deepEqual(
          arrived.map(({ message }) => comparable(message)),
          [...peerMessageSamples, timeoutNow(2)].map(comparable),
        );
        assert.ok(arrived.every(({ from }) => from === a));
      }),
    );

    it(
      'carries a burst, large and small, both ways at once',
      withNetwork(async (network) => {
        const { first, second, atFirst, atSecond } = await startPair(network);
        const large = appendOf(entries(600, 1_500));
        for (let round = 1_000; round < 2_000; round += 1) {
          first.send(b, timeoutNow(round));
          second.send(a, timeoutNow(round));
          if (round % 100 === 0) first.send(b, large);
        }
        await atSecond.until(() => hasMark(atSecond.received, 1_999), 'the burst');
        await atFirst.until(() => hasMark(atFirst.received, 1_999), 'the burst back');
        const appends = atSecond.received.filter(
          ({ message }) => message.kind === 'raft' && message.message.type === 'append',
        );
        assert.equal(appends.length, 10);
        assert.deepEqual(comparable(appends[9]?.message), comparable(large));
        for (let round = 1_000; round < 2_000; round += 1) assert.ok(hasMark(atSecond.received, round));
      }),
    );

    it(
      'drops what goes to nobody: an unknown node, itself, one that is not there',
      withNetwork(async (network) => {
        const { first, atFirst, second } = await startPair(network);
        first.send(nodeName('stranger'), timeoutNow(8));
        first.send(a, timeoutNow(8));
        first.send(c, timeoutNow(8));
        await reach(second, a, atFirst, 9);
        assert.equal(hasMark(atFirst.received, 8), false);
      }),
    );

    it(
      'takes messages before it is started, and drops them',
      withNetwork(async (network) => {
        const first = network.open(a);
        first.send(b, timeoutNow(3));
        const second = network.open(b);
        const atSecond = receiverOf(second);
        await second.start();
        await first.start();
        await reach(first, b, atSecond, 4);
        assert.equal(hasMark(atSecond.received, 3), false);
      }),
    );

    it(
      'reaches a peer that was restarted, in both directions',
      withNetwork(async (network) => {
        const { first, second, atFirst } = await startPair(network);
        await second.close();
        first.send(b, timeoutNow(5));
        const again = network.open(b);
        const atAgain = receiverOf(again);
        await again.start();
        await Promise.all([reach(first, b, atAgain, 6), reach(again, a, atFirst, 6)]);
        assert.equal(hasMark(atAgain.received, 5), false);
      }),
    );

    it(
      'neither delivers nor sends once it is closed',
      withNetwork(async (network) => {
        const { first, second, atFirst, atSecond } = await startPair(network);
        const third = network.open(c);
        const atThird = receiverOf(third);
        await third.start();
        await reach(first, c, atThird, 1);
        await second.close();
        await second.close();
        const [before, beforeFirst] = [atSecond.received.length, atFirst.received.length];
        first.send(b, timeoutNow(7));
        second.send(a, timeoutNow(7));
        await reach(first, c, atThird, 10);
        assert.equal(atSecond.received.length, before);
        assert.equal(atFirst.received.length, beforeFirst);
      }),
    );
  });
}

const isMark = (message: PeerMessage, mark: number): boolean =>
  message.kind === 'raft' && message.message.type === 'timeoutNow' && message.message.term === mark;
