/**
 * Leaves out of a plan every fault without which the same promise is still broken, so that what is written down can be
 * read. What chance decides shifts with every fault that goes, so the result is short, not the shortest.
 */
import { z } from 'zod';
import type { PreparedLife, Profile } from '../profiles/profile.ts';
import { outcomeOf } from './live-seed.ts';

const withFaults = z.looseObject({ faults: z.array(z.unknown()) });

export async function shrunk(profile: Profile, life: PreparedLife, property: string): Promise<PreparedLife> {
  const written: unknown = JSON.parse(JSON.stringify(life.plan));
  const parsed = withFaults.safeParse(written);
  if (!parsed.success) return life;
  let { faults } = parsed.data;
  let shortest = life;
  for (let portion = Math.ceil(faults.length / 2); portion >= 1; portion = Math.floor(portion / 2)) {
    for (let from = 0; from < faults.length; ) {
      const fewer = faults.toSpliced(from, portion);
      const candidate = profile.resume({ ...parsed.data, faults: fewer });
      const outcome = await outcomeOf(candidate);
      if (!outcome.ok && outcome.property === property) {
        faults = fewer;
        shortest = candidate;
      } else from += portion;
    }
  }
  return shortest;
}
