/** Every bug that is planted; the simulation has to find each. */
import { CONSENSUS_MUTANTS } from './consensus-mutants.ts';
import { FAILOVER_MUTANTS } from './failover-mutants.ts';
import type { Mutant } from './mutant.ts';

export const MUTANTS: readonly Mutant[] = [...CONSENSUS_MUTANTS, ...FAILOVER_MUTANTS];
