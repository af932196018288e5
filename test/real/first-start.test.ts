/**
 * First starts and lost disks, with real processes. Both begin with an empty data directory; only the first may take
 * part, for a node that lost its disk has promised things that it no longer knows.
 */
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { type Ended, startPollux } from '../support/pollux-process.ts';
import { startTier, type Tier, type TierNode } from '../support/tier.ts';

let tier: Tier;

before(async () => {
  tier = await startTier();
});

after(() => tier.close());

const isReady = (node: TierNode): Promise<boolean> =>
  tier.call('GET', '/readyz', undefined, node).then(
    ({ status }) => status === 200,
    () => false,
  );

const allReady = (nodes: readonly TierNode[]) =>
  eventually('the nodes are current', async () => (await Promise.all(nodes.map(isReady))).every(Boolean));

let keysSet = 0;
const takesWrites = (node?: TierNode) =>
  eventually('a write is taken', async () => {
    keysSet += 1;
    const answer = await tier.call('POST', '/v1/key-values', { key: `key-${keysSet}`, value: 'x' }, node);
    return answer.status === 200;
  });

const has = (node: TierNode, key: string) =>
  eventually(`${node.name} has ${key}`, async () => {
    const { status } = await tier.call('GET', `/v1/key-values/${key}`, undefined, node);
    return status === 200;
  });

async function doesNotStart(node: TierNode): Promise<void> {
  const started = startPollux(['serve', '--config', node.configFile]);
  let ended: Ended | null = null;
  void started.ended.then((how) => {
    ended = how;
  });
  try {
    const { code, stderr } = await eventually('the node gives up', () => ended, 60_000);
    assert.equal(code, 1, stderr);
    assert.match(stderr, new RegExp(`${node.name} has taken part in this tier before`));
    assert.match(stderr, /What to do: mount or name the directory/);
  } finally {
    await started.kill();
  }
  assert.match(readFileSync(node.logFile, 'utf8'), /this node has to end: .* has taken part/);
}

test('a node that lost its disk does not start, however often, and the others go on', async () => {
  const leader = await tier.leader();
  const [lost, other] = tier.nodes.filter(({ name }) => name !== leader.name);
  assert.ok(lost && other);
  await allReady(tier.nodes);
  await takesWrites();
  await lost.kill();
  rmSync(lost.dataDirectory, { recursive: true });
  await doesNotStart(lost);
  await doesNotStart(lost);
  await takesWrites();

  // Nor after a restart of everything, when the others have not applied anything yet.
  await Promise.all([leader.kill(), other.kill()]);
  const judged = doesNotStart(lost);
  await Promise.all([leader.start(), other.start()]);
  await judged;
  await allReady([leader, other]);
});

test('a node that lost its disk comes back as an operator says, with the help of both others, and is whole', async () => {
  const leader = await tier.leader();
  // The one that did not start above.
  const lost = tier.nodes.find((node) => !node.isRunning());
  const other = tier.nodes.find((node) => node !== leader && node !== lost);
  assert.ok(lost && other);
  rmSync(lost.dataDirectory, { recursive: true, force: true });
  await takesWrites();
  const kept = `key-${keysSet}`;

  // With one of the others there is no majority without it: it keeps still, and nothing can be committed.
  await other.kill();
  const rejoining = startPollux(['serve', '--config', lost.configFile, '--rejoin']);
  try {
    await eventually('it listens', () => rejoining.printed().includes('listens on'));
    await new Promise((done) => setTimeout(done, 1_000));
    const statusOf = async () => {
      const { body } = await tier.call('GET', '/v1/status', undefined, lost);
      return (body as { node: { term: number; lastIndex: number } }).node;
    };
    const { term, lastIndex } = await statusOf();
    assert.deepEqual({ term, lastIndex }, { term: 0, lastIndex: 0 });

    await other.start();
    await allReady([leader, other, lost]);
    await has(lost, kept);
  } finally {
    await rejoining.kill();
  }

  // Once more, with both of them up all the time: the leader still believes that the node holds what it lost again.
  await takesWrites();
  rmSync(lost.dataDirectory, { recursive: true });
  const again = startPollux(['serve', '--config', lost.configFile, '--rejoin']);
  try {
    await has(lost, kept);
    await has(lost, `key-${keysSet}`);
  } finally {
    await again.kill();
  }

  // From now on it is a node like any other, also without one of those that helped it.
  await lost.start();
  await allReady([lost]);
  await (await tier.leader()).kill();
  await takesWrites(lost);
});

test('two nodes found the tier; the third joins at its first start, later, and may restart at any time', async () => {
  await Promise.all(tier.nodes.map((node) => node.kill()));
  for (const node of tier.nodes) rmSync(node.dataDirectory, { recursive: true, force: true });
  const [first, second, late] = tier.nodes;
  await first.start();
  await second.start();
  await allReady([first, second]);
  await takesWrites();

  await late.start();
  await allReady([late]);
  await late.kill();
  await late.start();
  await allReady([late]);

  // It is a full member: with it, the tier survives one of the founders.
  await first.kill();
  await allReady([second, late]);
  await takesWrites(late);
});
