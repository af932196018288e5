/** What a run of many seeds came to; a plain value, so that a run can be interrupted, written down and resumed. */
import { z } from 'zod';
import type { LifeReport, Profile } from '../profiles/profile.ts';

const failureSchema = z.strictObject({
  seed: z.int(),
  profile: z.string(),
  property: z.string(),
  detail: z.string(),
});

export type Failure = z.infer<typeof failureSchema>;

export const tallySchema = z.strictObject({
  seeds: z.int(),
  steps: z.int(),
  failures: z.array(failureSchema),
  /** How many lives of each profile were lived to their end, and what happened in them. */
  lives: z.record(z.string(), z.strictObject({ seeds: z.int(), counts: z.record(z.string(), z.number()) })),
});

export type Tally = z.infer<typeof tallySchema>;

/** Averages over fewer lives say nothing yet. */
const LIVES_TO_JUDGE_BY = 100;

export const emptyTally = (): Tally => ({ seeds: 0, steps: 0, failures: [], lives: {} });

export function addLife(tally: Tally, profile: string, { steps, counts }: LifeReport): void {
  tally.seeds += 1;
  tally.steps += steps;
  const lives = tally.lives[profile] ?? { seeds: 0, counts: {} };
  tally.lives[profile] = lives;
  lives.seeds += 1;
  for (const [what, count] of Object.entries(counts)) lives.counts[what] = (lives.counts[what] ?? 0) + count;
}

export function addFailure(tally: Tally, failure: Failure): void {
  tally.seeds += 1;
  tally.failures.push(failure);
}

/** What should have happened in so many lives and did not: each is a reason not to believe the run. */
export function missing(tally: Tally, profiles: readonly Profile[]): readonly string[] {
  return profiles.flatMap(({ name, mustHappen }) => {
    const lives = tally.lives[name];
    if (lives === undefined || lives.seeds < LIVES_TO_JUDGE_BY) return [];
    return Object.entries(mustHappen)
      .filter(([what, average]) => (lives.counts[what] ?? 0) < average * lives.seeds)
      .map(
        ([what, average]) =>
          `${name}: ${what} happened ${lives.counts[what] ?? 0} times in ${lives.seeds} lives, fewer than ${average} a life`,
      );
  });
}
