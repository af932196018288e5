/** What brokers and operators ask of a broker set that takes evidence to answer. */
import { stopOfBrokerSet, wasNeverMastered } from '../../metadata/broker-set-queries.ts';
import type { BrokerSet } from '../../metadata/broker-set-state.ts';
import type { Instant } from '../../primitives/instant.ts';
import { LIMITS } from '../../primitives/limits.ts';
import { accepted, type RefusalCode, refused } from '../../primitives/refusal.ts';
import { proposeForClient } from '../client-commands.ts';
import type { Asker } from '../effects.ts';
import type { BrokerSetRequest } from './broker-set-request.ts';
import { firstMaster } from './first-master.ts';
import { beginSearch } from './search-master.ts';
import type { SetContext } from './set-context.ts';
import { logAlterRefused } from './set-log.ts';
import { isFoundDead, type SetRun } from './set-run.ts';

/** Who waits for a master longer than this is told to ask again; a broker waits 3 s itself. */
const ASKER_MS = 2_500;

type ElectMaster = Extract<BrokerSetRequest, { kind: 'electMaster' }>;
type AlterSyncStateSet = Extract<BrokerSetRequest, { kind: 'alterSyncStateSet' }>;
type JudgeAgain = (set: BrokerSet, now: Instant) => void;

export function brokerSetRequest(
  sets: SetContext,
  asker: Asker,
  request: BrokerSetRequest,
  now: Instant,
  judgeAgain: JudgeAgain,
): void {
  const { context } = sets;
  // Without a lease another node may have elected somebody else: what is known here is no answer to anybody.
  if (!context.leads(now)) {
    const why = 'This node cannot confirm that it still leads; nothing was changed. Try again shortly.';
    context.emit({ kind: 'reply', asker, reply: refused('noLeader', why) });
    return;
  }
  const set = sets.setOf(request.name);
  if (set === null || set.cluster !== request.cluster) {
    const reply = refused(
      'unknownBrokerSet',
      `No broker set ${request.name} of cluster ${request.cluster} is known.`,
    );
    context.emit({ kind: 'reply', asker, reply });
    return;
  }
  if (request.kind === 'alterSyncStateSet') alterSyncStateSet(sets, asker, set, request, now);
  else electMaster(sets, asker, set, request, now, judgeAgain);
}

/**
 * Brokers that catch up at the same moment are reported one by one, each as an addition to what the master knew then. The
 * second of these reports goes out with the epoch that the first one led to, and would take its broker out again, while
 * the master goes on acknowledging what that one alone has confirmed. No master adds and drops in one report otherwise.
 */
function dropsByMistake(
  sets: SetContext,
  set: BrokerSet,
  { masterBrokerId, masterEpoch, syncStateSet, syncStateSetEpoch }: AlterSyncStateSet,
  now: Instant,
): boolean {
  const goesOn =
    masterBrokerId === set.master &&
    masterEpoch === set.masterEpoch &&
    syncStateSetEpoch === set.syncStateSetEpoch;
  if (!goesOn || syncStateSet.every((id) => set.syncStateSet.includes(id))) return false;
  return set.syncStateSet.some((id) => {
    const broker = set.brokers.get(id);
    const isDropped = id !== masterBrokerId && !syncStateSet.includes(id);
    return isDropped && broker !== undefined && sets.isAlive(sets.refOf(set, broker), now);
  });
}

/**
 * All of its members have to be alive; the rest is checked when it is applied. The master shows that it is by asking,
 * unless a quorum has just found it dead: then it asked before it died, and what it asked for would take away who follows.
 */
function alterSyncStateSet(
  sets: SetContext,
  asker: Asker,
  set: BrokerSet,
  request: AlterSyncStateSet,
  now: Instant,
): void {
  const { context } = sets;
  const { name, masterBrokerId, masterEpoch, syncStateSet, syncStateSetEpoch } = request;
  const refuse = (code: RefusalCode, why: string): void => {
    const reply = refused(code, why);
    logAlterRefused(sets, name, masterBrokerId, reply.refusal);
    context.emit({ kind: 'reply', asker, reply });
  };
  if (isFoundDead(sets.run(set, now))) {
    refuse('brokerNotAlive', `Master ${set.master} of ${name} was found dead by a quorum.`);
    return;
  }
  const dead = syncStateSet.find((id) => {
    const broker = set.brokers.get(id);
    return broker !== undefined && id !== masterBrokerId && !sets.isAlive(sets.refOf(set, broker), now);
  });
  if (dead !== undefined) {
    refuse('brokerNotAlive', `Broker ${dead} of ${name} was heard at no node lately.`);
    return;
  }
  if (dropsByMistake(sets, set, request, now)) {
    const why = `A report about ${name} would take out a living member that was added while it was under way.`;
    refuse('fencedSyncStateSetEpoch', why);
    return;
  }
  const type = 'brokerSet.alterSyncStateSet' as const;
  const ids = [...syncStateSet].sort((one, other) => one - other);
  const command = { type, name, masterBrokerId, masterEpoch, syncStateSet: ids, syncStateSetEpoch };
  proposeForClient(context, asker, command);
}

function electMaster(
  sets: SetContext,
  asker: Asker,
  set: BrokerSet,
  request: ElectMaster,
  now: Instant,
  judgeAgain: JudgeAgain,
): void {
  const { context } = sets;
  const run = sets.run(set, now);
  const reply = (answer: ReturnType<typeof refused>): void =>
    context.emit({ kind: 'reply', asker, reply: answer });
  const { brokerId, designated } = request;
  if (brokerId !== null && !set.brokers.has(brokerId)) {
    reply(refused('invalidReplicas', `Broker set ${set.name} has no broker ${brokerId}.`));
    return;
  }
  if (set.master !== null && (!designated || set.master === brokerId)) {
    const value = { kind: 'applied', index: context.state().appliedIndex, changed: false } as const;
    context.emit({ kind: 'reply', asker, reply: accepted(value) });
    return;
  }
  if (run.askers.length >= LIMITS.brokerSetAskers) {
    reply(refused('overloaded', `Too many wait for a master of ${set.name}; try again shortly.`));
    return;
  }
  const waiting = { asker, sinceMs: now.monotonicMs };
  run.askers.push(waiting);
  const begin = designated ? designate : volunteer;
  const problem = begin(sets, set, run, request, now, judgeAgain);
  if (problem !== null) {
    run.askers = run.askers.filter((one) => one !== waiting);
    reply(problem);
  }
  judgeAgain(set, now);
}

/** An operator wants this one; that the running master is alive does not matter. */
function designate(
  sets: SetContext,
  set: BrokerSet,
  run: SetRun,
  request: ElectMaster,
  now: Instant,
  judgeAgain: JudgeAgain,
): ReturnType<typeof refused> | null {
  const { brokerId, unsafe, by } = request;
  if (brokerId === null)
    return refused('invalidRequest', 'Say which broker is to become master.', { field: 'brokerId' });
  if (!unsafe && !wasNeverMastered(set) && !set.syncStateSet.includes(brokerId))
    return refused('notInSyncStateSet', `Broker ${brokerId} of ${set.name} is not in its sync state set.`);
  if (sets.awaitsProposal(run, now))
    return refused('busy', `Broker set ${set.name} is getting a master already.`);
  if (wasNeverMastered(set)) return firstMaster(sets, set, run, request, now);
  if (run.search?.reason === 'operator') return refused('busy', `A move of ${set.name} is under way.`);
  const search = {
    reason: 'operator',
    candidates: [brokerId],
    wanted: brokerId,
    unsafe,
    by,
    evidence: [],
  } as const;
  beginSearch(sets, set, run, { ...search, detail: `broker ${brokerId} was asked for` }, now, judgeAgain);
  return null;
}

/** A broker asks for itself, or somebody for anybody; the set has no master. */
function volunteer(
  sets: SetContext,
  set: BrokerSet,
  run: SetRun,
  request: ElectMaster,
  now: Instant,
  judgeAgain: JudgeAgain,
): ReturnType<typeof refused> | null {
  const { brokerId, by } = request;
  if (sets.awaitsProposal(run, now) || run.search !== null) return null;
  if (wasNeverMastered(set)) return firstMaster(sets, set, run, request, now);
  const stop = stopOfBrokerSet(sets.context.state(), set);
  if (stop !== null) return refused('automaticStopped', `Automatic action is stopped by ${stop.by}.`);
  if (!set.unproven && brokerId !== null && !set.syncStateSet.includes(brokerId))
    return refused('notInSyncStateSet', `Broker ${brokerId} of ${set.name} is not in its sync state set.`);
  // A set whose brokers came with epochs of their own waits until all of them are known.
  if (set.unproven) return refused('notActive', `Broker set ${set.name} has no master yet; see its alerts.`);
  const search = { reason: 'masterBack', wanted: null, unsafe: false, by, evidence: [] } as const;
  const detail = brokerId === null ? 'a master was asked for' : `broker ${brokerId} asks to become master`;
  beginSearch(sets, set, run, { ...search, detail, candidates: set.syncStateSet }, now, judgeAgain);
  return null;
}

/** Whoever has waited too long is told; brokers ask again by themselves. */
export function expireAskers(sets: SetContext, run: SetRun, { monotonicMs }: Instant): void {
  const overdue = run.askers.filter(({ sinceMs }) => monotonicMs - sinceMs >= ASKER_MS);
  if (overdue.length === 0) return;
  run.askers = run.askers.filter((waiting) => !overdue.includes(waiting));
  const reply = refused('timedOut', 'No master was elected in time; ask again.');
  for (const { asker } of overdue) sets.context.emit({ kind: 'reply', asker, reply });
}
