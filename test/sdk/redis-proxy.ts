/**
 * A TCP proxy in front of a Redis server that understands requests, so that a test can cut a connection exactly
 * between two commands. Replies pass unread.
 */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export type ProxyVerdict =
  | 'pass'
  /** The request is not passed on; both sides are closed once what was passed before has been answered. */
  | 'cut';

export type RedisProxy = {
  readonly address: string;
  /** Commands seen, by connection in the order of their opening: `XADD`, `WAIT`, ... */
  readonly connections: string[][];
  onCommand(judge: (command: readonly string[], connection: number) => ProxyVerdict): void;
  cutAll(): void;
  stop(): Promise<void>;
};

export async function startRedisProxy(port: number): Promise<RedisProxy> {
  let judge: (command: readonly string[], connection: number) => ProxyVerdict = () => 'pass';
  const connections: string[][] = [];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const number = connections.push([]) - 1;
    const upstream = connect(port, '127.0.0.1');
    const closeBoth = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', closeBoth);
      socket.on('close', () => {
        sockets.delete(socket);
        closeBoth();
      });
    }
    upstream.pipe(client);
    let unread = Buffer.alloc(0);
    let cut = false;
    client.on('data', (chunk) => {
      unread = Buffer.concat([unread, chunk]);
      for (let request = takeRequest(unread); request !== null && !cut; request = takeRequest(unread)) {
        connections[number]?.push(request.command[0]?.toUpperCase() ?? '');
        cut = judge(request.command, number) === 'cut';
        if (!cut) upstream.write(unread.subarray(0, request.bytes));
        unread = unread.subarray(request.bytes);
      }
      // The server carries out what it was sent, then sees the end; its replies may or may not still arrive.
      if (cut) upstream.end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a numeric port');
  return {
    address: `127.0.0.1:${address.port}`,
    connections,
    onCommand: (next) => {
      judge = next;
    },
    cutAll: () => {
      for (const socket of sockets) socket.destroy();
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The first whole request (a RESP array of bulk strings); null until it has arrived. */
function takeRequest(buffer: Buffer): { readonly command: readonly string[]; readonly bytes: number } | null {
  let offset = 0;
  const line = (): string | null => {
    const end = buffer.indexOf('\r\n', offset);
    if (end < 0) return null;
    const text = buffer.toString('latin1', offset, end);
    offset = end + 2;
    return text;
  };
  const header = line();
  if (header === null) return null;
  if (!header.startsWith('*')) throw new Error(`not a request: ${header}`);
  const command: string[] = [];
  for (let left = Number(header.slice(1)); left > 0; left -= 1) {
    const length = line();
    if (length === null) return null;
    const bytes = Number(length.slice(1));
    if (buffer.length < offset + bytes + 2) return null;
    command.push(buffer.toString('latin1', offset, offset + bytes));
    offset += bytes + 2;
  }
  return { command, bytes: offset };
}
