/**
 * Asked before fencing: could a promotion be proven with the servers that answer now? A group whose promotion could
 * not be proven is left alone, because its master may come back by itself, and a fenced one would not.
 */
import type { BrokerGroup, HistoryCandidate } from '../metadata/state.ts';
import type { ReplicaId } from '../primitives/identifiers.ts';
import { promisesNothing } from './acknowledging.ts';
import { candidateRows } from './candidates.ts';
import { coverageOf, describeUncovered, type ServerRead } from './coverage.ts';
import { comparePlaces } from './history-place.ts';

export type Prediction =
  | {
      readonly provable: true;
      /** Servers that would count, best first. */
      readonly members: readonly ReplicaId[];
      /** Every rule in force asks for no acknowledgement: promotion may lose writes, as the policy says. */
      readonly nothingPromised: boolean;
      /** Of the members, those that are furthest: one of them is going to be promoted. */
      readonly furthest: readonly ReplicaId[];
      readonly candidates: readonly HistoryCandidate[];
    }
  | {
      readonly provable: false;
      readonly missing: readonly ReplicaId[];
      readonly detail: string;
      /** Of the best server that could be promoted all the same; null where none counts. */
      readonly bestOffset: bigint | null;
      readonly candidates: readonly HistoryCandidate[];
    };

/**
 * `reachable`: the newest report of every server that answered some node within the detection time; without the
 * suspected master, unless it answers as the same process. Offsets may still grow, so the floor is not asked for.
 */
export function predictSet(group: BrokerGroup, reachable: readonly ServerRead[]): Prediction {
  const nothingPromised = group.syncSets.every(promisesNothing);
  const coverage = coverageOf(group, reachable);
  const candidates = candidateRows(group, reachable, coverage, null);
  if (group.reigns.length === 0) {
    const missing = group.replicas
      .map((replica) => replica.id)
      .filter((id) => !reachable.some((read) => read.replica === id));
    if (missing.length > 0) {
      return {
        provable: false,
        missing,
        detail: `before the first reign nobody may be missing: ${missing.join(', ')}`,
        bestOffset: null,
        candidates,
      };
    }
    const members = reachable.map((read) => read.replica);
    return { provable: true, members, nothingPromised, furthest: members, candidates };
  }
  const [uncovered] = coverage.uncovered;
  if (uncovered === undefined && coverage.counted.length > 0) {
    const [best] = coverage.counted;
    const furthest = coverage.counted
      .filter((read) => best !== undefined && comparePlaces(read.place, best.place) === 0)
      .map((read) => read.replica);
    const members = coverage.counted.map((read) => read.replica);
    return { provable: true, members, nothingPromised, furthest, candidates };
  }
  const excluded = coverage.excluded.map((one) => `${one.replica}: ${one.why}`);
  const silent = group.replicas
    .filter(({ id }) => !reachable.some((read) => read.replica === id))
    .map(({ id }) => `${id}: does not answer`);
  const shortfall =
    uncovered === undefined ? 'no server that counts answers' : describeUncovered(uncovered, coverage);
  const missing = group.replicas
    .map((replica) => replica.id)
    .filter((id) => !coverage.counted.some((read) => read.replica === id));
  return {
    provable: false,
    missing,
    detail: [shortfall, ...excluded, ...silent].join('; '),
    bestOffset: coverage.counted[0]?.place.offset ?? null,
    candidates,
  };
}
