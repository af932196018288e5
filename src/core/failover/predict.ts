/**
 * Asked before fencing: could a promotion be proven with the servers that answer now? A group whose promotion could
 * not be proven is left alone, because its master may come back by itself, and a fenced one would not.
 */
import type { BrokerGroup } from '../metadata/state.ts';
import type { ReplicaId } from '../primitives/identifiers.ts';
import { promisesNothing } from './acknowledging.ts';
import { coverageOf, describeUncovered, type ServerRead } from './coverage.ts';

export type Prediction =
  | {
      readonly provable: true;
      /** Servers that would count, best first. */
      readonly members: readonly ReplicaId[];
      /** Every rule in force asks for no acknowledgement: promotion may lose writes, as the policy says. */
      readonly nothingPromised: boolean;
    }
  | { readonly provable: false; readonly missing: readonly ReplicaId[]; readonly detail: string };

/**
 * `reachable`: the newest report of every server that answered some node within the detection time; without the
 * suspected master, unless it answers as the same process. Offsets may still grow, so the floor is not asked for.
 */
export function predictSet(group: BrokerGroup, reachable: readonly ServerRead[]): Prediction {
  const nothingPromised = group.syncSets.every(promisesNothing);
  if (group.reigns.length === 0) {
    const missing = group.replicas
      .map((replica) => replica.id)
      .filter((id) => !reachable.some((read) => read.replica === id));
    if (missing.length > 0) {
      return {
        provable: false,
        missing,
        detail: `before the first reign nobody may be missing: ${missing.join(', ')}`,
      };
    }
    return { provable: true, members: reachable.map((read) => read.replica), nothingPromised };
  }
  const coverage = coverageOf(group, reachable);
  const [uncovered] = coverage.uncovered;
  if (uncovered === undefined && coverage.counted.length > 0) {
    return { provable: true, members: coverage.counted.map((read) => read.replica), nothingPromised };
  }
  const excluded = coverage.excluded.map((one) => `${one.replica}: ${one.why}`);
  const shortfall =
    uncovered === undefined ? 'no server that counts answers' : describeUncovered(uncovered, coverage);
  const missing = group.replicas
    .map((replica) => replica.id)
    .filter((id) => !coverage.counted.some((read) => read.replica === id));
  return { provable: false, missing, detail: [shortfall, ...excluded].join('; ') };
}
