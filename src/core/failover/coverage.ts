/**
 * Which of the servers read count, and which rules in force they satisfy. Prediction and choice both ask here, so
 * that a group is never fenced for a proof that the choice would then reject.
 *
 * A set is satisfied when its read members meet every acknowledging set; or when its master was read as the same
 * process, which holds everything; or when somebody was read that holds all that a later reign began with, because
 * that reign's candidate was chosen by a proof over this very set. The candidate of a promotion that was given up is a
 * master in this, and its promotion a reign.
 */
import type { ServerReport } from '../liveness/observation.ts';
import type { BrokerGroup, GivenUpPromotion, Reign, SyncSet } from '../metadata/state.ts';
import type { Incarnation, ReplicaId } from '../primitives/identifiers.ts';
import { acknowledgingCount, covers, neededReads, promisesNothing } from './acknowledging.ts';
import { type Branches, branchesOf, isCandidateOf, lastTakenInBy } from './branches.ts';
import {
  comparePlaces,
  continuationOf,
  holdsBeginning,
  type Place,
  placeInHistory,
} from './history-place.ts';

/** A server as it was read, after it was revoked where this is about a choice. */
export type ServerRead = {
  readonly replica: ReplicaId;
  readonly report: ServerReport;
  /**
   * The newest evidence before the revocation showed a full resync or a load under way. Cutting that short leaves an
   * empty or partial data set behind the old lineage and offset.
   */
  readonly wasSyncing?: boolean;
};

/** A read that counts: right process, on the committed history, complete. */
export type CountedRead = {
  readonly replica: ReplicaId;
  readonly incarnation: Incarnation;
  readonly report: ServerReport;
  readonly place: Place;
  /** It is the master of a reign, still the same process: it holds all that was written in it. */
  readonly reigned: Reign | null;
  /** The same of the newest promotion given up that it was to be the master of. */
  readonly tried: GivenUpPromotion | null;
};

export type Coverage = {
  /** Best place first. */
  readonly counted: readonly CountedRead[];
  readonly excluded: readonly { readonly replica: ReplicaId; readonly why: string }[];
  /** Rules in force that the counted reads do not satisfy. */
  readonly uncovered: readonly SyncSet[];
  /** Lineages that promotions given up have begun, as far as is known. */
  readonly branches: Branches;
  /** The history that the places are of. */
  readonly history: GroupHistory;
};

export type GroupHistory = Pick<BrokerGroup, 'reigns' | 'givenUp' | 'syncSets'>;

const isMember = (group: GroupHistory, read: ServerRead): boolean =>
  group.syncSets.some((set) =>
    set.members.some(
      (member) => member.replica === read.replica && member.incarnation === read.report.incarnation,
    ),
  );

/**
 * A full resync that is cut short throws the old data away and leaves offset 0 behind, also for a leader that comes
 * after the one that cut it. Where anything was ever written, such a server may have held acknowledged writes once
 * and must not be counted as one that still does.
 */
function holdsNothingKnown(group: GroupHistory, reads: readonly ServerRead[], report: ServerReport): boolean {
  if (report.offset > 0n) return false;
  return (group.reigns.at(-1)?.cut ?? 0n) > 0n || reads.some((one) => one.report.offset > 0n);
}

function count(group: GroupHistory, branches: Branches, reads: readonly ServerRead[], read: ServerRead) {
  const { report, replica } = read;
  const exclude = (why: string) => ({ replica, why });
  if (report.loading) return exclude('it is loading its data');
  if (read.wasSyncing === true || report.follows?.syncing === true) return exclude('it was in a full resync');
  if (holdsNothingKnown(group, reads, report)) {
    return exclude(
      'it holds no known part of the stream: never synchronised, or a full resync was cut short',
    );
  }
  const reigned =
    group.reigns.findLast((reign) => reign.master === replica && reign.incarnation === report.incarnation) ??
    null;
  const process = { replica, incarnation: report.incarnation };
  const tried = group.givenUp.findLast((promotion) => isCandidateOf(promotion, process)) ?? null;
  if (reigned === null && tried === null && !isMember(group, read)) {
    return exclude('it is not a member of a sync set in force, or not the process that was committed as one');
  }
  const placed = placeInHistory(report, group, branches);
  if (placed.place === null) return exclude(placed.why);
  return { ...process, report, place: placed.place, reigned, tried };
}

/** Whether one read holds everything that was acknowledged under `set`, however little of the set was read. */
function holdsAllOf(set: SyncSet, read: CountedRead, group: GroupHistory): boolean {
  const { reigned, tried, place } = read;
  if (reigned !== null && reigned.epoch >= set.epoch) return true;
  if (tried !== null && tried.epoch >= set.epoch && holdsBeginning(place, tried.epoch, group)) return true;
  return [...group.reigns, ...group.givenUp].some(
    (later) => later.epoch > set.epoch && holdsBeginning(place, later.epoch, group),
  );
}

/**
 * With the lineage under which the master goes on, where it was read before that was committed. One that was taken in by a
 * promotion since may have its lineage from there.
 */
function withContinuation(group: GroupHistory, reads: readonly ServerRead[]): GroupHistory {
  const reign = group.reigns.at(-1);
  if (reign === undefined) return group;
  const process = { replica: reign.master, incarnation: reign.incarnation };
  if (lastTakenInBy(group.givenUp, process) !== null) return group;
  const [continuation] = reads.flatMap(({ replica, report }) => continuationOf(reign, replica, report) ?? []);
  return continuation === undefined ? group : { ...group, reigns: [...group.reigns, continuation] };
}

/** Judges the reads against the rules in force. A replica that was read twice counts by its last report. */
export function coverageOf(committed: GroupHistory, reads: readonly ServerRead[]): Coverage {
  const counted: CountedRead[] = [];
  const excluded: { replica: ReplicaId; why: string }[] = [];
  const newest = [...new Map(reads.map((read) => [read.replica, read])).values()];
  const group = withContinuation(committed, newest);
  const branches = branchesOf(group, newest);
  for (const read of newest) {
    const outcome = count(group, branches, newest, read);
    if ('why' in outcome) excluded.push(outcome);
    else counted.push(outcome);
  }
  counted.sort((one, other) => comparePlaces(other.place, one.place));
  const uncovered = group.syncSets.filter(
    (set) =>
      !promisesNothing(set) && !covers(set, counted) && !counted.some((read) => holdsAllOf(set, read, group)),
  );
  return { counted, excluded, uncovered, branches, history: group };
}

/** One line for people: what the set asks for, and which members are still to be read. */
export function describeUncovered(set: SyncSet, coverage: Coverage): string {
  const missing = missingOf(set, coverage);
  const names = missing.length === 0 ? 'none is left to read' : `not read: ${missing.join(', ')}`;
  const k = acknowledgingCount(set);
  const asks =
    k === 0
      ? 'was acknowledged by the master alone'
      : `takes ${k} of ${set.members.length} to acknowledge, so ${neededReads(set)} must be read`;
  return `sync set ${set.version} of epoch ${set.epoch} ${asks}; ${names}`;
}

/** Members of a set that were not read as the committed process. */
export const missingOf = (set: SyncSet, coverage: Coverage): ReplicaId[] =>
  set.members
    .filter(
      (member) =>
        !coverage.counted.some(
          (read) => read.replica === member.replica && read.incarnation === member.incarnation,
        ),
    )
    .map((member) => member.replica);
