/** The page for the day on which pollux is gone: its commands, as they stand there, bring a fenced group up by hand. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { managedGroup, STEERING_SECRET, steerDone } from '../support/redis-group.ts';
import type { RedisServer } from '../support/redis-server.ts';
import { repositoryRoot } from '../support/repository.ts';

const PASSWORD = 'made-by-hand';

const page = (): string[] =>
  readFileSync(join(repositoryRoot, 'deploy/redis/break-glass.md'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('       '))
    .map((line) => line.trim());

/** The one command of the page that holds these words. */
function commandWith(words: string): string {
  const found = page().filter((line) => line.includes(words));
  assert.equal(found.length, 1, `${words} stands on the page once`);
  return found[0] ?? '';
}

function shell(command: string, input = ''): string {
  const { status, stdout, stderr } = spawnSync('sh', ['-c', command], { input, encoding: 'utf8' });
  assert.equal(status, 0, `${command}: ${stderr}`);
  return stdout;
}

/** A redis-cli command of the page on one server; the parts that the page leaves to its reader are filled in. */
function onServer(
  server: RedisServer,
  words: string,
  user: string,
  password: string,
  master?: RedisServer,
): string {
  const login = `-h 127.0.0.1 -p ${server.port} --user ${user} --askpass`;
  const command = commandWith(words)
    .replace(/^redis-cli (\((master|other)\) *)?\.\.\./, `redis-cli ${login}`)
    .replace('-h HOST -p PORT', `-h 127.0.0.1 -p ${server.port}`)
    .replace('--user ADMIN', `--user ${user}`)
    .replace('HOST PORT', `127.0.0.1 ${master?.port}`)
    .replaceAll('PASSWORD', PASSWORD);
  const answer = shell(command, `${password}\n`);
  assert.doesNotMatch(answer, /^(ERR|NOPERM|NOAUTH|WRONGPASS)/m, command);
  return answer;
}

test('with pollux gone, a fenced group is brought up with the commands of the page', async (t) => {
  const { driver, master, slaves, slaveTargets } = await managedGroup(t);
  const [one, other] = slaves;
  assert.ok(one !== undefined && other !== undefined);
  const writer = master.client({ username: 'w-1' });
  await writer.set('kept', 'yes');
  assert.equal(await writer.wait(2, 5_000), 2);
  await master.kill();
  for (const target of slaveTargets)
    await steerDone(driver, target, { kind: 'revoke', killClients: true, prepare: false });
  await driver.close();

  const directory = mkdtempSync(join(tmpdir(), 'pollux-secret-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const secretFile = join(directory, 'secret');
  writeFileSync(secretFile, STEERING_SECRET);
  const derive = commandWith('openssl dgst').replace('STEERING_SECRET_FILE', `'${secretFile}'`);
  const keeperPassword = shell(derive).split(' ')[0] ?? '';
  const offsets = slaves.map((server) => {
    onServer(server, 'ACL SETUSER by-hand', 'pollux-keeper', keeperPassword);
    const info = onServer(server, 'INFO replication', 'by-hand', PASSWORD);
    return BigInt(/^slave_repl_offset:(\d+)/m.exec(info)?.[1] ?? '0');
  });
  const [chosen, second] = (offsets[0] ?? 0n) >= (offsets[1] ?? 0n) ? [one, other] : [other, one];
  onServer(chosen, 'min-replicas-to-write 0', 'by-hand', PASSWORD);
  onServer(chosen, 'REPLICAOF NO ONE', 'by-hand', PASSWORD);
  const application = chosen.client();
  assert.equal(await application.get('kept'), 'yes');
  assert.equal(await application.set('written', 'by hand'), 'OK');
  onServer(chosen, 'ACL SETUSER repl-by-hand', 'by-hand', PASSWORD);
  onServer(second, 'masteruser repl-by-hand', 'by-hand', PASSWORD);
  onServer(second, 'REPLICAOF HOST PORT', 'by-hand', PASSWORD, chosen);
  assert.equal(await application.wait(1, 10_000), 1);

  await second.kill();
  await second.start();
  assert.match(second.fileText(), /^replicaof 127\.0\.0\.1 1$/m);
});
