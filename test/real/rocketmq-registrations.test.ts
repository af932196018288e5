/**
 * Brokers with thousands of topics at three real nodes, each registering with all of them at the same moment, as real ones
 * do: fifty that come back together, the same again with nothing new, and each with one topic changed.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { z } from 'zod';
import { Registrants } from '../bench/processes/rocketmq-registrations.ts';
import { startTier, type Tier } from '../support/tier.ts';

const BROKERS = 50;
const TOPICS = 5_000;
const FIRST_PORT = 30_000;
/** A change of the leader takes one, and what was under way then may be committed again. */
const SPARE_COMMITS = 5;

let tier: Tier;
let brokers: Registrants;

const statusSchema = z.object({ node: z.object({ commitIndex: z.int() }) });

async function commits(): Promise<number> {
  const { body } = await tier.call('GET', '/v1/status');
  return statusSchema.parse(body).node.commitIndex;
}

/** All at once; answers how many commits it took. */
async function register(change: boolean): Promise<number> {
  const before = await commits();
  const { answered, failed, failure } = await brokers.round(0, change);
  assert.deepEqual([answered, failed, failure], [BROKERS * tier.nodes.length, 0, null]);
  return (await commits()) - before;
}

function assertEachOnce(commits: number): void {
  assert.ok(commits >= BROKERS && commits <= BROKERS + SPARE_COMMITS, `${commits} commits`);
}

describe('fifty brokers with 5,000 topics each, at all nodes at once', () => {
  before(async () => {
    tier = await startTier();
    const servers = tier.nodes.map(({ rocketmqPort }) => `127.0.0.1:${rocketmqPort}`);
    const plan = { servers, cluster: 'wide', firstPort: FIRST_PORT, brokers: BROKERS, topics: TOPICS };
    brokers = await Registrants.open(plan);
  });

  after(async () => {
    brokers?.close();
    await tier?.close();
  });

  it('register, with one commit for each broker', async () => {
    assertEachOnce(await register(false));
  });

  it('register again without a commit', async () => {
    assert.ok((await register(false)) <= SPARE_COMMITS);
  });

  it('register a topic that changed with one commit each', async () => {
    assertEachOnce(await register(true));
  });
});
