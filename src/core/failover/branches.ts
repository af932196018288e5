/**
 * Which lineages the promotions began that were given up. Nobody may have seen one begin: its candidate died, or did
 * not answer. It is told by whoever names it.
 *
 * A promotion's candidate and members were revoked and read on one lineage, `cutLineage`, none beyond the cut. Until the
 * next reign is active, a process that was revoked can get onto another lineage in two ways only: made a master by a
 * promotion, it begins one; let in as a member of a promotion, it takes the one that its candidate began. So whoever was
 * last taken in by a promotion, and is not on that one's `cutLineage` any more, names the lineage that this promotion
 * began. Its second lineage has to say the same. A candidate that had no backlog has none: Redis forgets it when the
 * stream of the new master is begun. It has to stand exactly at the cut then, as it was read.
 */
import type { ServerReport } from '../liveness/observation.ts';
import type { BrokerGroup, GivenUpPromotion } from '../metadata/state.ts';
import type { Epoch, Incarnation, Lineage, ReplicaId } from '../primitives/identifiers.ts';

/** Epoch of the promotion that began each known lineage. */
export type Branches = ReadonlyMap<Lineage, Epoch>;

type Process = { readonly replica: ReplicaId; readonly incarnation: Incarnation };
type Named = { readonly replica: ReplicaId; readonly report: ServerReport };
type GroupHistory = Pick<BrokerGroup, 'reigns' | 'givenUp'>;

const isSame = (one: Process, other: Process): boolean =>
  one.replica === other.replica && one.incarnation === other.incarnation;

export const isCandidateOf = ({ candidate, incarnation }: GivenUpPromotion, process: Process): boolean =>
  isSame({ replica: candidate, incarnation }, process);

/** The newest promotion given up that this process was to be the master of, or was let in by. */
export const lastTakenInBy = (
  givenUp: readonly GivenUpPromotion[],
  process: Process,
): GivenUpPromotion | null =>
  givenUp.findLast(
    (promotion) =>
      isCandidateOf(promotion, process) || promotion.members.some((member) => isSame(member, process)),
  ) ?? null;

/** The bound is the first byte that is not shared for some servers and the last that is for others. */
function branchedOff({ replica, report }: Named, from: GivenUpPromotion): boolean {
  const { incarnation, secondLineage, secondOffset, offset } = report;
  if (secondLineage === null) return isCandidateOf(from, { replica, incarnation }) && offset === from.cut;
  return secondLineage === from.cutLineage && secondOffset <= from.cut + 1n;
}

/** Lineages that are known to be none that the servers read could have begun. */
function lineagesBefore({ reigns, givenUp }: GroupHistory): ReadonlySet<Lineage> {
  const recorded = givenUp.flatMap(({ lineage, cutLineage }) => [lineage ?? cutLineage, cutLineage]);
  return new Set([...reigns.map(({ lineage }) => lineage), ...recorded]);
}

/**
 * What is committed, and what these servers tell. A lineage that two promotions would have begun, or one of several that
 * a promotion would have begun, belongs nowhere: somebody has steered a server by hand.
 */
export function branchesOf(history: GroupHistory, reads: readonly Named[]): Branches {
  const branches = new Map<Lineage, Epoch>();
  const settled = new Set<Epoch>();
  for (const { epoch, lineage } of history.givenUp) {
    if (lineage === null) continue;
    branches.set(lineage, epoch);
    settled.add(epoch);
  }
  const before = lineagesBefore(history);
  const told: { readonly lineage: Lineage; readonly epoch: Epoch }[] = [];
  for (const { replica, report } of reads) {
    const { incarnation, lineage } = report;
    const promotion = lastTakenInBy(history.givenUp, { replica, incarnation });
    if (promotion === null || before.has(lineage) || settled.has(promotion.epoch)) continue;
    if (branchedOff({ replica, report }, promotion)) told.push({ lineage, epoch: promotion.epoch });
  }
  for (const { lineage, epoch } of told) {
    const isDisputed = told.some((one) => (one.lineage === lineage) !== (one.epoch === epoch));
    if (!isDisputed) branches.set(lineage, epoch);
  }
  return branches;
}
