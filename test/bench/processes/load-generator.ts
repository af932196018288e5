/**
 * A client of the route benchmark in a process of its own: a number of kept-alive connections, one request under way
 * on each, the next as soon as the answer is complete. It reads no more of an answer than its status and its length,
 * because on a small machine whatever the client does is taken from the server.
 */
import { connect, type Socket } from 'node:net';
import { z } from 'zod';
import { percentile } from '../samples.ts';
import { answerQuestions } from './forked.ts';

const question = z.strictObject({
  port: z.int(),
  path: z.string(),
  connections: z.int().min(1),
  warmupMs: z.number(),
  durationMs: z.number(),
});

type Counts = {
  isCounting: boolean;
  isOver: boolean;
  answered: number;
  failed: number;
  latenciesMs: number[];
};

const HEAD_END = Buffer.from('\r\n\r\n');

/** Asks on one connection until the time is over; resolves once the connection is closed. */
function drive(port: number, request: Buffer, counts: Counts): Promise<void> {
  const socket: Socket = connect({ host: '127.0.0.1', port, noDelay: true });
  let pending: Buffer = Buffer.alloc(0);
  let askedMs = 0;
  const ask = (): void => {
    askedMs = performance.now();
    socket.write(request);
  };
  const onAnswer = (status: string): void => {
    if (counts.isCounting) {
      counts.latenciesMs.push(performance.now() - askedMs);
      if (status === '200') counts.answered += 1;
      else counts.failed += 1;
    }
    if (counts.isOver) socket.end();
    else ask();
  };
  socket.on('connect', ask);
  socket.on('data', (chunk) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    const headEnd = pending.indexOf(HEAD_END);
    if (headEnd < 0) return;
    const head = pending.toString('latin1', 0, headEnd);
    const bodyBytes = Number(/content-length: *(\d+)/i.exec(head)?.[1] ?? Number.NaN);
    if (Number.isNaN(bodyBytes)) socket.destroy(new Error('an answer that does not say how long it is'));
    const answerBytes = headEnd + HEAD_END.length + bodyBytes;
    if (!(pending.length >= answerBytes)) return;
    pending = pending.subarray(answerBytes);
    onAnswer(head.slice(9, 12));
  });
  return new Promise((done) => {
    socket.on('error', () => {
      counts.failed += 1;
    });
    socket.on('close', () => done());
  });
}

const pause = (durationMs: number): Promise<void> =>
  new Promise((done) => {
    setTimeout(done, durationMs);
  });

answerQuestions(question, async ({ port, path, connections, warmupMs, durationMs }) => {
  const request = Buffer.from(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
  const counts: Counts = { isCounting: false, isOver: false, answered: 0, failed: 0, latenciesMs: [] };
  const driven = Array.from({ length: connections }, () => drive(port, request, counts));
  await pause(warmupMs);
  const startedMs = performance.now();
  counts.isCounting = true;
  await pause(durationMs);
  counts.isCounting = false;
  const elapsedMs = performance.now() - startedMs;
  counts.isOver = true;
  await Promise.all(driven);
  const { answered, failed, latenciesMs } = counts;
  const p50Ms = percentile(latenciesMs, 0.5);
  return { answered, failed, elapsedMs, p50Ms, p99Ms: percentile(latenciesMs, 0.99) };
});
