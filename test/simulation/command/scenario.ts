/**
 * A life as a file: what it once showed, its plan, and the readable course of events. Only the plan is replayed; the
 * rest is for people.
 */
import { z } from 'zod';
import type { PreparedLife } from '../profiles/profile.ts';
import { profileNamed, profileNames } from '../profiles/registry.ts';

const scenarioSchema = z.strictObject({
  /** What happens and what it once found, in a sentence or two. */
  story: z.string(),
  profile: z.string(),
  plan: z.unknown(),
  transcript: z.array(z.string()).default([]),
});

export type Scenario = z.infer<typeof scenarioSchema>;

export const parseScenario = (text: string): Scenario => scenarioSchema.parse(JSON.parse(text));

/** Faults stand on a line each. */
export function formatScenario(scenario: Scenario): string {
  const text = JSON.stringify(scenario, null, 2);
  return `${text.replace(/\{\s+"atMs"[\s\S]*?\n {6}\}/g, (fault) => fault.replace(/\s*\n\s*/g, ' '))}\n`;
}

export function lifeOf({ profile, plan }: Scenario): PreparedLife {
  const known = profileNamed(profile);
  if (known === null) throw new Error(`there is no profile '${profile}', only ${profileNames.join(', ')}`);
  return known.resume(plan);
}
