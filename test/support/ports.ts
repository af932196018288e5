/**
 * Ports of 127.0.0.1 for servers that tests start, stop and start again. They lie below those that the system gives to
 * outgoing connections, and each process has blocks of its own: nobody takes a port while its server is down. A block is
 * held by listening on its first port, so that it is free again when the process is gone, however it went.
 */
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

const FIRST_PORT = 10_000;
const PORTS_PER_BLOCK = 200;
const BLOCKS = 100;

/** Null where somebody else has the port. */
async function listenOn(port: number): Promise<Server | null> {
  const server = createServer((socket) => socket.destroy());
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
    return server;
  } catch {
    return null;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = await listenOn(port);
  if (server === null) return false;
  server.close();
  await once(server, 'close');
  return true;
}

let blocksTried = 0;

/** The ports of a block that nobody holds, without the one that holds it. */
async function takeBlock(): Promise<number[]> {
  while (blocksTried < BLOCKS) {
    const block = (process.pid + blocksTried) % BLOCKS;
    blocksTried += 1;
    const first = FIRST_PORT + block * PORTS_PER_BLOCK;
    const holder = await listenOn(first);
    if (holder === null) continue;
    holder.unref();
    return Array.from({ length: PORTS_PER_BLOCK - 1 }, (_, nth) => first + 1 + nth);
  }
  throw new Error(`${BLOCKS} blocks of ports are taken; end the tests that run besides`);
}

let left: number[] = [];
let taking: Promise<void> = Promise.resolve();

async function nextPort(): Promise<number> {
  for (;;) {
    if (left.length === 0) left = await takeBlock();
    const port = left.shift();
    if (port !== undefined && (await isFree(port))) return port;
  }
}

/** A port on which nobody listens, each only once. */
export function freePort(): Promise<number> {
  const port = taking.then(nextPort);
  taking = port.then(
    () => undefined,
    () => undefined,
  );
  return port;
}
