/** The other side of a connection: a bare socket that sends what it is told, and keeps what it reads as commands. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import type { ConnectionBounds, ConnectionHandlers } from '../../src/remoting/connection.ts';
import { IDLE_MS, RemotingConnection } from '../../src/remoting/connection.ts';
import type { ConnectionEnd } from '../../src/remoting/connection-end.ts';
import { FrameReader } from '../../src/remoting/frame-reader.ts';
import { encodeFrame } from '../../src/remoting/frame-writer.ts';
import type { RemotingCommand } from '../../src/remoting/remoting-command.ts';
import { eventually } from '../support/eventually.ts';

export function bytesOf(command: RemotingCommand): Buffer {
  const bytes = encodeFrame(command);
  assert.ok(bytes !== 'tooLarge');
  return bytes;
}

export class RawPeer {
  readonly socket: Socket;
  readonly received: RemotingCommand[] = [];
  isClosed = false;
  readonly #reader = new FrameReader();

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (piece: Buffer) => {
      this.#reader.push(piece);
      for (;;) {
        const next = this.#reader.next();
        if (next.kind !== 'command') break;
        this.received.push(next.command);
      }
    });
    // A peer that is cut off is what some tests are about.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.isClosed = true;
    });
  }

  send(...commands: readonly RemotingCommand[]): void {
    this.socket.write(Buffer.concat(commands.map(bytesOf)));
  }

  /** The commands, once so many have come. */
  async receives(count: number): Promise<readonly RemotingCommand[]> {
    return eventually(`${count} commands arrive`, () => this.received.length >= count && this.received);
  }

  closes(): Promise<true> {
    return eventually('the connection is closed', () => this.isClosed);
  }
}

export type Joined = {
  readonly connection: RemotingConnection;
  readonly peer: RawPeer;
  readonly ends: readonly ConnectionEnd[];
  readonly bugs: readonly string[];
  ended(): Promise<ConnectionEnd>;
};

export const BOUNDS: ConnectionBounds = {
  frameBytes: 1024 * 1024,
  outgoingBytes: 256 * 1024,
  served: 16,
  asked: 16,
  idleMs: IDLE_MS,
};

/** A connection over a real socket, and a bare peer at its other end. */
export async function join(
  t: TestContext,
  onRequest: ConnectionHandlers['onRequest'],
  bounds: Partial<ConnectionBounds> = {},
): Promise<Joined> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address !== 'string');
  const accepting = once(server, 'connection');
  const dialled = connect(address.port, '127.0.0.1');
  const [accepted] = await accepting;
  server.close();
  assert.ok(accepted instanceof Object && 'remotePort' in accepted);
  const ends: ConnectionEnd[] = [];
  const bugs: string[] = [];
  const connection = new RemotingConnection(
    accepted as Socket,
    { ...BOUNDS, ...bounds },
    {
      onRequest,
      onBug: (error) => bugs.push(error.message),
      onEnd: (end) => ends.push(end),
    },
  );
  const peer = new RawPeer(dialled);
  t.after(() => {
    connection.destroy('the test is over');
    dialled.destroy();
  });
  return { connection, peer, ends, bugs, ended: () => eventually('it ends', () => ends[0] ?? null) };
}
