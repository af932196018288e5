/** Everything that is judged in every life, whatever else goes on in it. */
import { appliedState } from './applied-state.ts';
import { durability } from './durability.ts';
import { leaders } from './leaders.ts';
import { leases } from './leases.ts';
import { logMatching } from './log-matching.ts';
import type { Oracle } from './oracle.ts';
import { votes } from './votes.ts';

export const consensusOracles = (): readonly Oracle[] => [
  votes(),
  leaders(),
  logMatching(),
  durability(),
  leases(),
  appliedState(),
];
