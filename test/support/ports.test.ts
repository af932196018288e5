import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { freePort } from './ports.ts';
import { repositoryRoot } from './repository.ts';

const run = promisify(execFile);

test('each port is handed out once, below those of outgoing connections, and can be listened on', async () => {
  const ports = await Promise.all(Array.from({ length: 250 }, () => freePort()));
  assert.equal(new Set(ports).size, ports.length);
  assert.ok(ports.every((port) => port >= 10_000 && port < 30_000));
  const server = createServer();
  await new Promise<void>((done) => server.listen(ports[0], '127.0.0.1', done));
  await new Promise((done) => server.close(done));
});

test('processes that run at the same time have ports of their own', async () => {
  const own = await freePort();
  const script = `
    const { freePort } = await import(${JSON.stringify(path.join(repositoryRoot, 'test/support/ports.ts'))});
    const ports = [];
    for (let count = 0; count < 20; count += 1) ports.push(await freePort());
    console.log(JSON.stringify(ports));
    await new Promise((done) => setTimeout(done, 500));`;
  const arguments_ = ['--import', 'tsx', '--input-type=module', '--eval', script];
  const answers = await Promise.all([1, 2, 3].map(() => run(process.execPath, arguments_)));
  const ports = answers.flatMap(({ stdout }) => JSON.parse(stdout) as number[]);
  assert.equal(new Set([...ports, own]).size, 61);
});
