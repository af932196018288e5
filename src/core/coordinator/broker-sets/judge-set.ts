/**
 * From suspicion to the search for a successor. The leader suspects from its own evidence, every node is asked, and only
 * what a quorum found dead is acted on; a set without a master gets one as soon as somebody who holds everything is seen.
 */
import { stopOfBrokerSet, wasNeverMastered } from '../../metadata/broker-set-queries.ts';
import type { Broker, BrokerSet } from '../../metadata/broker-set-state.ts';
import { unreachable } from '../../primitives/assert.ts';
import type { Instant } from '../../primitives/instant.ts';
import { type BrokerRound, type BrokerRounds, evidenceOf, wordsOf } from './broker-rounds.ts';
import { isEpochOf } from './choose-master.ts';
import { beginSearch, driveSearch } from './search-master.ts';
import { acceptLoss, cooldownLeftMs, cooldownMessage, stopMessage } from './set-brakes.ts';
import type { SetContext } from './set-context.ts';
import { noteSuspicion } from './set-notes.ts';
import type { SetRun } from './set-run.ts';
import { tellRoles } from './tell-roles.ts';

/** Pauses between rounds that find nobody dead: twice as long each time, so that a broken line costs little. */
const NEXT_ROUND_MS = { first: 500, longest: 4_000 } as const;
/** A confirmed death is acted on within this time; later it has to be confirmed again. */
const CONFIRMATION_KEPT_MS = 2_000;
/** Pauses between searches that find nobody; a member that is heard again is asked at once. */
const NEXT_SEARCH_MS = { first: 1_000, longest: 10_000 } as const;
/**
 * A set whose brokers had ids before we knew of them is given this time after each that comes, to show the others: a
 * running broker asks its controller every 5 s and registers when it learns that it is unknown.
 */
const ADOPTION_MS = 12_000;
/** How often a broker that is ahead of our epoch is looked at. */
const AHEAD_MS = 5_000;

export type JudgeParts = { readonly sets: SetContext; readonly rounds: BrokerRounds };

const pauseMs = ({ first, longest }: { first: number; longest: number }, vain: number): number =>
  Math.min(longest, first * 2 ** Math.max(0, vain - 1));

/** Calling it again changes nothing: it compares what is committed with what is seen, and asks for the one next thing. */
export function judgeSet(parts: JudgeParts, set: BrokerSet, now: Instant): void {
  const { sets } = parts;
  if (!sets.context.leads(now)) return;
  const run = sets.run(set, now);
  showStanding(sets, set, now);
  tellRoles(sets, set, run, now);
  if (sets.awaitsProposal(run, now)) return;
  if (run.search !== null) {
    driveSearch(sets, set, run, now, (again, at) => judgeSet(parts, again, at));
    return;
  }
  if (set.master === null) seekMaster(parts, set, run, now);
  else judgeMaster(parts, set, run, now);
  if (run.search === null) heedAhead(parts, set, run, now);
}

function showStanding(sets: SetContext, set: BrokerSet, now: Instant): void {
  if (set.degraded) {
    const members = set.syncStateSet.join(', ');
    const message = `Broker set ${set.name} has no member of its sync state set (${members}) outside its master's IDC: if that IDC is lost, so is what was written since.`;
    sets.raise(set, 'degraded', message, now);
  } else sets.lower(set, 'degraded');
  if (set.master === null) return;
  sets.lower(set, 'masterless');
  sets.lower(set, 'unprovable');
}

function judgeMaster(parts: JudgeParts, set: BrokerSet, run: SetRun, now: Instant): void {
  const { sets } = parts;
  const master = set.master === null ? undefined : set.brokers.get(set.master);
  if (master === undefined) return;
  if (master.address === '') {
    const message = `Master ${master.id} of broker set ${set.name} is nowhere: another broker came to its address. Start it again, or elect another one.`;
    sets.raise(set, 'held', message, now);
    return;
  }
  const ref = sets.refOf(set, master);
  const suspicion = sets.suspicion(ref, sets.masterSilenceMs(set, ref), now);
  switch (suspicion.kind) {
    case 'alive':
      dropRound(parts, run);
      run.death = null;
      run.vainRounds = 0;
      for (const code of ['held', 'automaticStopped', 'coolingDown'] as const) sets.lower(set, code);
      return;
    case 'heardElsewhere':
    case 'abstain':
      dropRound(parts, run);
      run.death = null;
      return;
    case 'suspect':
      break;
    default:
      unreachable(suspicion);
  }
  if (run.death !== null && now.monotonicMs - run.death.atMs > CONFIRMATION_KEPT_MS) run.death = null;
  if (run.death !== null) {
    actOnDeath(parts, set, run, now);
    return;
  }
  if (run.round !== null) {
    conclude(parts, set, run, run.round, master, now);
    return;
  }
  if (now.monotonicMs < run.nextRoundMs) return;
  sets.context.log('warn', 'brokerSet.suspected', {
    set: set.name,
    broker: master.id,
    address: master.address,
    suspicion: suspicion.detail,
  });
  run.round = parts.rounds.open(ref, master.site, suspicion.detail, now);
}

function dropRound({ rounds }: JudgeParts, run: SetRun): void {
  if (run.round !== null) rounds.close(run.round);
  run.round = null;
}

function conclude(
  parts: JudgeParts,
  set: BrokerSet,
  run: SetRun,
  round: BrokerRound,
  master: Broker,
  now: Instant,
): void {
  const { sets, rounds } = parts;
  const verdict = rounds.verdict(round, now);
  if (verdict === 'undecided') return;
  dropRound(parts, run);
  const evidence = evidenceOf(round, sets.context);
  sets.context.log(verdict === 'dead' ? 'warn' : 'info', 'brokerSet.judged', {
    set: set.name,
    broker: master.id,
    verdict,
    evidence: evidence.map(({ node, verdict: word, detail }) => `${node}: ${word}, ${detail}`),
  });
  if (verdict !== 'dead') {
    run.vainRounds += 1;
    run.nextRoundMs = now.monotonicMs + pauseMs(NEXT_ROUND_MS, run.vainRounds);
    const alive = [...wordsOf(round)].filter(([, word]) => word.verdict === 'alive');
    const outcome = alive.length > 0 ? 'refuted' : 'undecided';
    const said = alive.map(([node, { detail }]) => `${node}: ${detail}`).join('; ');
    const detail = `suspected: ${round.suspicion}; ${said === '' ? 'no quorum of the nodes found it dead' : said}`;
    if (alive.length === 0)
      sets.raise(
        set,
        'held',
        `Master ${master.id} of broker set ${set.name} is left alone: ${detail}. Move it by hand with pollux broker-set elect ${set.name} --to ID.`,
        now,
      );
    noteSuspicion(sets, set, run, { outcome, detail }, now);
    return;
  }
  run.vainRounds = 0;
  run.death = {
    brokerId: master.id,
    kind: rounds.kindOfDeath(round),
    evidence,
    suspicion: round.suspicion,
    atMs: now.monotonicMs,
  };
  actOnDeath(parts, set, run, now);
}

function actOnDeath(parts: JudgeParts, set: BrokerSet, run: SetRun, now: Instant): void {
  const { sets } = parts;
  const { death } = run;
  if (death === null) return;
  const stop = stopOfBrokerSet(sets.context.state(), set);
  const coolingMs = cooldownLeftMs(run, death.kind, now);
  if (stop !== null || coolingMs > 0) {
    const outcome = stop !== null ? 'automaticStopped' : 'coolingDown';
    const message = stop !== null ? stopMessage(set, stop) : cooldownMessage(set, coolingMs);
    sets.raise(set, outcome, message, now);
    noteSuspicion(sets, set, run, { outcome, detail: message }, now);
    run.death = null;
    run.nextRoundMs = now.monotonicMs + set.detectionMs;
    return;
  }
  const candidates = set.syncStateSet.filter((id) => id !== death.brokerId);
  const { evidence, suspicion } = death;
  const search = { reason: 'masterLost', candidates, wanted: null, unsafe: false, by: 'pollux' } as const;
  beginSearch(sets, set, run, { ...search, detail: suspicion, evidence }, now, (again, at) =>
    judgeSet(parts, again, at),
  );
}

/** A set without a master: whoever provably holds everything, as soon as one of them is seen. */
function seekMaster(parts: JudgeParts, set: BrokerSet, run: SetRun, now: Instant): void {
  const { sets } = parts;
  // The first one that asks becomes the first master.
  if (wasNeverMastered(set)) return;
  sets.raise(set, 'masterless', masterlessMessage(set), now);
  const stop = stopOfBrokerSet(sets.context.state(), set);
  if (stop !== null) {
    sets.raise(set, 'automaticStopped', stopMessage(set, stop), now);
    return;
  }
  sets.lower(set, 'automaticStopped');
  if (now.monotonicMs - sets.watchingSinceMs < set.detectionMs) return;
  if (run.shown.brokers !== set.brokers.size)
    run.shown = { brokers: set.brokers.size, sinceMs: now.monotonicMs };
  if (set.unproven && now.monotonicMs - run.shown.sinceMs < ADOPTION_MS) return;
  const candidates = set.unproven ? [...set.brokers.keys()] : set.syncStateSet;
  const heardAtMs = candidates.map((id) => {
    const broker = set.brokers.get(id);
    return broker === undefined ? Number.NEGATIVE_INFINITY : sets.heardAtMs(sets.refOf(set, broker));
  });
  const newestMs = Math.max(Number.NEGATIVE_INFINITY, ...heardAtMs);
  if (now.monotonicMs - newestMs >= set.detectionMs) return;
  if (now.monotonicMs < run.nextSearchMs) return;
  run.nextSearchMs = now.monotonicMs + pauseMs(NEXT_SEARCH_MS, run.vainSearches + 1);
  const reason = set.unproven ? ('adoption' as const) : ('masterBack' as const);
  const detail = set.unproven
    ? 'its brokers had ids or epochs before they were known here'
    : 'a member of the sync state set is heard again';
  const search = { reason, candidates, wanted: null, unsafe: false, by: 'pollux', detail, evidence: [] };
  beginSearch(sets, set, run, search, now, (again, at) => judgeSet(parts, again, at));
}

const masterlessMessage = (set: BrokerSet): string =>
  `Broker set ${set.name} has no master. ` +
  (set.unproven
    ? `Nobody can tell which of its brokers holds what was acknowledged: it gets one once all of ${[...set.brokers.keys()].join(', ')} answer. `
    : `It gets one as soon as one of ${set.syncStateSet.join(', ')} is back; each of them holds everything that was acknowledged. `) +
  acceptLoss(set);

/** A broker whose epoch is above ours takes no word of ours: epochs are adopted upwards, and never contradicted. */
function heedAhead(parts: JudgeParts, set: BrokerSet, run: SetRun, now: Instant): void {
  const { sets } = parts;
  if (now.monotonicMs - run.aheadAskedMs < AHEAD_MS) return;
  const ahead = [...set.brokers.values()].flatMap((broker) => {
    const heartbeat = sets.book.of(sets.refOf(set, broker))?.heartbeat ?? null;
    return heartbeat !== null &&
      heartbeat.brokerId === broker.id &&
      heartbeat.epoch > set.masterEpoch &&
      isEpochOf(set, heartbeat.epoch)
      ? [{ id: broker.id, epoch: heartbeat.epoch }]
      : [];
  });
  if (ahead.length === 0) return;
  run.aheadAskedMs = now.monotonicMs;
  const masterEpoch = Math.max(...ahead.map(({ epoch }) => epoch));
  sets.context.log('warn', 'brokerSet.epochAhead', {
    set: set.name,
    epoch: masterEpoch,
    known: set.masterEpoch,
  });
  if (set.master === null) {
    sets.propose(run, { type: 'brokerSet.raiseEpoch', name: set.name, masterEpoch }, now);
    return;
  }
  if (stopOfBrokerSet(sets.context.state(), set) !== null) return;
  const detail = `broker ${ahead.map(({ id }) => id).join(', ')} is in epoch ${masterEpoch}`;
  const search = { reason: 'epochAhead', wanted: null, unsafe: false, by: 'pollux', evidence: [] } as const;
  const candidates = [...new Set([...set.syncStateSet, ...ahead.map(({ id }) => id)])];
  beginSearch(sets, set, run, { ...search, detail, candidates }, now, (again, at) =>
    judgeSet(parts, again, at),
  );
}
