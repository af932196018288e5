/**
 * Asking every node whether a replica is dead. The leader opens a round, every voter (the leader too) makes a fresh
 * probe and testifies, and the quorum's verdict ends it. Nothing here acts on a broker.
 */
import type { Observation, ReplicaRef } from '../liveness/observation.ts';
import { testify } from '../liveness/testify.ts';
import { CONFIRMATION_PROBE_MS, type Testimony } from '../liveness/testimony.ts';
import { judge, type Verdict } from '../liveness/verdict.ts';
import { findGroup, findReplica } from '../metadata/queries.ts';
import type { BrokerGroup } from '../metadata/state.ts';
import type { HistoryEvidence } from '../metadata/state-parts.ts';
import type { Incarnation, NodeName, ReplicaId, SiteName, Term } from '../primitives/identifiers.ts';
import type { Instant } from '../primitives/instant.ts';
import { LIMITS } from '../primitives/limits.ts';
import type { Context } from './context.ts';
import type { ConfirmationRound, GroupRun } from './group-run.ts';
import { siteHeard, vantageOf } from './vantage.ts';

/** A round ends then, with whoever has answered. */
const ROUND_TIMEOUT_MS = 800;

/** A fresh probe that is out because somebody asked. */
export type ProbeForConfirmation = {
  readonly askedBy: NodeName;
  readonly term: Term;
  readonly confirmId: number;
  readonly ref: ReplicaRef;
  readonly incarnation: Incarnation;
};

export type ConfirmationProbes = Map<number, ProbeForConfirmation>;

/** Opens a round about one replica; testimonies arrive through {@link noteTestimony}. */
export function openRound(
  context: Context,
  probes: ConfirmationProbes,
  group: BrokerGroup,
  run: GroupRun,
  suspected: { readonly replica: ReplicaId; readonly incarnation: Incarnation; readonly suspicion: string },
  now: Instant,
): void {
  const { replica, incarnation, suspicion } = suspected;
  const confirmId = context.takeId();
  run.round = {
    confirmId,
    replica,
    incarnation,
    startedMs: now.monotonicMs,
    startedWallMs: now.wallMs,
    suspicion,
    testimonies: new Map(),
  };
  context.log('warn', 'master.suspected', { group: group.key, replica, suspicion });
  const { self, voters } = context.options;
  const ref = { group: group.key, replica };
  const question = { term: context.leadership.term, confirmId, ref, incarnation };
  for (const { node } of voters) {
    if (node !== self) context.emit({ kind: 'send', to: node, message: { type: 'confirm', ...question } });
  }
  startProbe(context, probes, { askedBy: self, ...question }, now);
}

/** Probes afresh on behalf of the leader; a replica that this node does not know of is one that it never reached. */
export function startProbe(
  context: Context,
  probes: ConfirmationProbes,
  question: ProbeForConfirmation,
  now: Instant,
): void {
  const group = findGroup(context.state(), question.ref.group);
  const replica = group === null ? null : findReplica(group, question.ref.replica);
  if (group === null || replica === null) {
    answer(
      context,
      question,
      { site: context.options.site, verdict: 'neverReached', detail: 'unknown here' },
      now,
    );
    return;
  }
  const probeId = context.takeId();
  const [oldest] = probes.keys();
  if (probes.size >= LIMITS.confirmationProbes && oldest !== undefined) probes.delete(oldest);
  probes.set(probeId, question);
  context.emit({
    kind: 'probe',
    broker: group.kind,
    probeId,
    target: { ...question.ref, address: replica.endpoints.client },
    timeoutMs: Math.min(CONFIRMATION_PROBE_MS, group.detectionMs),
  });
}

/** A fresh probe came back: testify to whoever asked for it. Returns the testimony when it was this node itself. */
export function finishProbe(
  context: Context,
  probes: ConfirmationProbes,
  probeId: number,
  observation: Observation,
  now: Instant,
): void {
  const question = probes.get(probeId);
  probes.delete(probeId);
  if (question === undefined) return;
  const group = findGroup(context.state(), question.ref.group);
  const replica = group === null ? null : findReplica(group, question.ref.replica);
  if (group === null || replica === null) return;
  const {
    incarnation: _own,
    watchingSinceMs: _watching,
    ...vantage
  } = vantageOf(context, group, { replica: replica.id, incarnation: question.incarnation }, now);
  const testimony = testify({
    ...vantage,
    site: context.options.site,
    suspectedIncarnation: question.incarnation,
    freshProbe: observation,
    brokerSiteHeard: siteHeard(context, replica.site, now),
  });
  answer(context, question, testimony, now);
}

function answer(context: Context, question: ProbeForConfirmation, testimony: Testimony, now: Instant): void {
  const { self } = context.options;
  if (question.askedBy === self) {
    noteTestimony(context, question.ref, question.confirmId, self, testimony, now);
    return;
  }
  context.emit({
    kind: 'send',
    to: question.askedBy,
    message: {
      type: 'confirmReply',
      term: question.term,
      confirmId: question.confirmId,
      ref: question.ref,
      testimony,
    },
  });
}

export function noteTestimony(
  context: Context,
  ref: ReplicaRef,
  confirmId: number,
  from: NodeName,
  testimony: Testimony,
  now: Instant,
): void {
  const round = context.runs.get(ref.group)?.round ?? null;
  if (round === null || round.confirmId !== confirmId) return;
  // The site of a voter is the tier's knowledge, not the voter's claim.
  const voter = context.options.voters.find(({ node }) => node === from);
  if (voter !== undefined)
    round.testimonies.set(from, { word: { ...testimony, site: voter.site }, wallMs: now.wallMs });
}

/** The verdict so far; an undecided round whose time is over counts as not dead. */
export function verdictOf(
  context: Context,
  round: ConfirmationRound,
  brokerSite: SiteName,
  now: Instant,
): Verdict {
  const verdict = judge(wordsOf(round), context.options.voters, brokerSite);
  if (verdict === 'undecided' && now.monotonicMs - round.startedMs > ROUND_TIMEOUT_MS) return 'notDead';
  return verdict;
}

export const wordsOf = ({ testimonies }: ConfirmationRound): ReadonlyMap<NodeName, Testimony> =>
  new Map([...testimonies].map(([node, { word }]) => [node, word]));

/** What the round heard, for the history. */
export function evidenceOf({ testimonies }: ConfirmationRound): HistoryEvidence[] {
  return [...testimonies].map(
    ([
      node,
      {
        word: { site, verdict, detail },
        wallMs,
      },
    ]) => ({
      node,
      site,
      verdict,
      detail,
      wallMs,
    }),
  );
}
