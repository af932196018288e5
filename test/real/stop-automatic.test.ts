/**
 * While automatic action is stopped, a dead master stays dead and is shown as what it is; once the stop is lifted the
 * failover follows by itself. Each scope in turn, on one tier.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { StatusAnswer } from '../../src/contract/status.ts';
import { eventually } from '../support/eventually.ts';
import { type Ground, isWhole, prepareGround } from '../support/ground.ts';
import { runPollux } from '../support/pollux-process.ts';

const GROUP = 'orders-a';
const DETECTION_MS = 1_000;

let ground: Ground;

before(async () => {
  ground = await prepareGround({
    layout: [{ group: GROUP, sites: ['idc-a', 'idc-a', 'idc-b'] }],
    policy: 'any-one',
  });
});

after(() => ground.close());

const pollux = async (...line: readonly string[]): Promise<string> => {
  const ended = await runPollux(line, {
    POLLUX_NODES: ground.tier.urls.join(','),
    POLLUX_TOKEN: ground.tier.token,
  });
  assert.equal(ended.code, 0, ended.stdout + ended.stderr);
  return ended.stdout;
};

async function alerts(): Promise<StatusAnswer['alerts']> {
  const leader = await ground.tier.leader();
  return ((await ground.tier.call('GET', '/v1/status', undefined, leader)).body as StatusAnswer).alerts;
}

const master = async () => {
  const { master: reigning } = await ground.group(GROUP);
  const server = ground.groups[0]?.servers.find(({ id }) => id === reigning?.replica);
  assert.ok(server, 'the group has a master');
  return server;
};

for (const scope of ['group', 'idc', 'all'] as const) {
  test(`stopped for ${scope}: a dead master is not replaced until that is lifted`, async () => {
    const dead = await master();
    const scopeOption = { group: ['--group', GROUP], idc: ['--idc', dead.site], all: ['--all'] }[scope];
    await pollux('stop-automatic', ...scopeOption, '--reason', 'maintenance');
    assert.match(await pollux('stop-automatic', '--list'), /maintenance/);
    assert.equal((await ground.group(GROUP)).automaticStopped, true);
    const { epoch } = await ground.group(GROUP);

    await dead.redis.kill();
    const alert = await eventually(
      'the alert is raised',
      async () => (await alerts()).find(({ code }) => code === 'automaticStopped') ?? null,
    );
    assert.match(
      alert.message,
      new RegExp(`${dead.id} is dead, but automatic action is stopped.*maintenance`),
    );
    assert.match(await pollux('status'), /automaticStopped/);
    // Long enough for another round of the judgement: it, too, has to leave the group alone.
    await new Promise((done) => setTimeout(done, 2 * DETECTION_MS));
    const held = await ground.group(GROUP);
    assert.equal(held.epoch, epoch);
    assert.equal(held.phase.kind, 'active');

    await pollux('stop-automatic', ...scopeOption, '--resume');
    await eventually('a new reign is active', async () => {
      const group = await ground.group(GROUP);
      return group.phase.kind === 'active' && group.epoch === epoch + 1;
    });
    assert.notEqual((await master()).id, dead.id);
    await dead.redis.start();
    await eventually('the old master is back', async () => isWhole(await ground.group(GROUP)));
    assert.deepEqual(await alerts(), []);
  });
}
