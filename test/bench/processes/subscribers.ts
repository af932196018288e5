/**
 * Thousands of clients that have subscribed to `+switch-master` and otherwise do nothing, in a process of their own. It
 * opens them on one question, and on the next waits until each has heard, and answers when each did.
 */
import { connect, type Socket } from 'node:net';
import { z } from 'zod';
import { answerQuestions } from './forked.ts';

const question = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('open'), port: z.int(), count: z.int().min(1) }),
  /** Answered once all have heard, or the time is over. */
  z.strictObject({ kind: z.literal('hear'), timeoutMs: z.number() }),
  z.strictObject({ kind: z.literal('close') }),
]);

const SUBSCRIBE = Buffer.from('*2\r\n$9\r\nSUBSCRIBE\r\n$14\r\n+switch-master\r\n');
/** So many are under way at once; a listening socket keeps only so many waiting. */
const OPENED_AT_ONCE = 100;
const LOOK_INTERVAL_MS = 5;

/** On the clock that all processes of a machine share. */
const nowMs = (): number => performance.timeOrigin + performance.now();

const sockets: Socket[] = [];
let heardAtMs: number[] = [];

function open(port: number): Promise<void> {
  return new Promise((done, fail) => {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    sockets.push(socket);
    let isSubscribed = false;
    let hasHeard = false;
    socket.on('connect', () => socket.write(SUBSCRIBE));
    socket.on('data', (piece) => {
      const text = piece.toString('latin1');
      if (!isSubscribed && text.includes('subscribe')) {
        isSubscribed = true;
        done();
      }
      if (hasHeard || !text.includes('$7\r\nmessage\r\n$14\r\n+switch-master')) return;
      hasHeard = true;
      heardAtMs.push(nowMs());
    });
    socket.on('error', fail);
  });
}

const pause = (durationMs: number): Promise<void> =>
  new Promise((done) => {
    setTimeout(done, durationMs);
  });

answerQuestions(question, async (asked) => {
  switch (asked.kind) {
    case 'open': {
      heardAtMs = [];
      for (let opened = 0; opened < asked.count; opened += OPENED_AT_ONCE) {
        const batch = Math.min(OPENED_AT_ONCE, asked.count - opened);
        await Promise.all(Array.from({ length: batch }, () => open(asked.port)));
      }
      return { open: sockets.length };
    }
    case 'hear': {
      const deadlineMs = performance.now() + asked.timeoutMs;
      while (heardAtMs.length < sockets.length && performance.now() < deadlineMs)
        await pause(LOOK_INTERVAL_MS);
      const sorted = heardAtMs.toSorted((left, right) => left - right);
      return { heard: sorted.length, firstMs: sorted[0] ?? 0, lastMs: sorted.at(-1) ?? 0 };
    }
    case 'close':
      for (const socket of sockets.splice(0)) socket.destroy();
      return { open: 0 };
  }
});
