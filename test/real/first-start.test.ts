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

test('two nodes found the tier; the third joins at its first start, later, and may restart at any time', async () => {
  await Promise.all(tier.nodes.map((node) => node.kill()));
  for (const node of tier.nodes) rmSync(node.dataDirectory, { recursive: true });
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
