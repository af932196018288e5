/**
 * The RocketMQ door: NameServer and Controller in one, on one port of every node. Brokers register and heartbeat here,
 * clients ask for routes, operators' tools look and change. It reads applied state; what changes something is asked of
 * the node, and what brokers show of themselves is handed to it as evidence. It keeps its connections and nothing else.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { assert } from '../../core/primitives/assert.ts';
import { LIMITS } from '../../core/primitives/limits.ts';
import { IDLE_MS, RemotingConnection } from '../../remoting/connection.ts';
import type { ConnectionEnd } from '../../remoting/connection-end.ts';
import { REMOTING_LIMITS } from '../../remoting/limits.ts';
import { ByteBudget, heldUntil } from './byte-budget.ts';
import type { Channel } from './channel.ts';
import type { DoorView } from './commands/command.ts';
import { dispatch, needsRest } from './dispatch.ts';
import type { RocketmqDoorOptions, RocketmqDoorPorts } from './door-ports.ts';
import { createDoorView } from './door-view.ts';
import { strangerOf } from './first-byte.ts';

export type RocketmqDoor = {
  /** Starts to listen and answers the port; 0 takes a free one. Rejects when the port is taken. */
  listen(at: { readonly host: string; readonly port: number }): Promise<number>;
  /** Ends all connections and stops listening. */
  close(): Promise<void>;
};

const CONNECTION_BOUNDS = {
  frameBytes: REMOTING_LIMITS.frameBytes,
  outgoingBytes: LIMITS.rocketmqOutgoingBytes,
  served: LIMITS.rocketmqRequestsServed,
  asked: 0,
  idleMs: IDLE_MS,
} as const;

/** Whoever may send the largest frame there is must find room for it. */
function assertRoom(): void {
  const { frameBytes } = REMOTING_LIMITS;
  assert(
    frameBytes <= LIMITS.rocketmqIncomingBytes,
    'a whole frame may wait until it is complete, and until it is answered',
  );
}

export function createRocketmqDoor(options: RocketmqDoorOptions, ports: RocketmqDoorPorts): RocketmqDoor {
  assertRoom();
  const door = createDoorView(options, ports);
  const shared: Shared = { door, ports, budget: new ByteBudget(), connections: new Map() };
  let nextChannel = 1;
  const server = createServer({ noDelay: true }, (socket) => {
    accept(shared, socket, nextChannel);
    nextChannel += 1;
  });
  server.maxConnections = LIMITS.rocketmqConnections;
  server.on('drop', (dropped) =>
    ports.onTurnedAway(dropped?.remoteAddress ?? '', { why: 'tooManyConnections' }),
  );
  return {
    async listen({ host, port }) {
      const bound = await listening(server, host, port);
      server.on('error', (error) => ports.onBug(error, 'accept'));
      return bound;
    },
    close() {
      const closed = new Promise<void>((resolve) => {
        if (server.listening) server.close(() => resolve());
        else resolve();
      });
      for (const connection of shared.connections.values()) connection.destroy('this node stops');
      return closed;
    },
  };
}

type Shared = {
  readonly door: DoorView;
  readonly ports: RocketmqDoorPorts;
  readonly budget: ByteBudget;
  readonly connections: Map<number, RemotingConnection>;
};

function accept({ door, ports, budget, connections }: Shared, socket: Socket, id: number): void {
  const host = socket.remoteAddress ?? '';
  const address = joined(host, socket.remotePort);
  const share = budget.share();
  let isFirst = true;
  // Before the connection's own listener, which makes frames of the same bytes.
  socket.on('data', (piece: Buffer) => {
    const stranger = isFirst ? strangerOf(piece[0] ?? 0) : null;
    isFirst = false;
    if (stranger !== null) {
      ports.onTurnedAway(address, { why: 'stranger', stranger });
      connection.destroy('it does not speak the remoting protocol');
    } else if (!share.arrived(piece.length)) {
      ports.onTurnedAway(address, { why: 'outOfMemory' });
      connection.destroy('too much waits to become complete');
    }
  });
  const connection: RemotingConnection = new RemotingConnection(socket, CONNECTION_BOUNDS, {
    onRequest: (request) => {
      const release = share.taken();
      return heldUntil(release, () => dispatch({ door, channel, request }));
    },
    needsRest: (request) => {
      const isNeeded = needsRest({ door, channel, request });
      if (isNeeded) return true;
      share.passOver();
      ports.onPassedOver();
      return false;
    },
    onBug: (error, request) => ports.onBug(error, String(request.code)),
    onEnd: (end) => {
      share.taken()();
      connections.delete(id);
      door.book.closed(id);
      tell(ports, address, end);
    },
  });
  const channel: Channel = {
    id,
    host,
    siteByAddress: door.idcOfAddress(host),
    cameInAt: joined(socket.localAddress ?? '', socket.localPort),
    closeSoon: (why) => void setImmediate(() => connection.close(why)),
  };
  connections.set(id, connection);
}

function tell({ onTurnedAway }: RocketmqDoorPorts, address: string, end: ConnectionEnd): void {
  if (end.kind === 'malformed') onTurnedAway(address, { why: 'malformed', problem: end.problem });
  else if (end.kind === 'slowReader')
    onTurnedAway(address, { why: 'slowReader', waitingBytes: end.waitingBytes });
}

function listening(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.removeListener('error', reject);
      const bound = server.address();
      resolve(bound === null || typeof bound === 'string' ? port : bound.port);
    });
  });
}

/** `host:port` as RocketMQ writes and splits it: at the last colon, without brackets. */
function joined(host: string, port: number | undefined): string {
  const bare = host.startsWith('::ffff:') ? host.slice('::ffff:'.length) : host;
  return `${bare}:${port ?? 0}`;
}
