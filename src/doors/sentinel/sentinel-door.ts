/**
 * The Sentinel door: Redis clients find their masters here, on any node, as they would at a Sentinel. It reads applied
 * state and this node's evidence; what changes something is asked of the node. It keeps its clients and nothing else.
 */
import { createServer, type Server, type Socket } from 'node:net';
import { LIMITS } from '../../core/primitives/limits.ts';
import type { DoorView } from './commands/command.ts';
import { Connection } from './connection.ts';
import type { SentinelDoorOptions, SentinelDoorPorts } from './door-ports.ts';
import { GroupWatch } from './events/group-watch.ts';
import { messageText } from './events/message-bytes.ts';
import type { Publication } from './events/publication.ts';
import { StaleWatch } from './events/stale-watch.ts';
import { GroupDirectory } from './group-directory.ts';
import { quorumOf } from './records/settings.ts';
import type { Session } from './session.ts';
import { Sightings } from './sightings.ts';
import { UserBook } from './users.ts';

export type SentinelDoor = {
  /** Starts to listen and answers the port; 0 takes a free one. Rejects when the port is taken. */
  listen(at: { readonly host: string; readonly port: number }): Promise<number>;
  /** Ends all connections and stops listening. */
  close(): Promise<void>;
};

/** After so long a silence it is asked whether a client is still there. */
const KEEP_ALIVE_MS = 60_000;

export function createSentinelDoor(options: SentinelDoorOptions, ports: SentinelDoorPorts): SentinelDoor {
  const { face, clock, sentinels, idcOfAddress, onBug } = ports;
  const connections = new Map<number, Connection>();
  const directory = new GroupDirectory(options.defaultCluster);
  const sightings = new Sightings(face, clock, options.self);
  const users = new UserBook(options.users);
  const door: DoorView = {
    options,
    face,
    clock,
    sentinels,
    idcOfAddress,
    users,
    directory,
    sightings,
    startedMs: clock.now().monotonicMs,
    sessions: function* () {
      for (const { session } of connections.values()) yield session;
    },
    end: (session) => connections.get(session.id)?.end(),
  };
  let nextId = 1;
  const accept = (socket: Socket): void => {
    const id = nextId;
    nextId += 1;
    const session = sessionOf(id, socket, door);
    const onEnd = (): void => {
      connections.delete(id);
    };
    connections.set(id, new Connection(socket, session, { door, onBug, onEnd }));
  };
  const server = createServer(
    { noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS },
    accept,
  );
  server.maxConnections = LIMITS.sentinelConnections;
  const publish = (publications: readonly Publication[]): void =>
    publishTo(connections.values(), publications);
  const quorum = quorumOf(options.nodes);
  const hasListeners = (): boolean => [...connections.values()].some((one) => one.listener() !== null);
  const watch = new GroupWatch({ face, directory, sightings, quorum, hasListeners, publish, onBug });
  const staleWatch = new StaleWatch({
    face,
    clock,
    patienceMs: options.subscriberPatienceMs,
    endSubscribers: () => endSubscribers(connections.values()),
    onEnded: ports.onSubscribersEnded,
  });
  return {
    async listen({ host, port }) {
      const bound = await listening(server, host, port);
      server.on('error', (error) => onBug(error, 'accept'));
      watch.start();
      staleWatch.start();
      return bound;
    },
    close() {
      watch.stop();
      staleWatch.stop();
      const closed = new Promise<void>((resolve) => {
        if (server.listening) server.close(() => resolve());
        else resolve();
      });
      for (const connection of connections.values()) connection.end();
      return closed;
    },
  };
}

function sessionOf(id: number, socket: Socket, door: DoorView): Session {
  const nowMs = door.clock.now().monotonicMs;
  return {
    id,
    address: `${socket.remoteAddress ?? ''}:${socket.remotePort ?? 0}`,
    sinceMs: nowMs,
    protocol: 2,
    user: door.users.stranger,
    name: '',
    library: '',
    lastCommand: '',
    lastCommandMs: nowMs,
    channels: new Set(),
    patterns: new Set(),
    isEnding: false,
  };
}

/** Clients that listen alike share one piece of bytes, however many there are. */
function publishTo(connections: Iterable<Connection>, publications: readonly Publication[]): void {
  const made = new Map<string, Buffer>();
  for (const connection of connections) {
    const listener = connection.listener();
    if (listener === null) continue;
    const bytes = made.get(listener.key) ?? Buffer.from(messageText(publications, listener), 'latin1');
    made.set(listener.key, bytes);
    if (bytes.length > 0) connection.push(bytes);
  }
}

/** As many as end without holding up consensus, which runs on the same thread. */
function endSubscribers(connections: Iterable<Connection>): number {
  let ended = 0;
  for (const connection of connections) {
    if (connection.listener() === null) continue;
    connection.end();
    ended += 1;
    if (ended >= LIMITS.sentinelSentAwayAtOnce) break;
  }
  return ended;
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
