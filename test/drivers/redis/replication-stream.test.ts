import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { lineage } from '../../../src/core/primitives/identifiers.ts';
import { REDIS_LIMITS } from '../../../src/drivers/redis/limits.ts';
import { readStream } from '../../../src/drivers/redis/replication-stream.ts';

/** A server that answers whoever connects with `text`, and stays. */
async function saying(t: TestContext, text: string): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write(text);
    socket.resume();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return `127.0.0.1:${address.port}`;
}

const requestTo = (address: string) => ({
  address,
  username: 'any',
  password: 'any',
  tls: null,
  lineage: lineage('l1'),
  from: 1n,
  bytes: 10,
  timeoutMs: 5_000,
});

const GREETING = '+OK\r\n+OK\r\n';
const never = { after: () => () => undefined };

test('an answer that never ends its line is left', async (t) => {
  const address = await saying(t, `${GREETING}${'x'.repeat(REDIS_LIMITS.streamLineBytes + 1)}`);
  const answer = await readStream({ ...requestTo(address), timers: never });
  assert.ok(!answer.ok && answer.kind === 'answeredError', 'it is no answer');
  assert.match(answer.detail, /^PSYNC: its answer is no line/);
});

test('a server that says nothing is left when its time is over', async (t) => {
  const address = await saying(t, '');
  const timers = {
    after: (_delayMs: number, action: () => void) => {
      const soon = setImmediate(action);
      return () => clearImmediate(soon);
    },
  };
  const answer = await readStream({ ...requestTo(address), timers });
  assert.ok(!answer.ok && answer.kind === 'silent');
  assert.equal(answer.detail, 'nothing within 5000 ms');
});
