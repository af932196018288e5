/**
 * A TCP proxy that holds back every piece of what passes, both ways, for 75 ms give or take 50, and keeps the order. A
 * port for each target; the network of the faults sends connections between the IDCs through it (slow-link.ts).
 */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { z } from 'zod';

const MIDDLE_MS = 75;
const SPREAD_MS = 50;

const targets = z
  .array(z.object({ host: z.string(), port: z.number() }))
  .parse(JSON.parse(process.argv[2] ?? ''));

/** One timer at a time: two that are due in the same millisecond would go off in either order. */
function pass(from: Socket, to: Socket): void {
  const waiting: { readonly dueMs: number; readonly act: () => void }[] = [];
  let lastDueMs = 0;
  const next = (): void => {
    const [first] = waiting;
    if (first === undefined) return;
    setTimeout(
      () => {
        waiting.shift();
        first.act();
        next();
      },
      Math.max(0, first.dueMs - performance.now()),
    );
  };
  const later = (act: () => void): void => {
    const delayMs = MIDDLE_MS + SPREAD_MS * (2 * Math.random() - 1);
    lastDueMs = Math.max(lastDueMs, performance.now() + delayMs);
    waiting.push({ dueMs: lastDueMs, act });
    if (waiting.length === 1) next();
  };
  from.on('data', (chunk) => later(() => to.write(chunk)));
  from.on('end', () => later(() => to.end()));
  const cut = (): void => later(() => to.destroy());
  from.on('error', cut).on('close', cut);
}

const ports: number[] = [];
for (const target of targets) {
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = connect({ ...target, allowHalfOpen: true });
    pass(client, upstream);
    pass(upstream, client);
  });
  server.listen(0, '0.0.0.0');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a numeric port');
  ports.push(address.port);
}
process.once('disconnect', () => process.exit(0));
process.send?.(ports);
