/** A node whose disk was lost keeps still while the others have no majority without it, and comes back once they have. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodeName } from '../../../src/core/primitives/identifiers.ts';
import { consensusOracles } from '../oracles/consensus-oracles.ts';
import { drawPlan } from '../profiles/plan.ts';
import { World } from './world.ts';

const A = nodeName('pollux-a');
const B = nodeName('pollux-b');

function markedWorld(): World {
  const { timing } = drawPlan(1);
  const oracles = consensusOracles(timing.electionTimeoutMs);
  return new World({ seed: 1, size: 3, timing, tickIntervalMs: 10, oracles, areNodesMarked: true });
}

const areMarked = (world: World): boolean =>
  world.nodes.every((node) => node.loop().state().joined.size === world.nodes.length);

const lose = (isSaid: boolean) => ({ kind: 'loseDisk', node: A, isSaid, downMs: 10 }) as const;

test('without a majority besides it, a node without its disk waits in silence', async () => {
  const world = markedWorld();
  assert.ok(await world.runUntil(() => areMarked(world), 5_000), 'every node leaves its mark');
  world.perform(lose(true));
  world.perform({ kind: 'cut', from: [B], to: ['others'], bothWays: true, forMs: 3_000 });
  await world.run(2_900);
  const node = world.node(A);
  assert.deepEqual([node.isRunning, node.isWhole, node.disk.hardState.term], [true, false, 0]);
  assert.equal(world.counts['letInAgain'], undefined);
  assert.ok(await world.runUntil(() => node.isWhole, 3_000), 'it comes back when the others have a majority');
});

test('a node that does not say that its disk was lost is refused first', async () => {
  const world = markedWorld();
  await world.runUntil(() => areMarked(world), 5_000);
  world.perform(lose(false));
  assert.ok(await world.runUntil(() => world.node(A).isWhole, 3_000));
  assert.deepEqual([world.counts['refusedStarts'], world.counts['letInAgain']], [1, 1]);
});

test('a second disk is not lost before the first node is a full member again', async () => {
  const world = markedWorld();
  await world.runUntil(() => areMarked(world), 5_000);
  world.perform(lose(true));
  world.perform({ ...lose(true), node: B });
  assert.equal(world.counts['loseDisk'], 1);
  await world.runUntil(() => world.node(A).isWhole, 3_000);
  world.perform({ ...lose(true), node: B });
  assert.equal(world.counts['loseDisk'], 2);
  assert.ok(await world.runUntil(() => world.node(B).isWhole, 3_000));
});
