/**
 * A client of the discovery benchmark in a process of its own: connections that each ask for a master's address again
 * and again, so many requests at a time, the next ones when the answers are there. Answers are counted by their line
 * ends, because whatever the client does is taken from the server.
 */
import { connect } from 'node:net';
import { z } from 'zod';
import { answerQuestions } from './forked.ts';

const question = z.strictObject({
  port: z.int(),
  master: z.string(),
  connections: z.int().min(1),
  pipelined: z.int().min(1),
  warmupMs: z.number(),
  durationMs: z.number(),
});

/** `*2`, `$n`, host, `$n`, port. */
const LINES_PER_ANSWER = 5;
const NEWLINE = 0x0a;

type Counts = { isCounting: boolean; isOver: boolean; answered: number; failed: number };

function drive(port: number, request: Buffer, pipelined: number, counts: Counts): Promise<void> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  let lines = 0;
  const ask = (): void => {
    lines = 0;
    socket.write(request);
  };
  socket.on('connect', ask);
  socket.on('data', (piece) => {
    if (piece[0] === 0x2d) counts.failed += 1;
    for (let at = piece.indexOf(NEWLINE); at >= 0; at = piece.indexOf(NEWLINE, at + 1)) lines += 1;
    if (lines < pipelined * LINES_PER_ANSWER) return;
    if (counts.isCounting) counts.answered += pipelined;
    if (counts.isOver) socket.end();
    else ask();
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

answerQuestions(question, async ({ port, master, connections, pipelined, warmupMs, durationMs }) => {
  const words = ['SENTINEL', 'get-master-addr-by-name', master];
  const one = `*3\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
  const request = Buffer.from(one.repeat(pipelined));
  const counts: Counts = { isCounting: false, isOver: false, answered: 0, failed: 0 };
  const driven = Array.from({ length: connections }, () => drive(port, request, pipelined, counts));
  await pause(warmupMs);
  const startedMs = performance.now();
  counts.isCounting = true;
  await pause(durationMs);
  counts.isCounting = false;
  const elapsedMs = performance.now() - startedMs;
  counts.isOver = true;
  await Promise.all(driven);
  return { answered: counts.answered, failed: counts.failed, elapsedMs };
});
