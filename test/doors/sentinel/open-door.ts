/** A Sentinel door on a free port before a node of one, and clients that speak to it in bare bytes. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { clusterName, nodeName, siteName } from '../../../src/core/primitives/identifiers.ts';
import type { SentinelPort } from '../../../src/core/sentinels/sentinel-port.ts';
import type { SentinelUserSettings } from '../../../src/doors/sentinel/door-ports.ts';
import { createSentinelDoor } from '../../../src/doors/sentinel/sentinel-door.ts';
import { FakeSentinels } from '../../core/sentinels/fake-sentinels.ts';
import { systemClock } from '../../support/redis-group.ts';
import { type FakeNode, fakeNode } from '../http/fake-node.ts';

export type Client = {
  /** Sends one request, and answers what comes back until nothing has for a moment. */
  ask(...words: readonly string[]): Promise<string>;
  send(text: string): void;
  /** Everything received so far, and not taken yet; waits until it is as wanted. */
  until(isEnough: (text: string) => boolean): Promise<string>;
  readonly socket: Socket;
};

export type OpenDoor = {
  readonly node: FakeNode;
  readonly port: number;
  readonly bugs: Error[];
  /** How many subscribers were ended at a time. */
  readonly ended: number[];
  client(): Promise<Client>;
};

const PATIENCE_MS = 20_000;
const SUBSCRIBER_PATIENCE_MS = 500;
export const NO_LOGIN = '-NOAUTH Authentication required.\r\n';

const idcOf = (host: string) =>
  host.startsWith('10.1.') ? siteName('idc-a') : host.startsWith('10.2.') ? siteName('idc-b') : null;

export async function openDoor(
  t: TestContext,
  users: readonly SentinelUserSettings[] = [],
  sentinels: Pick<SentinelPort, 'slavesOf'> = new FakeSentinels(),
): Promise<OpenDoor> {
  const node = fakeNode();
  const bugs: Error[] = [];
  const ended: number[] = [];
  const peers = (['a', 'b', 'w'] as const).map((letter, at) => ({
    node: nodeName(`node-${letter}`),
    site: siteName(['idc-a', 'idc-b', 'witness'][at] ?? ''),
    host: `10.0.0.${at + 1}`,
    port: 26_379,
  }));
  const door = createSentinelDoor(
    {
      self: nodeName('node-a'),
      peers,
      nodes: 3,
      isConnected: (other) => other !== nodeName('node-w'),
      defaultCluster: clusterName('default'),
      users,
      subscriberPatienceMs: SUBSCRIBER_PATIENCE_MS,
      version: '0.0.0',
    },
    {
      face: node,
      clock: systemClock,
      sentinels,
      idcOfAddress: idcOf,
      onBug: (error) => bugs.push(error),
      onSubscribersEnded: (subscribers) => ended.push(subscribers),
    },
  );
  const port = await door.listen({ host: '127.0.0.1', port: 0 });
  t.after(() => door.close());
  return { node, port, bugs, ended, client: () => clientOf(t, port) };
}

async function clientOf(t: TestContext, port: number): Promise<Client> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  t.after(() => socket.destroy());
  await once(socket, 'connect');
  let received = '';
  let woken = (): void => undefined;
  const wake = (): void => woken();
  socket.on('data', (piece) => {
    received += piece.toString('latin1');
    wake();
  });
  socket.on('close', wake);
  socket.on('error', wake);
  const until = async (isEnough: (text: string) => boolean): Promise<string> => {
    const deadlineMs = performance.now() + PATIENCE_MS;
    while (!isEnough(received)) {
      if (performance.now() > deadlineMs) throw new Error(`received only ${JSON.stringify(received)}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 50);
        woken = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    const taken = received;
    received = '';
    return taken;
  };
  // What the door answers to a word that it does not know marks the end of what it answered before.
  const ends = ["-ERR unknown command 'end', with args beginning with: \r\n", NO_LOGIN];
  return {
    socket,
    send: (text) => socket.write(text, 'latin1'),
    until,
    ask: async (...words) => {
      const request = `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
      socket.write(`${request}*1\r\n$3\r\nend\r\n`, 'latin1');
      const endOf = (text: string) => ends.find((end) => text.endsWith(end) && text.length > end.length);
      const text = await until((all) => endOf(all) !== undefined || socket.closed);
      return text.slice(0, text.length - (endOf(text) ?? '').length);
    },
  };
}
