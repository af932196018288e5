/**
 * The applications of one IDC, in a process of their own: a producer with a few lanes and a consumer of the same
 * topic, both of the SDK. It tells its parent what was acknowledged and what was handled, ten times a second, with
 * times of the one monotonic clock that all processes of a machine share.
 *
 * Invariant: what counts as acknowledged is exactly what the SDK called so.
 */
import { Consumer } from '../../../src/sdk/consumer.ts';
import { Producer } from '../../../src/sdk/producer.ts';
import { type ClientNews, clientTaskSchema, monotonicMs } from '../client-messages.ts';

const LANES = 4;
const PAUSE_BETWEEN_SENDS_MS = 12;
const REPORT_INTERVAL_MS = 100;
/** Short, so that no row has to wait for messages that were with a consumer whose connection broke. */
const CLAIM_IDLE_MS = 3_000;

const task = clientTaskSchema.parse(JSON.parse(process.argv[2] ?? ''));
const { nodes, idc, topic, members } = task;

let news: ClientNews = { acknowledged: [], handled: [], unknown: 0, refused: 0 };
let stopping = false;

const producer = new Producer({ nodes, idc });
const consumer = new Consumer({
  nodes,
  idc,
  topic,
  consumerGroup: 'readers',
  member: `reader-${idc}`,
  members: members.map((one) => ({ member: `reader-${one}`, idc: one })),
  claimIdleMs: CLAIM_IDLE_MS,
  handler: ({ id }) => {
    news.handled.push(id);
  },
});

let sent = 0;
async function produce(): Promise<void> {
  while (!stopping) {
    sent += 1;
    const id = `${idc}-${process.pid}-${sent}`;
    const sentMs = monotonicMs();
    const outcome = await producer.send(topic, { id, body: `order ${id}` });
    if (outcome.kind === 'acknowledged')
      news.acknowledged.push([id, outcome.group, outcome.epoch, sentMs, monotonicMs()]);
    else news[outcome.kind] += 1;
    await new Promise((done) => setTimeout(done, PAUSE_BETWEEN_SENDS_MS));
  }
}

function report(): void {
  if (news.acknowledged.length + news.handled.length + news.unknown + news.refused === 0) return;
  process.send?.(news);
  news = { acknowledged: [], handled: [], unknown: 0, refused: 0 };
}

process.once('disconnect', () => process.exit(0));
setInterval(report, REPORT_INTERVAL_MS);
const started = consumer.start();
if (!started.ok) throw new Error(started.refusal.message);
process.once('message', () => {
  stopping = true;
});
await Promise.all(Array.from({ length: LANES }, produce));
report();
await producer.close();
process.disconnect?.();
