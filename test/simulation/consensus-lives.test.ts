/** A few hundred simulated lives of a group: safe under faults, and at work again once they are over. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../../src/core/primitives/seeded-random.ts';
import { Cluster, ELECTION_TIMEOUT_MS, type Faults } from './consensus/cluster.ts';

const SEEDS = Number(process.env['RAFT_SEEDS'] ?? 240);
const FIRST_SEED = Number(process.env['RAFT_FIRST_SEED'] ?? 1);

function faultsOf(seed: number): Faults {
  const random = seededRandom(seed ^ 0x5eed);
  /** Mostly little, now and then a lot. */
  const upTo = (most: number): number => (random.next() < 0.3 ? 0 : random.next() ** 2 * most);
  return {
    loss: upTo(0.4),
    duplication: upTo(0.3),
    delayMs: 2 + upTo(40),
    longDelay: upTo(0.1),
    diskMs: 0.2 + upTo(40),
    longWrite: upTo(0.2),
    crash: upTo(0.04),
    crashInBatch: upTo(0.2),
    downMs: upTo(400),
    cut: upTo(0.05),
    isolation: upTo(0.03),
    pause: upTo(0.02),
    transfer: upTo(0.06),
  };
}

function sizeOf(seed: number): number {
  if (seed % 40 === 0) return 1;
  return seed % 4 === 0 ? 5 : 3;
}

function live(seed: number): Cluster {
  const cluster = new Cluster(seed, sizeOf(seed));
  cluster.faults = faultsOf(seed);
  cluster.run(25 * ELECTION_TIMEOUT_MS);
  cluster.heal();
  cluster.run(10 * ELECTION_TIMEOUT_MS);
  const leader = cluster.leader();
  assert.ok(leader !== null, 'a healed group elects a leader');
  const decidedBefore = cluster.oracle.decided;
  for (let attempt = 0; attempt < 50 && !cluster.propose(leader); attempt += 1) cluster.run(1);
  cluster.run(3 * ELECTION_TIMEOUT_MS);
  assert.ok(cluster.oracle.decided > decidedBefore, 'a healed group commits');
  for (const node of cluster.nodes) {
    assert.ok(node.appliedIndex > decidedBefore, `${node.name} of a healed group catches up`);
    assert.equal(node.digest, cluster.oracle.digestAt(node.appliedIndex), 'applied prefixes agree');
  }
  return cluster;
}

test(`${SEEDS} simulated groups keep every promise of Raft, then heal and go on`, () => {
  const totals: Record<string, number> = { decided: 0 };
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed += 1) {
    try {
      const { oracle, counts } = live(seed);
      totals['decided'] = (totals['decided'] ?? 0) + oracle.decided;
      for (const [name, count] of Object.entries(counts)) totals[name] = (totals[name] ?? 0) + count;
    } catch (error) {
      throw new Error(`seed ${seed} (RAFT_FIRST_SEED=${seed} RAFT_SEEDS=1 replays it)`, { cause: error });
    }
  }
  if (SEEDS < 100) return;
  // A simulation in which nothing happens proves nothing.
  for (const [name, count] of Object.entries(totals))
    assert.ok(count >= SEEDS / 4, `${name} happened only ${count} times`);
});

test('one seed is one history: time and randomness come from outside only', () => {
  const history = (): unknown => {
    const { oracle, counts, nodes } = live(7);
    return { decided: oracle.decided, counts, digests: nodes.map(({ digest }) => digest) };
  };
  assert.deepEqual(history(), history());
});
