/**
 * The client of the etcd benchmark, in a process of its own: it keeps so many puts under way at one server, and makes
 * the next one when one is committed. A put that is refused ends the process: nothing here is to be tried again.
 */
import { connectEtcd } from '../etcd-client.ts';
import { connectPollux } from '../pollux-client.ts';
import { percentile } from '../samples.ts';
import { answerQuestions } from './forked.ts';
import { pairMaker } from './pair-maker.ts';
import { type PutQuestion, putQuestion } from './put-messages.ts';

type Lane = { put(key: string, value: string): Promise<void>; close(): void };

/** Tried on their own, so many took more puts than one connection, and no fewer than more of them. */
const ETCD_CONNECTIONS = 4;

/** A lane has one put under way; those of etcd share connections, as its own clients do. */
async function openLanes({ target, inFlight }: PutQuestion): Promise<readonly Lane[]> {
  if (target.kind === 'etcd') {
    const count = Math.min(inFlight, ETCD_CONNECTIONS);
    const clients = await Promise.all(Array.from({ length: count }, () => connectEtcd(target.port)));
    return Array.from({ length: inFlight }, (_, lane) => clients[lane % count] ?? clients[0]).filter(
      (client) => client !== undefined,
    );
  }
  const { port, token } = target;
  return Promise.all(Array.from({ length: inFlight }, () => connectPollux(port, token)));
}

answerQuestions(putQuestion, async (question) => {
  const lanes = await openLanes(question);
  const pairAt = pairMaker(question.commandBytes);
  const latenciesMs: number[] = [];
  let next = 0;
  const run = async (lane: Lane): Promise<void> => {
    while (next < question.puts) {
      const { key, value } = pairAt(next);
      next += 1;
      const startedMs = performance.now();
      await lane.put(key, value);
      latenciesMs.push(performance.now() - startedMs);
    }
  };
  const startedMs = performance.now();
  await Promise.all(lanes.map(run));
  const elapsedMs = performance.now() - startedMs;
  for (const lane of lanes) lane.close();
  return { elapsedMs, p50Ms: percentile(latenciesMs, 0.5), p99Ms: percentile(latenciesMs, 0.99) };
});
