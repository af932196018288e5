/**
 * As little of a client of a node as setting values needs: one connection that is kept open, one request under way on
 * it. Of an answer it reads the status and the length, because on a small machine whatever a client does is taken from
 * the servers.
 */
import { connect } from 'node:net';

const HEAD_END = Buffer.from('\r\n\r\n');
const STATUS_FROM = 'HTTP/1.1 '.length;
const STATUS_END = STATUS_FROM + 3;

export type PolluxClient = {
  /** Resolves once the value is committed; rejects for any other answer. One at a time. */
  put(key: string, value: string): Promise<void>;
  close(): void;
};

type Waiting = { readonly done: () => void; readonly fail: (error: Error) => void };

/** Resolves once connected. A connection that breaks later rejects what is under way, and every put after. */
export function connectPollux(port: number, token: string): Promise<PolluxClient> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  let pending: Buffer = Buffer.alloc(0);
  let waiting: Waiting | null = null;
  const settle = (act: (who: Waiting) => void): void => {
    const who = waiting;
    waiting = null;
    if (who !== null) act(who);
  };
  socket.on('data', (chunk) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    const headEnd = pending.indexOf(HEAD_END);
    if (headEnd < 0) return;
    const head = pending.toString('latin1', 0, headEnd);
    const length = Number(/content-length: *(\d+)/i.exec(head)?.[1] ?? Number.NaN);
    if (Number.isNaN(length)) socket.destroy(new Error('an answer that does not say how long it is'));
    const answerBytes = headEnd + HEAD_END.length + length;
    if (!(pending.length >= answerBytes)) return;
    const body = pending.toString('utf8', headEnd + HEAD_END.length, answerBytes);
    pending = pending.subarray(answerBytes);
    const status = head.slice(STATUS_FROM, STATUS_END);
    settle(({ done, fail }) => {
      if (status === '200') done();
      else fail(new Error(`a node refused a put: ${status} ${body}`));
    });
  });
  let broken: Error | null = null;
  socket.on('error', (error) => {
    broken = error;
  });
  socket.on('close', () => {
    broken ??= new Error('the node closed the connection');
    const error = broken;
    settle(({ fail }) => fail(error));
  });
  const put = (key: string, value: string): Promise<void> =>
    new Promise((done, fail) => {
      if (broken !== null) return fail(broken);
      if (waiting !== null) return fail(new Error('one put at a time'));
      waiting = { done, fail };
      const body = JSON.stringify({ key, value });
      socket.write(
        `POST /v1/key-values HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nauthorization: Bearer ${token}\r\n` +
          `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      );
    });
  return new Promise((done, fail) => {
    socket.once('error', fail);
    socket.once('connect', () => {
      socket.off('error', fail);
      done({ put, close: () => socket.destroy() });
    });
  });
}
