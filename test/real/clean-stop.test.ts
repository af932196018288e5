/** A leader that is told to end hands its place over first: nobody has to wait until it is missed. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { startTier, type Tier } from '../support/tier.ts';

/** Long, so that a successor that is there soon after the leader's end was not elected because it was missed. */
const ELECTION_TIMEOUT_MS = 5_000;
const SUCCESSOR_WITHIN_MS = 2_500;

let tier: Tier;

before(async () => {
  const consensus = { electionTimeoutMs: ELECTION_TIMEOUT_MS, heartbeatIntervalMs: 100 };
  tier = await startTier({ configuration: { consensus } });
});

after(() => tier.close());

test('SIGTERM to the leader: another one takes writes long before an election timeout is over', async () => {
  const leader = await tier.leader();
  const [survivor] = tier.nodes.filter((node) => node !== leader);
  const code = await leader.stop();
  assert.equal(code, 0);
  await eventually(
    'a survivor takes a write',
    async () => {
      const body = { key: 'after-the-stop', value: 'taken' };
      return (await tier.call('POST', '/v1/key-values', body, survivor)).status === 200;
    },
    SUCCESSOR_WITHIN_MS,
  );
});
