/** Who listens to everything that a Sentinel, or the Sentinel door of a node, publishes, and keeps it in order. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export type Heard = {
  /** How the frame began: `*4` in RESP2, `>4` in RESP3. */
  readonly frame: string;
  readonly channel: string;
  readonly payload: string;
  readonly atMs: number;
};

export type Listener = {
  readonly heard: readonly Heard[];
  /** When its connection ended; null while it is there. */
  readonly endedMs: () => number | null;
  close(): void;
};

const MESSAGE =
  /([*>]4)\r\n\$8\r\npmessage\r\n\$1\r\n\*\r\n\$\d+\r\n([^\r]*)\r\n\$\d+\r\n([^\r]*)\r\n|([*>]3)\r\n\$10\r\npsubscribe\r\n\$1\r\n\*\r\n:1\r\n/g;

/** Rejects where the subscription is refused or the connection is. */
export async function listenTo(
  at: { readonly host?: string; readonly port: number },
  protocol: 2 | 3 = 2,
): Promise<Listener> {
  const socket = connect({ host: at.host ?? '127.0.0.1', port: at.port, noDelay: true });
  const heard: Heard[] = [];
  let endedMs: number | null = null;
  let text = '';
  socket.on('error', () => undefined);
  socket.on('close', () => {
    endedMs = performance.now();
  });
  const isSubscribed = new Promise<void>((done, fail) => {
    socket.on('close', () => fail(new Error(`the connection ended: ${JSON.stringify(text)}`)));
    socket.on('data', (piece) => {
      text += piece.toString('latin1');
      let taken = 0;
      for (const found of text.matchAll(MESSAGE)) {
        const [whole, frame, channel = '', payload = ''] = found;
        taken = found.index + whole.length;
        if (frame === undefined) done();
        else heard.push({ frame, channel, payload, atMs: performance.now() });
      }
      text = text.slice(taken);
    });
  });
  await Promise.all([subscribe(socket, protocol), isSubscribed]);
  return { heard, endedMs: () => endedMs, close: () => socket.destroy() };
}

async function subscribe(socket: Socket, protocol: 2 | 3): Promise<void> {
  await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
  if (protocol === 3) socket.write('HELLO 3\r\n');
  socket.write('PSUBSCRIBE *\r\n');
}
