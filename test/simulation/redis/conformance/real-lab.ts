/** Scripts against real servers. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { must } from '../../../../src/core/primitives/assert.ts';
import { type RedisServer, startRedis } from '../../../support/redis-server.ts';
import { wireWords } from '../replication-stream.ts';
import type { Lab, LabReply } from './lab.ts';

function asLabReply(value: unknown): LabReply {
  if (value === null || typeof value === 'string' || typeof value === 'number') return value;
  if (value instanceof Error) return { error: value.message };
  return Array.isArray(value) ? value.map(asLabReply) : String(value);
}

const failed = (error: unknown): LabReply =>
  error instanceof Error && error.name === 'ReplyError' ? { error: error.message } : 'LOST';

export function realLab(): Lab {
  const servers = new Map<string, RedisServer>();
  const clients = new Map<string, Redis>();
  const serverOf = (name: string): RedisServer => must(servers.get(name), name);

  const client = async (server: string, connection: string): Promise<Redis> => {
    const key = `${server} ${connection}`;
    const known = clients.get(key);
    if (known !== undefined && (connection !== 'onlooker' || known.status === 'ready')) return known;
    known?.disconnect();
    const fresh = serverOf(server).client({
      retryStrategy: () => null,
      enableReadyCheck: false,
      autoResendUnfulfilledCommands: false,
      disableClientInfo: true,
      protocol: 2,
      lazyConnect: true,
      enableOfflineQueue: false,
    });
    clients.set(key, fresh);
    await fresh.connect().catch(() => undefined);
    return fresh;
  };

  return {
    port: (server) => serverOf(server).port,
    launch: async (server, config, withFile) => {
      servers.set(server, await startRedis({ config, withFile }));
    },
    kill: (server) => serverOf(server).kill(),
    restart: (server) => serverOf(server).start(),
    freeze: async (server, frozen) => serverOf(server).signal(frozen ? 'SIGSTOP' : 'SIGCONT'),
    pause: async (forMs) => {
      await pause(forMs);
    },
    send: async (server, connection, commands) => {
      const redis = await client(server, connection);
      const sent = commands.map(([name = '', ...args]) => redis.call(name, ...args).then(asLabReply, failed));
      return Promise.all(sent);
    },
    sendAhead: async (server, connection, commands) => {
      const redis = await client(server, connection);
      const sent = commands.map(([name = '', ...args]) => redis.call(name, ...args).then(asLabReply, failed));
      await pause(20);
      return () => Promise.all(sent);
    },
    sendAndLeave: async (server, commands) => {
      const socket = connect(serverOf(server).port, '127.0.0.1');
      await once(socket, 'connect');
      socket.end(commands.map((command) => wireWords(...command)).join(''));
      await pause(20);
      socket.destroy();
    },
    fileLines: (server) =>
      serverOf(server)
        .fileText()
        .split('\n')
        .flatMap((line) => {
          const [name = '', ...words] = line.trim().split(/\s+/);
          if (name === 'replicaof') return [`replicaof ${words.join(' ')}`];
          return name === 'user' ? [`user ${words[0] ?? ''}`] : [];
        }),
    close: async () => {
      for (const server of servers.values()) await server.stop();
    },
  };
}
