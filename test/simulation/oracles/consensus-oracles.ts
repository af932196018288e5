/** Everything that is judged in every life, whatever else goes on in it. */
import { appliedState } from './applied-state.ts';
import { durability } from './durability.ts';
import { handingOver } from './handing-over.ts';
import { leaders } from './leaders.ts';
import { leases } from './leases.ts';
import { logMatching } from './log-matching.ts';
import type { Oracle } from './oracle.ts';
import { reads } from './reads.ts';
import { replacements } from './replacements.ts';
import { standingBy } from './standing-by.ts';
import { stepsDown } from './steps-down.ts';
import { votes } from './votes.ts';

export const consensusOracles = (electionTimeoutMs: number): readonly Oracle[] => [
  votes(),
  standingBy(electionTimeoutMs),
  handingOver(),
  stepsDown(electionTimeoutMs),
  leaders(),
  logMatching(),
  durability(),
  replacements(),
  leases(electionTimeoutMs),
  reads(),
  appliedState(),
];
