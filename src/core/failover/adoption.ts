/**
 * The first master of a group. There is no committed history to place anybody in, so nobody may be missing: every
 * declared replica is read, and the one that preflight found to hold the data (or that the operator named) is taken.
 * What a replica holds half, because it was in a full resync when it was revoked, matters only for the first master and
 * where the offset has to choose: the others get everything from the first master anyway.
 *
 * Without such a word, replicas that share one stream settle it by offset; different streams settle nothing, for an
 * offset does not say which of them holds data, and the others would be overwritten.
 */
import type { HistoryCandidate, Replica } from '../metadata/state.ts';
import { epoch } from '../primitives/identifiers.ts';
import type { CandidateInput, Choice, Fencing } from './choice.ts';
import type { ServerRead } from './coverage.ts';

type Fit = { readonly replica: Replica; readonly read: ServerRead };
type Pick = { readonly fit: Fit | null; readonly shortfall: string | null };

const isComplete = ({ read }: Fit): boolean =>
  read.report.follows?.syncing !== true && read.wasSyncing !== true;

const furtherFirst = (one: Fit, other: Fit): number => {
  const [mine, theirs] = [one.read.report.offset, other.read.report.offset];
  if (mine !== theirs) return mine > theirs ? -1 : 1;
  if (one.replica.priority !== other.replica.priority) return one.replica.priority - other.replica.priority;
  return one.replica.id < other.replica.id ? -1 : 1;
};

function pick(fits: readonly Fit[], phase: Fencing): Pick {
  if (phase.preferred !== null) {
    const named = fits.find((fit) => fit.replica.id === phase.preferred) ?? null;
    if (named === null) return { fit: null, shortfall: `${phase.preferred}, the first master, was not read` };
    // A promotion that was tried before has committed the process; another one may have started without the data.
    const committed = named.replica.incarnation;
    if (committed !== null && committed !== named.read.report.incarnation) {
      return { fit: named, shortfall: `${phase.preferred} was restarted while it was being adopted` };
    }
    if (!isComplete(named)) return { fit: null, shortfall: `${phase.preferred} was in a full resync` };
    const ahead = fits.find(
      (fit) =>
        fit.read.report.lineage === named.read.report.lineage &&
        fit.read.report.offset > named.read.report.offset,
    );
    const shortfall = ahead === undefined ? null : `${ahead.replica.id} holds more of the same stream`;
    return { fit: named, shortfall };
  }
  const [first] = [...fits].sort(furtherFirst);
  const half = fits.find((fit) => !isComplete(fit));
  if (half !== undefined) return { fit: null, shortfall: `${half.replica.id} was in a full resync` };
  if (first === undefined) return { fit: null, shortfall: 'no replica was read' };
  const streams = new Set(fits.map((fit) => fit.read.report.lineage));
  const shortfall = streams.size > 1 ? 'the replicas hold different histories: name the first master' : null;
  return { fit: first, shortfall };
}

/** The choice of a group in its first fencing phase. */
export function chooseFirstMaster(input: CandidateInput, phase: Fencing): Choice {
  const { group, reads, collectionOver } = input;
  const fits: Fit[] = [];
  for (const replica of group.replicas) {
    const read = reads.findLast((one) => one.replica === replica.id);
    if (read !== undefined && !read.report.loading) fits.push({ replica, read });
  }
  const picked = pick(fits, phase);
  const missing = group.replicas
    .filter((replica) => !fits.some((fit) => fit.replica.id === replica.id))
    .map((replica) => replica.id);
  const shortfall = missing.length > 0 ? `not read: ${missing.join(', ')}` : picked.shortfall;
  const settled = shortfall === null || (phase.unsafe && collectionOver);
  const chosen = settled ? picked.fit : null;
  const candidates: HistoryCandidate[] = fits.map(({ replica, read }) => ({
    replica: replica.id,
    site: replica.site,
    offset: read.report.offset,
    epoch: epoch(0),
    chosen: replica.id === chosen?.replica.id,
    detail: `stream ${read.report.lineage}`,
  }));
  if (chosen === null) {
    const detail = shortfall ?? 'no replica was read';
    const kind = missing.length > 0 && !collectionOver ? 'wait' : 'unprovable';
    return { kind, missing, bestOffset: null, detail, candidates };
  }
  const { report } = chosen.read;
  return {
    kind: 'promote',
    candidate: chosen.replica.id,
    incarnation: report.incarnation,
    cut: report.offset,
    cutLineage: report.lineage,
    cutEpoch: null,
    branches: [],
    reinstated: false,
    ground: shortfall === null ? 'proven' : 'unsafe',
    detail: shortfall === null ? 'first master' : `an operator accepted the loss: ${shortfall}`,
    candidates,
  };
}
