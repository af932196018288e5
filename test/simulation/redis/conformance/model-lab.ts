/** Scripts against the model, in virtual time. */
import { must } from '../../../../src/core/primitives/assert.ts';
import { SILENT_JOURNAL } from '../journal.ts';
import { ModelClient } from '../model-connections.ts';
import { ModelServer } from '../model-server.ts';
import { Network } from '../network.ts';
import { type AnyReply, ErrorReply } from '../reply.ts';
import { VirtualGround } from '../virtual-ground.ts';
import type { Lab, LabReply } from './lab.ts';

const FIRST_PORT = 7_101;
/** A command that is not answered within this virtual time never is. */
const PATIENCE_MS = 30_000;

function asLabReply(reply: AnyReply): LabReply {
  if (reply instanceof ErrorReply) return { error: reply.message };
  return reply === null || typeof reply !== 'object' ? reply : reply.map(asLabReply);
}

export function modelLab(seed: number): Lab {
  const ground = new VirtualGround(seed);
  const network = new Network(ground, {
    withinMs: [0.02, 0.1],
    betweenMs: [0.02, 0.1],
    lateShare: 0,
    lateMs: 0,
  });
  const byName = new Map<string, ModelServer>();
  const servers = new Map<string, ModelServer>();
  const clients = new Map<string, ModelClient>();
  const pace = { transferMs: () => 2, loadMs: () => 1 };
  const serverOf = (name: string): ModelServer => must(byName.get(name), name);
  const runUntil = (done: () => boolean): void => {
    const endMs = ground.nowMs() + PATIENCE_MS;
    while (!done() && ground.step(endMs));
  };
  const open = (server: string): ModelClient => {
    let opened = false;
    const client = new ModelClient(ground, serverOf(server), 'lab', 'clients', () => {
      opened = true;
    });
    runUntil(() => opened);
    return client;
  };
  const client = (server: string, connection: string): ModelClient => {
    const key = `${server} ${connection}`;
    const known = clients.get(key);
    if (known !== undefined && (connection !== 'onlooker' || known.isOpen())) return known;
    const fresh = open(server);
    clients.set(key, fresh);
    return fresh;
  };

  const ahead = (server: string, connection: string, commands: readonly (readonly string[])[]) => {
    const target = client(server, connection);
    const replies: (LabReply | undefined)[] = commands.map(() => undefined);
    commands.forEach((command, index) => {
      target.send([command], PATIENCE_MS, (answer) => {
        replies[index] = answer.ok ? asLabReply(answer.value[0] ?? null) : 'LOST';
      });
    });
    return () => {
      runUntil(() => replies.every((reply) => reply !== undefined));
      return replies.map((reply) => reply ?? 'LOST');
    };
  };

  return {
    port: (server) => serverOf(server).port,
    launch: async (name, config, withFile) => {
      const port = FIRST_PORT + byName.size;
      const fileText = ['save ""', ...config].join('\n');
      const server = new ModelServer(
        { port, place: 'lab', pace, fileText, hasFile: withFile },
        { ground, network, journal: SILENT_JOURNAL, servers },
      );
      byName.set(name, server);
      servers.set(server.address, server);
      server.start();
    },
    kill: async (server) => serverOf(server).kill(),
    restart: async (server) => serverOf(server).start(),
    freeze: async (server, frozen) => (frozen ? serverOf(server).stop() : serverOf(server).continue()),
    pause: async (forMs) => {
      const endMs = ground.nowMs() + forMs;
      while (ground.step(endMs));
    },
    send: async (server, connection, commands) => ahead(server, connection, commands)(),
    sendAhead: async (server, connection, commands) => {
      const collect = ahead(server, connection, commands);
      const endMs = ground.nowMs() + 20;
      while (ground.step(endMs));
      return async () => collect();
    },
    sendAndLeave: async (server, commands) => {
      const leaving = open(server);
      leaving.send(commands, PATIENCE_MS, () => undefined);
      leaving.close();
    },
    fileLines: (server) => {
      const { file } = serverOf(server);
      const follows = file?.replicaOf ?? null;
      return [
        ...(follows === null ? [] : [`replicaof ${follows.host} ${follows.port}`]),
        ...(file?.users ?? []).map((user) => `user ${user.name}`),
      ];
    },
    close: async () => undefined,
  };
}
