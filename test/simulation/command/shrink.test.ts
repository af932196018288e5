/** Only the faults that matter are left, whatever their place. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import type { PreparedLife, Profile } from '../profiles/profile.ts';
import { Violation } from '../world/violation.ts';
import { shrunk } from './shrink.ts';

const planSchema = z.object({ faults: z.array(z.number()) });

/** Its lives break a promise when they have both 3 and 7, and another one when 3 stands alone. */
const resume = (plan: unknown): PreparedLife => ({
  plan,
  live: async () => {
    const { faults } = planSchema.parse(plan);
    if (faults.includes(3) && faults.includes(7)) throw new Violation('both', 'as asked');
    if (faults.includes(3)) throw new Violation('alone', 'another one');
    return { steps: 1, fingerprint: 0, counts: {} };
  },
});

const profile: Profile = { name: 'numbers', mustHappen: {}, prepare: () => assert.fail(), resume };

test('what does not matter goes, and another violation does not count', async () => {
  const life = resume({ faults: [1, 2, 3, 4, 5, 6, 7, 8, 9] });
  assert.deepEqual((await shrunk(profile, life, 'both')).plan, { faults: [3, 7] });
});

test('a plan without faults stays as it is', async () => {
  const life = resume({ other: true });
  assert.equal(await shrunk(profile, life, 'both'), life);
});
