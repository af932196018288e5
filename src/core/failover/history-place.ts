/**
 * Where a server's data stands in the committed history of its group.
 *
 * The reigns form one chain: each began at its `cut` of the stream before it, and offsets go on counting over a
 * promotion. A server on that chain holds exactly the chain's bytes up to its offset, whichever lineage it names (a
 * slave that has just attached to a new master names the new lineage while it still lacks bytes of the old one), so
 * offsets on the chain compare. A tail beyond a later cut has left the chain: such a server holds something that the
 * group's history does not, and counts for nothing until it has been resynchronised.
 *
 * A master that goes on under another replication id continues its reign: that is a further one of the same epoch.
 *
 * Promotions that were given up since the newest reign may have begun branches, each off the chain or off an earlier
 * branch; beyond its cut a branch outranks whatever came before, because its candidate held everything acknowledged
 * until then.
 */
import type { ServerReport } from '../liveness/observation.ts';
import type { BrokerGroup, GivenUpPromotion, Reign } from '../metadata/state.ts';
import type { Epoch, Lineage, ReplicaId } from '../primitives/identifiers.ts';
import type { Branches } from './branches.ts';

/** Epoch of the reign (or promotion given up) that wrote the last byte held, and the offset of that byte. */
export type Place = { readonly epoch: Epoch; readonly offset: bigint };

export type Placed = { readonly place: Place } | { readonly place: null; readonly why: string };

/** Oldest first; at least the newest reign. */
export type History = Pick<BrokerGroup, 'reigns' | 'givenUp'>;

export const comparePlaces = (one: Place, other: Place): number => {
  if (one.epoch !== other.epoch) return one.epoch - other.epoch;
  return one.offset === other.offset ? 0 : one.offset < other.offset ? -1 : 1;
};

const outside = (why: string): Placed => ({ place: null, why });

/** A place on the chain for bytes up to `offset`, named by the reign at `index`. */
function onChain({ reigns }: History, index: number, offset: bigint): Placed {
  const named = reigns[index];
  if (named === undefined) return outside('the group has no reign yet');
  const passed = reigns.slice(index + 1).find((bound) => offset > bound.cut);
  if (passed !== undefined) {
    return outside(
      `its history left the committed one at offset ${passed.cut}, where epoch ${passed.epoch} began`,
    );
  }
  const owner = reigns.slice(0, index + 1).findLast((reign) => offset > reign.cut) ?? reigns[0] ?? named;
  return { place: { epoch: owner.epoch, offset } };
}

const promotionOf = ({ givenUp }: History, epoch: Epoch | null): GivenUpPromotion | null =>
  givenUp.find((promotion) => promotion.epoch === epoch) ?? null;

/** A place for bytes up to `offset` of the stream that `epoch` wrote, or of what that one went on from. */
function onStream(history: History, epoch: Epoch | null, offset: bigint): Placed {
  const promotion = promotionOf(history, epoch);
  if (promotion === null) {
    const index = history.reigns.findLastIndex((reign) => reign.epoch === epoch);
    return index < 0
      ? outside('what its history goes on from is not known')
      : onChain(history, index, offset);
  }
  const place = { epoch: promotion.epoch, offset };
  if (offset > promotion.cut) return { place };
  const before = onStream(history, promotion.cutEpoch, offset);
  // Wherever it began, this is all of what it began with.
  return before.place === null && offset === promotion.cut ? { place } : before;
}

const reignOf = (reigns: readonly Reign[], lineage: Lineage | null): number =>
  lineage === null ? -1 : reigns.findLastIndex((reign) => reign.lineage === lineage);

/** On the lineage of a reign or of a known branch; null where it is neither. */
function onLineage(
  history: History,
  branches: Branches,
  lineage: Lineage | null,
  offset: bigint,
): Placed | null {
  if (lineage === null) return null;
  const named = reignOf(history.reigns, lineage);
  if (named >= 0) return onChain(history, named, offset);
  const branch = branches.get(lineage);
  if (branch !== undefined) return onStream(history, branch, offset);
  // A candidate was read on this very lineage, at least as far.
  const read = history.givenUp.find(({ cutLineage, cut }) => cutLineage === lineage && offset <= cut);
  return read === undefined ? null : onStream(history, read.epoch, offset);
}

/** Places one server. */
export function placeInHistory(report: ServerReport, history: History, branches: Branches): Placed {
  const { lineage, secondLineage, secondOffset, offset } = report;
  const named = onLineage(history, branches, lineage, offset);
  if (named !== null && named.place !== null) return named;
  // Promoted, but nothing written since: all that it holds is of the lineage before. The bound is the first byte
  // that is not shared for some servers and the last that is for others; no command is one byte long.
  const before = offset <= secondOffset ? onLineage(history, branches, secondLineage, offset) : null;
  if (before !== null) return before;
  return named ?? outside(`its history (${lineage}) is not one of this group, as far as is known`);
}

/**
 * The running reign under the replication id that its own process answers with, where that is a new one: it went on from
 * the reign's lineage without another process in between. Null where there is nothing to add, or the process had a
 * lineage in between that nobody knows.
 */
export function continuationOf(reign: Reign, replica: ReplicaId, report: ServerReport): Reign | null {
  const { incarnation, lineage, secondLineage, secondOffset } = report;
  if (replica !== reign.master || incarnation !== reign.incarnation || report.loading) return null;
  if (lineage === reign.lineage || secondLineage !== reign.lineage) return null;
  const cut = secondOffset - 1n;
  return cut < reign.cut || cut > report.offset ? null : { ...reign, lineage, cut };
}

/** What somebody at a place holds: up to which offset of the chain (null), and of each branch on the way there. */
type Stretch = { readonly branch: GivenUpPromotion | null; readonly upTo: bigint };

function stretchesTo(place: Place, history: History): Stretch[] {
  const stretches: Stretch[] = [];
  let upTo = place.offset;
  let epoch: Epoch | null = place.epoch;
  for (let branch = promotionOf(history, epoch); branch !== null; branch = promotionOf(history, epoch)) {
    stretches.push({ branch, upTo });
    if (branch.cut < upTo) upTo = branch.cut;
    epoch = branch.cutEpoch;
  }
  if (history.reigns.some((reign) => reign.epoch === epoch)) stretches.push({ branch: null, upTo });
  return stretches;
}

/** Up to which offset what leads to the one place and what leads to the other are the same bytes. */
export function sharedUpTo(one: Place, other: Place, history: History): bigint {
  const others = stretchesTo(other, history);
  let shared = 0n;
  for (const { branch, upTo } of stretchesTo(one, history)) {
    const met = others.find((stretch) => stretch.branch === branch);
    if (met === undefined) continue;
    let until = upTo;
    if (met.upTo < until) until = met.upTo;
    if (until > shared) shared = until;
  }
  return shared;
}

/** Whether somebody at this place holds all that the reign, or the promotion given up, of `epoch` began with. */
export function holdsBeginning(place: Place, epoch: Epoch, history: History): boolean {
  const stretches = stretchesTo(place, history);
  const promotion = promotionOf(history, epoch);
  const reign = history.reigns.find((one) => one.epoch === epoch);
  const began = promotion ?? reign;
  if (began === undefined) return false;
  if (promotion !== null && stretches.some(({ branch }) => branch === promotion)) return true;
  const base = promotion === null ? null : promotionOf(history, promotion.cutEpoch);
  const isOnChain = history.reigns.some((one) => one.epoch === (promotion?.cutEpoch ?? epoch));
  if (base === null && !isOnChain) return false;
  return stretches.some(({ branch, upTo }) => branch === base && upTo >= began.cut);
}
