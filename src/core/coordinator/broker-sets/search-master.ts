/**
 * From the search for a master to its election. Everybody who may be chosen is asked afresh; whoever holds most is
 * committed as master of the next epoch, above every epoch that any broker of the set was seen in. Nobody outside of the
 * committed sync state set is ever chosen but by an operator who accepts the loss.
 */
import type { BrokerCandidate, BrokerSet } from '../../metadata/broker-set-state.ts';
import type { Instant } from '../../primitives/instant.ts';
import { LIMITS } from '../../primitives/limits.ts';
import { refused } from '../../primitives/refusal.ts';
import { type Choice, chooseMaster, highestHeard, type ReadBroker } from './choose-master.ts';
import { askedOf, isCollected, startCollection } from './collect.ts';
import { acceptLoss, closedIdcs } from './set-brakes.ts';
import type { SetContext } from './set-context.ts';
import { noteSuspicion } from './set-notes.ts';
import type { Search, SetRun } from './set-run.ts';

/** How long a confirmed death is searched a successor for before the set is without a master. */
const LOSE_AFTER_MS = 3_000;
/** Between two collections of one search. */
const AGAIN_MS = 300;
/** A leader that had no lease for a while must not decide by what was answered before. */
const ANSWERS_KEPT_MS = 3_000;
/** A planned move is refused where the one that is wanted lags further behind the running master. */
const PLANNED_LAG_BYTES = 1_048_576n;

type JudgeAgain = (set: BrokerSet, now: Instant) => void;
type NewSearch = Omit<Search, 'sinceMs' | 'collection'>;

export function beginSearch(
  sets: SetContext,
  set: BrokerSet,
  run: SetRun,
  search: NewSearch,
  now: Instant,
  judgeAgain: JudgeAgain,
): void {
  sets.context.log('info', 'brokerSet.searching', {
    set: set.name,
    reason: search.reason,
    candidates: search.candidates,
  });
  run.search = {
    ...search,
    sinceMs: now.monotonicMs,
    collection: collect(sets, set, search, now, judgeAgain),
  };
  driveSearch(sets, set, run, now, judgeAgain);
}

/** A living master is asked as well: how far it is says what a planned move would cost. */
function collect(
  sets: SetContext,
  set: BrokerSet,
  { candidates, wanted, reason }: Pick<Search, 'candidates' | 'wanted' | 'reason'>,
  now: Instant,
  judgeAgain: JudgeAgain,
): Search['collection'] {
  const asksMaster = set.master !== null && reason !== 'masterLost';
  const ids = new Set([
    ...candidates,
    ...(wanted === null ? [] : [wanted]),
    ...(asksMaster ? [set.master] : []),
  ]);
  return startCollection(
    sets,
    set,
    [...ids].filter((id) => id !== null),
    now,
    (name, at) => {
      const again = sets.setOf(name);
      if (again !== null) judgeAgain(again, at);
    },
  );
}

export function driveSearch(
  sets: SetContext,
  set: BrokerSet,
  run: SetRun,
  now: Instant,
  judgeAgain: JudgeAgain,
): void {
  const { search } = run;
  if (search === null || !isCollected(search.collection, now)) return;
  if (now.monotonicMs - search.collection.startedMs >= ANSWERS_KEPT_MS) {
    run.search = null;
    run.death = null;
    return;
  }
  if (search.reason === 'masterLost' && answersAgain(sets, set, now)) {
    sets.context.log('info', 'brokerSet.answersAgain', { set: set.name, broker: set.master });
    run.search = null;
    run.death = null;
    return;
  }
  const ids = [...search.collection.ways.keys()];
  const unasked = search.candidates.filter((id) => !search.collection.ways.has(id));
  const asked = askedOf(sets, set, [...ids, ...unasked], search.collection, now);
  const heedReign = search.reason === 'adoption' || search.reason === 'epochAhead';
  const choice = chooseMaster(set, asked, eligibility(sets, set, search), heedReign);
  const problem = objection(set, search, choice);
  if (problem === null && choice.chosen !== null) {
    elect(sets, set, run, search, choice, choice.chosen, now);
    return;
  }
  giveUp(sets, set, run, search, choice, problem, now, judgeAgain);
}

/** A death that was confirmed is void as soon as anything speaks for the master again. */
function answersAgain(sets: SetContext, set: BrokerSet, now: Instant): boolean {
  const master = set.master === null ? undefined : set.brokers.get(set.master);
  if (master === undefined) return false;
  const ref = sets.refOf(set, master);
  return sets.suspicion(ref, sets.masterSilenceMs(set, ref), now).kind === 'alive';
}

function eligibility(sets: SetContext, set: BrokerSet, search: Search): (broker: ReadBroker) => boolean {
  const { wanted, candidates, unsafe, reason } = search;
  const closed = reason === 'operator' ? new Set() : closedIdcs(sets.context.state());
  // Checked against what is committed now: the master may have shrunk its sync state set since the search began.
  const members = set.unproven || unsafe ? candidates : set.syncStateSet;
  return ({ id, site }) => {
    if (wanted !== null && id !== wanted) return false;
    return candidates.includes(id) && members.includes(id) && (site === null || !closed.has(site));
  };
}

/**
 * Ids are given one after the other: where brokers come that we gave none, those below theirs are somewhere too, unless
 * they were cleaned away by somebody who knew; only an operator can tell.
 */
function idsNotSeen({ brokers, nextBrokerId }: BrokerSet): number[] {
  if ([...brokers.values()].every(({ registerCheckCode }) => registerCheckCode !== null)) return [];
  const most = Math.min(nextBrokerId - 1, LIMITS.brokersPerSet);
  return Array.from({ length: most }, (_, index) => index + 1).filter((id) => !brokers.has(id));
}

/** Why nobody may be elected although somebody could be; null where nothing speaks against it. */
function objection(set: BrokerSet, search: Search, { chosen, read, highestEpoch }: Choice): string | null {
  if (chosen === null) return null;
  switch (search.reason) {
    case 'adoption': {
      const missing = [...set.brokers.values()].filter(({ id, address }) => address !== '' && !read.has(id));
      if (missing.length > 0)
        return `${missing.map(({ id }) => `broker ${id}`).join(', ')} did not answer, and may hold more`;
      const absent = chosen.reigns ? [] : idsNotSeen(set);
      if (absent.length === 0) return null;
      return `${absent.map((id) => `broker ${id}`).join(', ')} has not come yet, and may hold more`;
    }
    case 'epochAhead':
      if (highestEpoch <= set.masterEpoch) return 'no broker is ahead any more';
      return chosen.epoch === highestEpoch || set.syncStateSet.includes(chosen.id)
        ? null
        : 'whoever is ahead is not in the sync state set';
    case 'operator': {
      const master = set.master === null ? undefined : read.get(set.master);
      if (search.unsafe || master === undefined || master.id === chosen.id) return null;
      if (chosen.epoch >= master.epoch && master.maxOffset - chosen.maxOffset <= PLANNED_LAG_BYTES)
        return null;
      return `broker ${chosen.id} is ${master.maxOffset - chosen.maxOffset} bytes behind the running master`;
    }
    default:
      return null;
  }
}

function elect(
  sets: SetContext,
  set: BrokerSet,
  run: SetRun,
  search: Search,
  { candidates, highestEpoch }: Choice,
  chosen: ReadBroker,
  now: Instant,
): void {
  const masterEpoch = Math.max(set.masterEpoch, highestEpoch, highestHeard(set, sets.heartbeatsOf(set))) + 1;
  const lossBytes = predictedLossBytes(sets, set, search, candidates, chosen);
  sets.context.log('warn', 'brokerSet.electing', {
    set: set.name,
    from: set.master,
    to: chosen.id,
    masterEpoch,
    reason: search.reason,
  });
  run.electingAfter = search.reason === 'masterLost' ? (run.death?.kind ?? null) : null;
  run.search = null;
  run.death = null;
  const { reason, unsafe, by, detail, evidence } = search;
  sets.propose(
    run,
    {
      type: 'brokerSet.elect',
      name: set.name,
      expectedMasterEpoch: set.masterEpoch,
      masterEpoch,
      master: chosen.id,
      reason,
      unsafe,
      recordId: sets.context.newRecordId(),
      by,
      detail,
      evidence,
      candidates,
      predictedLossBytes: lossBytes,
      wallMs: now.wallMs,
    },
    now,
  );
}

/**
 * What the old master was last known to have beyond the chosen one: at most so much is lost, and of what all of the sync
 * state set acknowledged nothing is. Null where nobody knows how far it was.
 */
function predictedLossBytes(
  sets: SetContext,
  set: BrokerSet,
  { reason }: Search,
  candidates: readonly BrokerCandidate[],
  chosen: ReadBroker,
): bigint | null {
  if (reason === 'firstMaster') return 0n;
  const furthest = candidates.flatMap(({ maxOffset }) => (maxOffset === null ? [] : [maxOffset]));
  const master = set.master === null ? undefined : set.brokers.get(set.master);
  if (master !== undefined) {
    const heard = sets.book.of(sets.refOf(set, master))?.heartbeat?.maxOffset;
    const isRead = candidates.some(({ id, maxOffset }) => id === master.id && maxOffset !== null);
    if (heard === undefined && !isRead) return null;
    if (heard !== undefined) furthest.push(heard);
  }
  let most = chosen.maxOffset;
  for (const offset of furthest) if (offset > most) most = offset;
  return most - chosen.maxOffset;
}

function giveUp(
  sets: SetContext,
  set: BrokerSet,
  run: SetRun,
  search: Search,
  { candidates }: Choice,
  problem: string | null,
  now: Instant,
  judgeAgain: JudgeAgain,
): void {
  const why =
    problem ??
    candidates.map(({ id, detail }) => `broker ${id}: ${detail || 'may not be chosen'}`).join('; ');
  if (search.reason === 'masterLost') {
    const hasCandidates = search.candidates.length > 0;
    const closed = closedIdcs(sets.context.state());
    const waits = candidates.filter(
      ({ id, site, maxOffset }) =>
        maxOffset !== null && set.syncStateSet.includes(id) && site !== null && closed.has(site),
    );
    if (waits.length > 0) {
      const message =
        `Master ${set.master} of broker set ${set.name} is dead, and whoever could follow it ` +
        `(${waits.map(({ id, site }) => `${id} in ${site}`).join(', ')}) stands where automatic action is stopped.`;
      sets.raise(set, 'automaticStopped', message, now);
      noteSuspicion(sets, set, run, { outcome: 'automaticStopped', detail: message }, now);
      run.search = null;
      // It has to be confirmed again, and not at once: every answer would begin the next search.
      run.death = null;
      run.nextRoundMs = now.monotonicMs + set.detectionMs;
      return;
    }
    if (hasCandidates && now.monotonicMs - search.sinceMs < LOSE_AFTER_MS) {
      if (now.monotonicMs - search.collection.startedMs < AGAIN_MS) return;
      run.search = { ...search, collection: collect(sets, set, search, now, judgeAgain) };
      return;
    }
    loseMaster(sets, set, run, search, candidates, why, now);
    return;
  }
  run.search = null;
  run.vainSearches += 1;
  sets.context.log('info', 'brokerSet.nobody', { set: set.name, reason: search.reason, why });
  if (search.reason === 'adoption')
    sets.raise(
      set,
      'unprovable',
      `Broker set ${set.name} gets no master yet: ${why}. ${acceptLoss(set)}`,
      now,
    );
  const code = problem !== null && search.reason === 'operator' ? 'notCaughtUp' : 'brokerUnreachable';
  sets.answerAll(run, refused(code, `No master was elected for broker set ${set.name}: ${why}.`));
}

function loseMaster(
  sets: SetContext,
  set: BrokerSet,
  run: SetRun,
  search: Search,
  candidates: readonly BrokerCandidate[],
  why: string,
  now: Instant,
): void {
  sets.context.log('error', 'brokerSet.masterLost', { set: set.name, broker: set.master, why });
  run.search = null;
  run.death = null;
  sets.propose(
    run,
    {
      type: 'brokerSet.loseMaster',
      name: set.name,
      expectedMasterEpoch: set.masterEpoch,
      recordId: sets.context.newRecordId(),
      by: search.by,
      detail: `${search.detail}; ${why === '' ? 'its sync state set has no other member' : why}`,
      evidence: search.evidence,
      candidates,
      wallMs: now.wallMs,
    },
    now,
  );
}
