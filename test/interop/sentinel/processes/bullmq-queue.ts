/**
 * A BullMQ queue with two workers. Who adds a job keeps it until as many slaves as the Sentinel's record asks for have
 * it (WAIT, on the connection of the add), and adds it again under the same id where that is not known; so what was taken
 * on survives any failover. Told to stop, it ends with what was taken on and never handled.
 */
import { Queue, Worker } from 'bullmq';
import { z } from 'zod';
import { callOf, pause, say, WRITE_INTERVAL_MS } from '../client-line.ts';
import { detailsOf } from '../sentinel-question.ts';

const WAIT_TIMEOUT_MS = 300;
const SETTLE_TIMEOUT_MS = 15_000;
const WORKERS = 2;

const { master, key, sentinels } = callOf(process.argv.slice(2));
// A real Sentinel does not know how many copies outlive a failover.
const waitCount = z.coerce.number().parse((await detailsOf(sentinels, master)).get('wait-count') ?? 1);
const connection = { name: master, sentinels: [...sentinels] };
const queue = new Queue(key, { connection });
const handled = new Set<number>();
const workers = Array.from(
  { length: WORKERS },
  () =>
    new Worker(
      key,
      async ({ data }) => {
        const { n } = z.object({ n: z.int() }).parse(data);
        handled.add(n);
        say({ n, atMs: Date.now(), error: null });
      },
      {
        connection: { ...connection, maxRetriesPerRequest: null },
        // A job whose worker lost its connection in the middle is taken up again soon, and as often as it takes.
        lockDuration: 2_000,
        stalledInterval: 1_000,
        maxStalledCount: 100,
      },
    ),
);
queue.on('error', () => undefined);
for (const worker of workers) worker.on('error', () => undefined);

const client = await queue.client;
let connections = 0;
client.on('close', () => {
  connections += 1;
});

/** True once enough slaves have the job. */
async function isTaken(n: number): Promise<boolean> {
  try {
    const before = connections;
    await queue.add('job', { n }, { jobId: `job-${n}` });
    const copies = z.int().parse(await client.runCommand('wait', [waitCount, WAIT_TIMEOUT_MS]));
    return connections === before && copies >= waitCount;
  } catch {
    return false;
  }
}

let isStopping = false;
process.stdin.once('data', () => {
  isStopping = true;
});
const accepted: number[] = [];
const open = new Set<number>();
for (let n = 1; !isStopping; n += 1) {
  if (await isTaken(n)) accepted.push(n);
  else open.add(n);
  await pause(WRITE_INTERVAL_MS);
}
const deadlineMs = performance.now() + SETTLE_TIMEOUT_MS;
for (const n of open) {
  while (performance.now() < deadlineMs && !(await isTaken(n))) await pause(WRITE_INTERVAL_MS);
  accepted.push(n);
}
const lost = (): number[] => accepted.filter((n) => !handled.has(n));
while (lost().length > 0 && performance.now() < deadlineMs) await pause(100);
say({ accepted: accepted.length, lost: lost() });
process.exit(0);
