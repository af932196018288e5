/** Brakes on real processes, by the command line: run-time settings, a cool-down that is acknowledged, a refusal. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { type Ground, type GroundServer, isWhole, prepareGround } from '../support/ground.ts';
import { runPollux } from '../support/pollux-process.ts';

const GROUP = 'orders-a';

let ground: Ground;

before(async () => {
  ground = await prepareGround({
    layout: [{ group: GROUP, sites: ['idc-a', 'idc-a', 'idc-b'] }],
    policy: 'any-one',
    cooldownMs: 600_000,
  });
});

after(() => ground.close());

const run = (...line: readonly string[]) =>
  runPollux(line, { POLLUX_NODES: ground.tier.urls.join(','), POLLUX_TOKEN: ground.tier.token });

async function pollux(...line: readonly string[]): Promise<string> {
  const ended = await run(...line);
  assert.equal(ended.code, 0, ended.stdout + ended.stderr);
  return ended.stdout;
}

const master = async (): Promise<GroundServer> => {
  const { master: reigning } = await ground.group(GROUP);
  const server = ground.groups[0]?.servers.find(({ id }) => id === reigning?.replica);
  assert.ok(server, 'the group has a master');
  return server;
};

const epochIs = (epoch: number) => async () => {
  const group = await ground.group(GROUP);
  return group.epoch === epoch && group.phase.kind === 'active';
};

test('settings are changed while the group runs, and refused where they make no sense', async () => {
  assert.match(await pollux('group', 'set', GROUP, '--detection-ms', '800'), /detection 800 ms/);
  assert.equal((await ground.group(GROUP)).detectionMs, 800);
  const tooShort = await run('group', 'set', GROUP, '--detection-ms', '150');
  assert.equal(tooShort.code, 1);
  assert.match(tooShort.stderr, /servers are probed every 100 ms[\s\S]*at least 200/);
  assert.match(
    await pollux('history', 'changes'),
    /groupSet +group default\/orders-a .*detectionMs 1000 -> 800/,
  );
});

test('a killed master is replaced although the group cools down, a silent one only once that is acknowledged', async () => {
  const first = await master();
  await first.redis.kill();
  await eventually('the first failover', epochIs(2));
  await first.redis.start();
  await eventually('everybody is back', async () => isWhole(await ground.group(GROUP)));
  assert.match(await pollux('group', 'show', GROUP), /cool-down: +until .*pollux acknowledge orders-a/);
  const second = await master();
  await second.redis.kill();
  await eventually('a process that ended is no flapping', epochIs(3));
  await second.redis.start();
  await eventually('everybody is back', async () => isWhole(await ground.group(GROUP)));

  const third = await master();
  third.redis.signal('SIGSTOP');
  await eventually('the alert is raised', async () => /coolingDown/.test(await pollux('status')));
  assert.equal((await ground.group(GROUP)).epoch, 3);
  assert.match(await pollux('history', 'list'), /coolingDown/);
  await pollux('acknowledge', GROUP, '--note', 'the switch was replaced');
  await eventually('the failover follows', epochIs(4));
  third.redis.signal('SIGCONT');
  await eventually('everybody is back', async () => isWhole(await ground.group(GROUP)));
  assert.match(await pollux('history', 'changes'), /acknowledged .*the switch was replaced/);
});

test('where nothing can be proven the command line says what is missing, what it may cost, and how to force it', async () => {
  const reigning = await master();
  const slaves = ground.groups[0]?.servers.filter(({ id }) => id !== reigning.id) ?? [];
  const [gone] = slaves;
  assert.ok(gone !== undefined);
  await Promise.all([gone.redis.kill(), reigning.redis.kill()]);
  await eventually('the alert is raised', async () => /unprovable/.test(await pollux('status')));
  const refused = await run('failover', GROUP);
  assert.equal(refused.code, 1);
  for (const said of [
    new RegExp(`${gone.id}: does not answer`),
    /worst case \d+ bytes/,
    /pollux failover orders-a --unsafe --reason/,
  ])
    assert.match(refused.stderr, said);
  const forced = await pollux('failover', GROUP, '--unsafe', '--reason', 'both are in the river');
  assert.match(forced, /unsafe by operator, both are in the river/);
  assert.match(forced, /loss: +\d+ bytes predicted/);
});
