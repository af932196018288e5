/** A run in which too little happened must not pass for a good one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Profile } from '../profiles/profile.ts';
import { addFailure, addLife, emptyTally, missing, tallySchema } from './tally.ts';

const profile: Profile = {
  name: 'quiet',
  mustHappen: { crashes: 0.5 },
  prepare: () => assert.fail(),
  resume: () => assert.fail(),
};

const lives = (count: number, crashesEach: number) => {
  const tally = emptyTally();
  for (let life = 0; life < count; life += 1)
    addLife(tally, 'quiet', { steps: 1, fingerprint: 0, counts: { crashes: crashesEach } });
  return tally;
};

test('what has to happen and does not is named, once there are lives enough to tell', () => {
  assert.deepEqual(missing(lives(200, 1), [profile]), []);
  assert.match(missing(lives(200, 0), [profile])[0] ?? '', /quiet: crashes happened 0 times in 200 lives/);
  assert.deepEqual(missing(lives(20, 0), [profile]), []);
});

test('a tally is read back as it was written', () => {
  const tally = lives(3, 1);
  addFailure(tally, { seed: 9, profile: 'quiet', property: 'p', detail: 'd' });
  assert.equal(tally.seeds, 4);
  assert.deepEqual(tallySchema.parse(JSON.parse(JSON.stringify(tally))), tally);
});
