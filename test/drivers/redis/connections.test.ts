import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openConnection, parseAddress } from '../../../src/drivers/redis/connections.ts';
import { freePort } from '../../support/ports.ts';
import { serverFor } from '../../support/redis-group.ts';

const settings = (address: string) => ({ address, credentials: null, tls: null, timeoutMs: 1_000 });

async function listen(t: TestContext, server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const address = server.address();
  assert.ok(address !== null && typeof address !== 'string');
  return `127.0.0.1:${address.port}`;
}

test('addresses are host:port with a real port', () => {
  assert.deepEqual(parseAddress('10.0.0.1:6379'), { host: '10.0.0.1', port: 6379 });
  assert.deepEqual(parseAddress('redis.example:1'), { host: 'redis.example', port: 1 });
  assert.deepEqual(parseAddress('[::1]:7000'), { host: '::1', port: 7000 });
  for (const wrong of ['', 'host', 'host:', ':1', 'host:0', 'host:65536', 'a b:1', '::1:7000', 'host:1x']) {
    assert.equal(parseAddress(wrong), null, wrong);
  }
});

test('a port without a listener refuses', async () => {
  const opened = await openConnection(settings(`127.0.0.1:${await freePort()}`));
  assert.equal(opened.ok, false);
  assert.equal(!opened.ok && opened.kind, 'connectionRefused');
});

test('a listener that never answers is silent, within the time given', async (t) => {
  const address = await listen(
    t,
    createServer((socket) => t.after(() => socket.destroy())),
  );
  const credentials = { username: 'default', password: 'x' };
  const opened = await openConnection({ ...settings(address), credentials, timeoutMs: 50 });
  assert.equal(!opened.ok && opened.kind, 'silent');
});

test('a listener that closes before it answered the login refuses', async (t) => {
  const address = await listen(
    t,
    createServer((socket) => socket.destroy()),
  );
  const credentials = { username: 'default', password: 'x' };
  const opened = await openConnection({ ...settings(address), credentials });
  assert.equal(!opened.ok && opened.kind, 'connectionRefused');
});

test('a transaction fails as a whole, names the command, and never shows arguments', async (t) => {
  const server = await serverFor(t);
  const opened = await openConnection(settings(server.address));
  assert.ok(opened.ok);
  t.after(() => opened.value.close());
  const discarded = await opened.value.transaction(
    [['CONFIG', 'SET', 'maxmemory', '1mb'], ['NOSUCH']],
    1_000,
  );
  assert.equal(!discarded.ok && discarded.kind, 'answeredError');
  assert.match(discarded.ok ? '' : discarded.detail, /NOSUCH/);
  const broken = await opened.value.transaction(
    [
      ['SET', 'a', '1'],
      ['CONFIG', 'SET', 'maxmemory', 'hidden'],
    ],
    1_000,
  );
  assert.match(broken.ok ? '' : broken.detail, /^CONFIG SET: /);
  assert.equal(broken.ok ? '' : broken.detail.includes('hidden'), false);
  const whole = await opened.value.transaction(
    [
      ['SET', 'a', '2'],
      ['GET', 'a'],
    ],
    1_000,
  );
  assert.deepEqual(whole, { ok: true, value: ['OK', '2'] });
});

test('TLS is spoken where it is asked for', async (t) => {
  const plain = await serverFor(t);
  const [keyFile, certificateFile] = ['server.key', 'server.crt'].map((name) => join(plain.directory, name));
  assert.ok(keyFile && certificateFile);
  const made = spawnSync('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'],
    ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'],
    ...['-keyout', keyFile, '-out', certificateFile],
  ]);
  if (made.status !== 0) {
    t.skip('openssl is not installed, so there is no certificate to test with');
    return;
  }
  const port = await freePort();
  const config = [
    `tls-port ${port}`,
    `tls-key-file ${keyFile}`,
    `tls-cert-file ${certificateFile}`,
    'tls-auth-clients no',
  ];
  await serverFor(t, { config: [...config, `tls-ca-cert-file ${certificateFile}`] });
  const ca = readFileSync(certificateFile);
  const secure = await openConnection({ ...settings(`127.0.0.1:${port}`), tls: { ca } });
  assert.ok(secure.ok, secure.ok ? '' : secure.detail);
  assert.deepEqual(await secure.value.call(['PING'], 1_000), { ok: true, value: 'PONG' });
  secure.value.close();
  const unknown = await openConnection({ ...settings(`127.0.0.1:${port}`), tls: {} });
  assert.match(unknown.ok ? 'opened' : unknown.detail, /self.signed/i);
});

test('a connection that did not answer in time is closed, its loss by the other side is told once', async (t) => {
  const server = await serverFor(t);
  const slow = await openConnection(settings(server.address));
  const lost = await openConnection(settings(server.address));
  assert.ok(slow.ok && lost.ok);
  const told: string[] = [];
  const ended = new Promise<void>((resolve) => {
    lost.value.onLost((error) => {
      told.push(error);
      resolve();
    });
  });
  slow.value.onLost(() => told.push('closed by ourselves'));
  server.signal('SIGSTOP');
  const silent = await slow.value.call(['PING'], 50);
  assert.equal(!silent.ok && silent.kind, 'silent');
  assert.equal(slow.value.isOpen(), false);
  const pending = lost.value.call(['PING'], 5_000);
  await server.kill();
  await ended;
  const answer = await pending;
  assert.equal(!answer.ok && answer.kind, 'disconnected');
  assert.equal(told.length, 1);
  assert.equal(lost.value.isOpen(), false);
  lost.value.onLost(() => told.push('told late'));
  assert.equal(told.at(-1), 'told late');
});
