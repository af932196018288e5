/**
 * Who becomes master. Of the servers that were revoked and then read, the one with the best place in the committed
 * history: offset before any preference, for whoever acknowledged a write has it up to some offset, and only the
 * best place is sure to reach that far. IDC, priority and id break ties, and an IDC that is being emptied comes last.
 *
 * A master that is still the same process and answers before a promotion was committed holds everything: it is
 * reinstated, unless it is to be moved away from and another holds as much.
 */
import type { BrokerGroup, HistoryCandidate, Replica } from '../metadata/state.ts';
import { assert, must } from '../primitives/assert.ts';
import { epoch, type ReplicaId, type SiteName } from '../primitives/identifiers.ts';
import { promisesNothing } from './acknowledging.ts';
import { chooseFirstMaster } from './adoption.ts';
import type { CandidateInput, Choice, Fencing, Ground } from './choice.ts';
import {
  type CountedRead,
  type Coverage,
  coverageOf,
  describeUncovered,
  missingOf,
  type ServerRead,
} from './coverage.ts';
import { comparePlaces } from './history-place.ts';
import { leavesNothing } from './left-behind.ts';

const replicaOf = (group: BrokerGroup, id: ReplicaId): Replica =>
  must(
    group.replicas.find((replica) => replica.id === id),
    `${id} is no replica of ${group.key}`,
  );

const siteOfMaster = (group: BrokerGroup): SiteName | null =>
  group.replicas.find((replica) => replica.id === group.master)?.site ?? null;

const movesAway = (phase: Fencing): boolean =>
  phase.reason === 'switchover' || phase.reason === 'operatorFailover';

/** The master of the reign that ends, still the same process. */
const goesOn = (group: BrokerGroup, read: ServerRead): boolean =>
  read.replica === group.master &&
  group.reigns.at(-1)?.master === read.replica &&
  group.reigns.at(-1)?.incarnation === read.report.incarnation;

/** Better first. Everything after the place only breaks ties. */
function byMerit(input: CandidateInput, phase: Fencing, counted: readonly CountedRead[]) {
  const { group, closedSites, avoided } = input;
  const site = siteOfMaster(group);
  const followers = (read: CountedRead): number =>
    counted.filter((other) => other.report.lineage === read.report.lineage).length;
  const rank = (read: CountedRead): number[] => {
    const replica = replicaOf(group, read.replica);
    const isMaster = read.replica === group.master && read.reigned?.epoch === group.epoch;
    return [
      Number(closedSites?.has(replica.site) === true && !goesOn(group, read)),
      Number(read.replica !== phase.preferred),
      Number(avoided?.has(replica.site) === true),
      movesAway(phase) ? Number(isMaster) : Number(!isMaster),
      // Servers that share its lineage can follow it without a full resync.
      -followers(read),
      Number(replica.site !== site),
      replica.priority,
    ];
  };
  return (one: CountedRead, other: CountedRead): number => {
    const place = comparePlaces(other.place, one.place);
    if (place !== 0) return place;
    const otherRank = rank(other);
    const difference = rank(one).map((value, index) => value - (otherRank[index] ?? 0));
    return difference.find((value) => value !== 0) ?? (one.replica < other.replica ? -1 : 1);
  };
}

/**
 * The floor that a proof must reach. At the cut of the newest reign it only says where that reign began, which is
 * not known to be acknowledged; beyond, an acknowledging set was seen to hold it. Where its lineage changed, its first
 * one began there.
 */
const provenFloor = (group: BrokerGroup): bigint => {
  const newest = group.reigns.at(-1)?.epoch;
  const cut = group.reigns.find(({ epoch }) => epoch === newest)?.cut ?? 0n;
  return group.floor > cut ? group.floor : 0n;
};

type Judged = {
  readonly best: CountedRead | null;
  readonly coverage: Coverage;
  readonly shortfall: string | null;
};

function judgeReads(input: CandidateInput, phase: Fencing, coverage: Coverage): Judged {
  const { group } = input;
  const ordered = [...coverage.counted].sort(byMerit(input, phase, coverage.counted));
  const best = ordered.find((read) => leavesNothing(read, coverage)) ?? ordered[0] ?? null;
  const judged = { ...coverage, counted: ordered.filter((read) => read !== best) };
  if (best !== null) judged.counted.unshift(best);
  if (best === null) return { best, coverage: judged, shortfall: 'no server that counts was read' };
  const uncovered = coverage.uncovered[0];
  if (uncovered !== undefined)
    return { best, coverage: judged, shortfall: describeUncovered(uncovered, coverage) };
  if (!leavesNothing(best, coverage)) {
    const why = 'promotions given up led apart, and each branch may hold what was acknowledged';
    return { best, coverage: judged, shortfall: why };
  }
  const floor = provenFloor(group);
  const shortfall =
    best.place.offset < floor
      ? `${floor} is known to be acknowledged, the best offset is ${best.place.offset}`
      : null;
  return { best, coverage: judged, shortfall };
}

/** The other servers alone may satisfy the proof: then an operator's move does not fall back on the old master. */
function judge(input: CandidateInput, phase: Fencing): Judged {
  const { group, reads } = input;
  const all = judgeReads(input, phase, coverageOf(group, reads));
  if (phase.reason !== 'operatorFailover' || all.best?.replica !== group.master) return all;
  const others = reads.filter((read) => read.replica !== group.master);
  const moved = judgeReads(input, phase, coverageOf(group, others));
  return moved.shortfall === null ? moved : all;
}

const unreadOf = (group: BrokerGroup, reads: readonly ServerRead[]): Replica[] =>
  group.replicas.filter(({ id }) => !reads.some(({ replica }) => replica === id));

/** Every replica: how far it got, and why it was not chosen. */
export function candidateRows(
  group: BrokerGroup,
  reads: readonly ServerRead[],
  coverage: Coverage,
  chosen: ReplicaId | null,
): HistoryCandidate[] {
  const rows = [...new Map(reads.map((read) => [read.replica, read])).values()].map((read) => {
    const counted = coverage.counted.find((one) => one.replica === read.replica);
    const why = coverage.excluded.find((one) => one.replica === read.replica)?.why;
    const best = coverage.counted[0];
    const behind =
      best === undefined || counted === undefined ? 0n : best.place.offset - counted.place.offset;
    const standing = behind > 0n ? `${behind} bytes behind the best` : 'as far as the best';
    return {
      replica: read.replica,
      site: replicaOf(group, read.replica).site,
      offset: read.report.offset,
      epoch: counted?.place.epoch ?? epoch(0),
      chosen: read.replica === chosen,
      detail: counted === undefined ? `does not count: ${why ?? 'left out of this move'}` : standing,
    };
  });
  return [...rows, ...unreadOf(group, reads).map(({ id, site }) => notRead(id, site))];
}

const notRead = (replica: ReplicaId, site: SiteName): HistoryCandidate => ({
  replica,
  site,
  offset: null,
  epoch: epoch(0),
  chosen: false,
  detail: 'not read: it has not answered',
});

/** Best there is, when an operator accepted the loss: what counts first, then what was named, then the offset. */
function bestUnproven(phase: Fencing, judged: Judged, reads: readonly ServerRead[]): ServerRead | null {
  const best = judged.best;
  if (best !== null) return best;
  const usable = reads.filter((read) => !read.report.loading && read.report.follows?.syncing !== true);
  const named = usable.find((read) => read.replica === phase.preferred);
  const byOffset = [...usable].sort((one, other) =>
    one.report.offset === other.report.offset
      ? one.replica < other.replica
        ? -1
        : 1
      : one.report.offset > other.report.offset
        ? -1
        : 1,
  );
  return named ?? byOffset[0] ?? null;
}

function decline(input: CandidateInput, judged: Judged): Choice {
  const { group, reads } = input;
  const { coverage } = judged;
  const best = judged.best;
  const missing = [...new Set(coverage.uncovered.flatMap((set) => missingOf(set, coverage)))];
  const master = group.master;
  const askable = master !== null && !reads.some((read) => read.replica === master) ? [master] : [];
  const lost = new Set(coverage.excluded.map((one) => one.replica));
  const hopeful = [...missing, ...askable].some((replica) => !lost.has(replica));
  return {
    kind: (hopeful || judged.shortfall === null) && !input.collectionOver ? 'wait' : 'unprovable',
    missing: [...new Set([...missing, ...askable])],
    bestOffset: best?.place.offset ?? null,
    detail: [
      judged.shortfall ?? 'not all servers were read',
      ...coverage.excluded.map((one) => `${one.replica}: ${one.why}`),
      ...unreadOf(group, reads).map(({ id }) => `${id}: does not answer`),
    ].join('; '),
    candidates: candidateRows(group, reads, coverage, null),
  };
}

/** Whoever holds everything stands in an IDC that an operator keeps automatic promotion out of. */
function keepOut({ group, reads }: CandidateInput, { coverage }: Judged, best: CountedRead): Choice {
  const { site } = replicaOf(group, best.replica);
  return {
    kind: 'closed',
    missing: [],
    bestOffset: best.place.offset,
    detail: `${best.replica} holds everything and stands in ${site}, where automatic action is stopped`,
    candidates: candidateRows(group, reads, coverage, null),
  };
}

function promote(input: CandidateInput, judged: Judged, read: ServerRead, ground: Ground): Choice {
  const { group, reads } = input;
  const { report, replica } = read;
  const reinstated = goesOn(group, read);
  const detail = reinstated
    ? 'the old master is still the same process and holds everything'
    : ground === 'unsafe'
      ? `an operator accepted the loss: ${judged.shortfall ?? ''}`
      : `best offset of ${judged.coverage.counted.length} that count`;
  const { counted, branches } = judged.coverage;
  return {
    kind: 'promote',
    candidate: replica,
    incarnation: report.incarnation,
    cut: report.offset,
    cutLineage: report.lineage,
    cutEpoch: counted.find((one) => one.replica === replica)?.place.epoch ?? null,
    branches: [...branches].map(([lineage, epoch]) => ({ epoch, lineage })),
    reinstated,
    ground,
    detail,
    candidates: candidateRows(group, reads, judged.coverage, replica),
  };
}

/** A proof is no reason to hurry past the servers that a better choice hangs on. */
function waitsForMore(input: CandidateInput, phase: Fencing, best: CountedRead, ground: Ground): boolean {
  const { group, avoided, collectionOver } = input;
  if (collectionOver) return false;
  const unread = (replica: ReplicaId | null): boolean =>
    replica !== null && !input.reads.some((read) => read.replica === replica);
  // Where nothing was promised, only patience makes a good choice.
  if (ground === 'async') return group.replicas.some((replica) => unread(replica.id));
  if (movesAway(phase) && (unread(phase.preferred) || unread(group.master))) return true;
  const isAvoided = (replica: Replica): boolean => avoided?.has(replica.site) === true;
  if (best.replica === phase.preferred || !isAvoided(replicaOf(group, best.replica))) return false;
  return group.replicas.some((replica) => !isAvoided(replica) && unread(replica.id));
}

/**
 * Chooses, waits, or says what is missing. Call it again with every further read; a group in phase `fencing` only.
 * Before the first reign all declared replicas must have been read (`adoption.ts`).
 */
export function chooseCandidate(given: CandidateInput): Choice {
  const { group, collectionOver } = given;
  const phase = group.phase;
  assert(phase.kind === 'fencing', `${group.key} is ${phase.kind}: candidates are chosen while fencing`);
  // One that still answers as a master was not revoked.
  const input = { ...given, reads: given.reads.filter((read) => read.report.role === 'slave') };
  if (group.reigns.length === 0) return chooseFirstMaster(input, phase);
  const judged = judge(input, phase);
  if (judged.best !== null && judged.shortfall === null) {
    const ground = group.syncSets.some((set) => !promisesNothing(set)) ? 'proven' : 'async';
    if (!waitsForMore(input, phase, judged.best, ground)) {
      const { site } = replicaOf(group, judged.best.replica);
      return input.closedSites?.has(site) === true && !goesOn(group, judged.best)
        ? keepOut(input, judged, judged.best)
        : promote(input, judged, judged.best, ground);
    }
  }
  if (phase.unsafe && collectionOver) {
    const read = bestUnproven(phase, judged, input.reads);
    if (read !== null) return promote(input, judged, read, 'unsafe');
  }
  return decline(input, judged);
}
