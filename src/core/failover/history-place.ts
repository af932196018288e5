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
 * A promotion that was committed but never became active may have begun a branch; beyond its cut it outranks the
 * reign that it was to end, because its candidate held everything acknowledged until then.
 */
import type { ServerReport } from '../liveness/observation.ts';
import type { Reign } from '../metadata/state.ts';
import type { Epoch, Lineage, ReplicaId } from '../primitives/identifiers.ts';
import type { Attempt } from './attempts.ts';

/** Epoch of the reign (or unfinished promotion) that wrote the last byte held, and the offset of that byte. */
export type Place = { readonly epoch: Epoch; readonly offset: bigint };

export type Placed = { readonly place: Place } | { readonly place: null; readonly why: string };

export type History = {
  /** Oldest first; at least the newest reign. */
  readonly reigns: readonly Reign[];
  readonly attempts: readonly Attempt[];
};

export const comparePlaces = (one: Place, other: Place): number => {
  if (one.epoch !== other.epoch) return one.epoch - other.epoch;
  return one.offset === other.offset ? 0 : one.offset < other.offset ? -1 : 1;
};

const outside = (why: string): Placed => ({ place: null, why });

/**
 * A place on the chain for bytes up to `offset`, named by the reign at `index`. A promotion that failed before the
 * newest reign bounds older lineages like a reign does: whether the chain went on along its branch or past it is not
 * recorded, and what cannot be told does not count.
 */
function onChain(history: History, index: number, offset: bigint): Placed {
  const { reigns, attempts } = history;
  const named = reigns[index];
  const newest = reigns.at(-1);
  if (named === undefined || newest === undefined) return outside('the group has no reign yet');
  const bounds = [
    ...reigns.slice(index + 1),
    ...attempts.filter((attempt) => attempt.epoch > named.epoch && attempt.epoch < newest.epoch),
  ];
  const passed = bounds.find((bound) => offset > bound.cut);
  if (passed !== undefined) {
    return outside(
      `its history left the committed one at offset ${passed.cut}, where epoch ${passed.epoch} began`,
    );
  }
  const owner = reigns.slice(0, index + 1).findLast((reign) => offset > reign.cut) ?? reigns[0] ?? named;
  return { place: { epoch: owner.epoch, offset } };
}

/** The promotions that are still unfinished: no reign has become active since. */
export const pendingAttempts = (history: History): readonly Attempt[] => {
  const newest = history.reigns.at(-1);
  return history.attempts.filter((attempt) => newest === undefined || attempt.epoch > newest.epoch);
};

const reignOf = (reigns: readonly Reign[], lineage: Lineage | null): number =>
  lineage === null ? -1 : reigns.findLastIndex((reign) => reign.lineage === lineage);

/** Off the known lineages: on the branch of the one unfinished promotion, or nowhere. */
function onBranch(report: ServerReport, history: History, branch: Lineage | null): Placed {
  const pending = pendingAttempts(history);
  const [attempt] = pending;
  if (attempt === undefined) return outside(`its history (${report.lineage}) is not one of this group`);
  if (pending.length > 1 || branch !== report.lineage) {
    return outside(
      `unfinished promotions left several histories; where ${report.lineage} belongs is not known`,
    );
  }
  if (report.offset <= attempt.cut) return onChain(history, history.reigns.length - 1, report.offset);
  return { place: { epoch: attempt.epoch, offset: report.offset } };
}

/**
 * Places one server. `branch` is the only lineage outside the known ones that the servers read name, or null when
 * they name several: which of those a promotion began could not be told.
 */
export function placeInHistory(report: ServerReport, history: History, branch: Lineage | null): Placed {
  const { reigns } = history;
  const named = reignOf(reigns, report.lineage);
  if (named >= 0) return onChain(history, named, report.offset);
  // Promoted, but nothing written since: all that it holds is of the lineage before. The bound is the first byte
  // that is not shared for some servers and the last that is for others; no command is one byte long.
  const before = reignOf(reigns, report.secondLineage);
  if (before >= 0 && report.offset <= report.secondOffset) return onChain(history, before, report.offset);
  return onBranch(report, history, branch);
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

/** The one lineage among these reports that is none of the reigns'; null when there is none or several. */
export function branchLineage(reports: readonly ServerReport[], reigns: readonly Reign[]): Lineage | null {
  const unknown = new Set<Lineage>();
  for (const report of reports) {
    if (reignOf(reigns, report.lineage) < 0) unknown.add(report.lineage);
  }
  const [only] = unknown;
  return unknown.size === 1 && only !== undefined ? only : null;
}
