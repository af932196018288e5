/** Clients that do not read: bounded, cut off where messages pile up, and nobody else waits for them. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { it, type TestContext } from 'node:test';
import { LIMITS } from '../../../src/core/primitives/limits.ts';
import { Connection } from '../../../src/doors/sentinel/connection.ts';
import { eventually } from '../../support/eventually.ts';
import { viewOf } from './fake-view.ts';

type Pair = { readonly connection: Connection; readonly door: Socket; readonly client: Socket };

/** A client, and its connection at the door. */
async function pairOf(t: TestContext): Promise<Pair> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a numeric port');
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
  const client = connect(address.port, '127.0.0.1');
  const door = await accepted;
  client.on('error', () => undefined);
  t.after(() => {
    client.destroy();
    door.destroy();
    server.close();
  });
  const { view, session } = viewOf();
  const onBug = (error: Error): void => assert.fail(error);
  return {
    client,
    door,
    connection: new Connection(door, session, { door: view, onBug, onEnd: () => undefined }),
  };
}

const PIECE = Buffer.alloc(64 * 1024, 'm');
/** Many times what the kernels of both ends keep. */
const MOST_PIECES = 2_000;

it('cuts off a client that does not read its messages, at the limit, and another one hears everything', async (t) => {
  const [slow, quick] = [await pairOf(t), await pairOf(t)];
  slow.client.pause();
  let heard = 0;
  quick.client.on('data', (piece: Buffer) => {
    heard += piece.length;
  });
  let sent = 0;
  let most = 0;
  while (!slow.door.destroyed && sent < MOST_PIECES) {
    slow.connection.push(PIECE);
    quick.connection.push(PIECE);
    sent += 1;
    if (!slow.door.destroyed) most = Math.max(most, slow.door.writableLength);
    await eventually('the quick one has it', () => heard === sent * PIECE.length);
  }
  assert.ok(slow.door.destroyed, `it was cut off after ${sent} pieces`);
  assert.ok(most <= LIMITS.sentinelClientBytes, `${most} bytes waited for it`);
  assert.ok(most > LIMITS.sentinelClientBytes - PIECE.length, `it was cut off when ${most} bytes waited`);
  assert.ok(!quick.door.destroyed);
});

it('reads nothing more from a client that does not read its answers, and goes on when it does', async (t) => {
  const { client, door } = await pairOf(t);
  client.pause();
  const requests = 200_000;
  const question = '*2\r\n$4\r\nECHO\r\n$100\r\n'.concat('e'.repeat(100), '\r\n');
  const answer = Buffer.byteLength(`$100\r\n${'e'.repeat(100)}\r\n`);
  client.write(question.repeat(requests), 'latin1');
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, door.writableLength);
  }, 1);
  t.after(() => clearInterval(watch));
  const readBefore = await eventually('the door stops reading', async () => {
    const before = door.bytesRead;
    await new Promise((done) => setTimeout(done, 100));
    return door.isPaused() && door.bytesRead === before && before;
  });
  assert.ok(readBefore < question.length * requests, 'it took all of it at once');
  let received = 0;
  client.on('data', (piece: Buffer) => {
    received += piece.length;
  });
  client.resume();
  await eventually('every answer', () => received === answer * requests);
  assert.ok(most <= 2 * LIMITS.sentinelClientBytes, `${most} bytes waited for it`);
});
