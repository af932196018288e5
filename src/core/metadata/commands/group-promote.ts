/**
 * PROMOTE(e+1): who becomes master, as which process, from which offset, and who may acknowledge beside it. The rules
 * of earlier reigns stay in force until they are settled, so that a promotion that fails leaves all of them standing.
 */
import { z } from 'zod';
import { LIMITS } from '../../primitives/limits.ts';
import { accepted, type Result, refused } from '../../primitives/refusal.ts';
import { closedSites } from '../closed-sites.ts';
import type { Command } from '../command.ts';
import { withBranches } from '../given-up.ts';
import { changeRecord, historyLines, historyStep, withStep } from '../history.ts';
import { activeSyncSet, findReplica } from '../queries.ts';
import {
  epochSchema,
  groupKeySchema,
  historyCandidateSchema,
  incarnationSchema,
  lineageSchema,
  offsetSchema,
  replicaIdSchema,
  replicaIncarnationSchema,
  syncRuleSchema,
  syncSetMemberSchema,
  wallMsSchema,
} from '../schemas.ts';
import type { BrokerGroup, GroupPhase, MetadataState, Replica, SyncSet } from '../state.ts';
import type { MutableMetadata } from '../store.ts';
import {
  checkSyncSet,
  nextSyncSetVersion,
  refuseRulesInForce,
  refuseStale,
  refuseUnknownReplica,
  refuseWatchOnly,
  requireGroup,
  rulesThatStay,
  withIncarnations,
} from './group-changes.ts';

type GroupPromote = Extract<Command, { type: 'group.promote' }>;
type Fencing = Extract<GroupPhase, { kind: 'fencing' }>;

export const groupPromoteSchema = z.strictObject({
  type: z.literal('group.promote'),
  key: groupKeySchema,
  epoch: epochSchema,
  candidate: replicaIdSchema,
  incarnation: incarnationSchema,
  cut: offsetSchema,
  cutLineage: lineageSchema,
  cutEpoch: epochSchema.nullable(),
  branches: z.array(z.strictObject({ epoch: epochSchema, lineage: lineageSchema })),
  members: z.array(syncSetMemberSchema),
  rule: syncRuleSchema,
  degraded: z.boolean(),
  candidates: z.array(historyCandidateSchema),
  predictedLossBytes: offsetSchema.nullable(),
  incarnations: z.array(replicaIncarnationSchema),
  wallMs: wallMsSchema,
}) satisfies z.ZodType<GroupPromote>;

/**
 * The last line of defence of the promise: on the lineage of the last reign, an offset below the floor lacks writes
 * that an acknowledging set is known to hold. Where the rule in force asks for no acknowledgement at all, nothing was
 * promised; an unsafe fence is an operator's word that the loss is accepted.
 */
function checkFloor(group: BrokerGroup, phase: Fencing, command: GroupPromote): Result<null> {
  const rule = activeSyncSet(group)?.rule;
  const promised = rule !== undefined && (rule.kind === 'allOf' || rule.k > 0);
  const comparable = group.reigns.at(-1)?.lineage === command.cutLineage;
  if (phase.unsafe || !promised || !comparable || command.cut >= group.floor) return accepted(null);
  return refused(
    'unprovable',
    `${command.candidate} stands at ${command.cut}, ${group.floor} is held elsewhere.`,
    {
      field: 'cut',
      expected: `at least ${group.floor}`,
    },
  );
}

function checkCandidate(group: BrokerGroup, command: GroupPromote): Result<null> {
  if (findReplica(group, command.candidate) === null) {
    return refuseUnknownReplica(group, command.candidate, 'candidate');
  }
  const named = command.incarnations.find(({ replica }) => replica === command.candidate);
  if (named !== undefined && named.incarnation !== command.incarnation) {
    return refused('invalidRequest', `${command.candidate} is named as two processes.`, {
      field: 'incarnation',
    });
  }
  if (command.candidates.length > LIMITS.replicasPerGroup) {
    return refused('limitReached', `At most ${LIMITS.replicasPerGroup} candidates.`, { field: 'candidates' });
  }
  return accepted(null);
}

/** What the candidate's place was read from has to be what is committed, or later places could not be compared. */
function checkPlace(group: BrokerGroup, command: GroupPromote): Result<null> {
  const { cutEpoch, branches } = command;
  const knows = (number: number): boolean => group.givenUp.some(({ epoch }) => epoch === number);
  if (cutEpoch !== null && !knows(cutEpoch) && !group.reigns.some(({ epoch }) => epoch === cutEpoch)) {
    return refused('invalidRequest', `${group.key} remembers no reign or promotion ${cutEpoch}.`, {
      field: 'cutEpoch',
    });
  }
  const unknown = branches.findIndex(({ epoch }) => !knows(epoch));
  if (unknown < 0) return accepted(null);
  return refused('invalidRequest', `${group.key} remembers no promotion ${branches[unknown]?.epoch}.`, {
    field: `branches.${unknown}.epoch`,
  });
}

/** A stop that was committed before keeps out a promotion that was proposed before it, too. */
function checkOpen(
  state: MetadataState,
  group: BrokerGroup,
  phase: Fencing,
  command: GroupPromote,
): Result<null> {
  const reign = group.reigns.at(-1);
  const goesOn = reign?.master === command.candidate && reign.incarnation === command.incarnation;
  const site = findReplica(group, command.candidate)?.site;
  if (goesOn || site === undefined || !closedSites(state, phase.reason).has(site)) return accepted(null);
  return refused(
    'automaticStopped',
    `${command.candidate} stands in ${site}, where automatic action is stopped.`,
    {
      field: 'candidate',
    },
  );
}

/** The replicas as they will be, once every part of the promotion is found sound. */
function checkPromotion(
  group: BrokerGroup,
  phase: Fencing,
  command: GroupPromote,
): Result<readonly Replica[]> {
  const candidate = checkCandidate(group, command);
  if (!candidate.ok) return candidate;
  // An operator took that back while this was on its way; whoever asked looks again.
  if (command.degraded && group.onShortage !== 'degrade')
    return refuseStale(group, 'on shortage degrade', `on shortage ${group.onShortage}`);
  const place = checkPlace(group, command);
  if (!place.ok) return place;
  const replicas = withIncarnations(group, command.incarnations);
  if (!replicas.ok) return replicas;
  const members = checkSyncSet(group, replicas.value, command.candidate, command.members, command.rule);
  if (!members.ok) return members;
  const floor = checkFloor(group, phase, command);
  if (!floor.ok) return floor;
  return replicas;
}

export function groupPromote(store: MutableMetadata, command: GroupPromote): Result<null> {
  const found = requireGroup(store, command.key);
  if (!found.ok) return found;
  const group = found.value;
  if (group.watchOnly) return refuseWatchOnly(group);
  const { phase } = group;
  if (phase.kind !== 'fencing' || phase.epoch !== command.epoch) {
    return refuseStale(group, `phase ${phase.kind}`, `fencing for epoch ${command.epoch}`);
  }
  const checked = checkPromotion(group, phase, command);
  if (!checked.ok) return checked;
  const open = checkOpen(store, group, phase, command);
  if (!open.ok) return open;
  // Failed promotions fill the list; an unsafe one gives up the oldest promise, or no command could ever end this.
  const rules = rulesThatStay(group);
  const full = rules.length >= LIMITS.rulesInForce;
  if (full && !phase.unsafe) return refuseRulesInForce(group);
  const { candidate, incarnation, cut, cutLineage, cutEpoch, members, rule, degraded, wallMs } = command;
  const syncSet: SyncSet = {
    version: nextSyncSetVersion(group),
    epoch: phase.epoch,
    members,
    rule,
    author: group.capabilities.syncSetAuthor,
    degraded,
  };
  const { epoch, reason, recordId } = phase;
  store.groups.set(group.key, {
    ...group,
    replicas: checked.value,
    givenUp: withBranches(group.givenUp, command.branches),
    phase: { kind: 'promoting', epoch, reason, recordId, candidate, incarnation, cut, cutLineage, cutEpoch },
    syncSets: [...rules.slice(full ? 1 : 0), syncSet],
  });
  const step = historyStep('promoting', wallMs, `${candidate} at offset ${cut}`);
  changeRecord(store, recordId, (record) => ({
    ...withStep(record, step),
    to: candidate,
    candidates: historyLines(command.candidates),
    loss: { ...record.loss, predictedBytes: command.predictedLossBytes },
  }));
  return accepted(null);
}
