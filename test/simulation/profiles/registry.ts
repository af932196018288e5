/** The kinds of life that there are. Each seed has one of them, by weight, unless one is asked for by name. */
import { must } from '../../../src/core/primitives/assert.ts';
import { streamsOf } from '../world/streams.ts';
import { consensus } from './consensus.ts';
import { failover } from './failover.ts';
import type { Profile } from './profile.ts';

const PROFILES: readonly { readonly profile: Profile; readonly weight: number }[] = [
  { profile: consensus, weight: 3 },
  { profile: failover, weight: 1 },
];

export const profileNames: readonly string[] = PROFILES.map(({ profile }) => profile.name);

export const profileNamed = (name: string): Profile | null =>
  PROFILES.find(({ profile }) => profile.name === name)?.profile ?? null;

export function profileOf(seed: number): Profile {
  const total = PROFILES.reduce((sum, { weight }) => sum + weight, 0);
  let left = streamsOf(seed)('profile').next() * total;
  const chosen = PROFILES.find(({ weight }) => {
    left -= weight;
    return left < 0;
  });
  return must(chosen, 'the weights cover every draw').profile;
}
