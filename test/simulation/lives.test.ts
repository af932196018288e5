/** Seconds of the simulation in every run of the tests, the same seeds each time, as far as they get. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outcomeOf } from './command/live-seed.ts';
import { addFailure, addLife, emptyTally, missing } from './command/tally.ts';
import { profileNamed, profileNames, profileOf } from './profiles/registry.ts';

const LONGEST_MS = 60_000;
const PROCESSOR_MS = 30_000;
/** However slow the machine is. */
const FEWEST_SEEDS = 150;

test('simulated tiers keep every promise, then heal and go on', async () => {
  const tally = emptyTally();
  const startedMs = performance.now();
  const before = process.cpuUsage();
  const isTimeOver = (): boolean =>
    process.cpuUsage(before).user / 1_000 > PROCESSOR_MS || performance.now() - startedMs > LONGEST_MS;
  for (let seed = 1; seed <= FEWEST_SEEDS || !isTimeOver(); seed += 1) {
    const profile = profileOf(seed);
    const outcome = await outcomeOf(profile.prepare(seed));
    if (outcome.ok) addLife(tally, profile.name, outcome.report);
    else addFailure(tally, { ...outcome, seed, profile: profile.name });
    assert.deepEqual(tally.failures, [], `npm run -s sim -- --seed ${seed} replays it`);
  }
  const profiles = profileNames.flatMap((name) => profileNamed(name) ?? []);
  assert.deepEqual(missing(tally, profiles), [], 'lives in which nothing happens prove nothing');
});

for (const name of profileNames) {
  test(`one seed is one history: ${name}`, async () => {
    const history = async (seed: number): Promise<unknown> => {
      const notes: string[] = [];
      const outcome = await outcomeOf(profileNamed(name)?.prepare(seed) ?? assert.fail(), (line) =>
        notes.push(line),
      );
      return { outcome, notes };
    };
    for (const seed of [7, 8, 9]) assert.deepEqual(await history(seed), await history(seed));
    assert.notDeepEqual(await history(7), await history(8));
  });

  test(`a plan that was written down is lived as it was drawn: ${name}`, async () => {
    const profile = profileNamed(name) ?? assert.fail();
    const drawn = profile.prepare(11);
    const read = profile.resume(JSON.parse(JSON.stringify(drawn.plan)));
    assert.deepEqual(await outcomeOf(read), await outcomeOf(drawn));
  });
}
