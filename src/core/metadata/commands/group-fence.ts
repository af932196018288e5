/**
 * FENCING(e+1): from this commit on, no acknowledgement of an earlier reign may be helped along. The group keeps
 * `epoch` and `master` of its last active reign until the next is activated.
 */
import { z } from 'zod';
import { unreachable } from '../../primitives/assert.ts';
import { MAX_EPOCH } from '../../primitives/identifiers.ts';
import { accepted, type Result, refused } from '../../primitives/refusal.ts';
import type { Command } from '../command.ts';
import { givenUpWith } from '../given-up.ts';
import {
  addRecord,
  boundedEvidence,
  changeRecord,
  findNote,
  findRecord,
  historyStep,
  wasLeftAlone,
  withStep,
} from '../history.ts';
import { findReplica, highestEpoch, isAutomaticStopped } from '../queries.ts';
import {
  detailSchema,
  epochSchema,
  fencingReasonSchema,
  groupKeySchema,
  historyEvidenceSchema,
  recordIdSchema,
  replicaIdSchema,
  textSchema,
  wallMsSchema,
} from '../schemas.ts';
import type { BrokerGroup, HistoryRecord } from '../state.ts';
import type { MutableMetadata } from '../store.ts';
import { refuseStale, refuseUnknownReplica, refuseWatchOnly, requireGroup } from './group-changes.ts';

type GroupFence = Extract<Command, { type: 'group.fence' }>;

export const groupFenceSchema = z.strictObject({
  type: z.literal('group.fence'),
  key: groupKeySchema,
  expectedEpoch: epochSchema,
  epoch: epochSchema,
  reason: fencingReasonSchema,
  preferred: replicaIdSchema.nullable(),
  unsafe: z.boolean(),
  recordId: recordIdSchema,
  by: textSchema,
  note: detailSchema,
  evidence: z.array(historyEvidenceSchema),
  wallMs: wallMsSchema,
}) satisfies z.ZodType<GroupFence>;

/**
 * Out of a phase under way leads only its own failure or an operator's word: a master can be lost, restarted or
 * switched over only while it reigns. Adoption starts with the declaration.
 */
function checkReason(group: BrokerGroup, reason: GroupFence['reason']): Result<null> {
  const underWay = group.phase.kind !== 'active';
  switch (reason) {
    case 'operatorFailover':
      return accepted(null);
    case 'promotionFailed':
      return underWay
        ? accepted(null)
        : refused('staleEpoch', `${group.key} is active; no promotion is under way that could have failed.`);
    case 'observed':
      return refused('invalidRequest', 'What somebody else did is committed by group.observe.', {
        field: 'reason',
      });
    case 'adoption':
      return refused('invalidRequest', 'A group is adopted once, when it is declared.', { field: 'reason' });
    case 'masterLost':
    case 'masterRestarted':
    case 'switchover':
      return underWay
        ? refused('busy', `${group.key} is ${group.phase.kind} already.`, { field: 'reason' })
        : accepted(null);
    default:
      return unreachable(reason);
  }
}

/** A stop that was committed before holds a move that was proposed before it, too. */
function checkStop(store: MutableMetadata, group: BrokerGroup, reason: GroupFence['reason']): Result<null> {
  const checked = checkReason(group, reason);
  if (!checked.ok || (reason !== 'masterLost' && reason !== 'masterRestarted')) return checked;
  const stop = isAutomaticStopped(store, group);
  return stop === null
    ? checked
    : refused('automaticStopped', `${group.key}: automatic action is stopped by ${stop.by}.`);
}

function checkFence(store: MutableMetadata, group: BrokerGroup, command: GroupFence): Result<null> {
  if (group.watchOnly) return refuseWatchOnly(group);
  const highest = highestEpoch(group);
  if (command.expectedEpoch !== highest) {
    return refuseStale(group, `epoch ${command.expectedEpoch} was expected`, `epoch ${highest}`);
  }
  if (command.epoch !== highest + 1)
    return refuseStale(group, `epoch ${command.epoch}`, `epoch ${highest + 1}`);
  if (command.epoch > MAX_EPOCH)
    return refused('limitReached', `${group.key} has used up its epochs.`, { field: 'epoch' });
  const { preferred, recordId } = command;
  if (preferred !== null && findReplica(group, preferred) === null) {
    return refuseUnknownReplica(group, preferred, 'preferred');
  }
  if (findRecord(store, recordId) !== null) {
    return refused('duplicateName', `History record ${recordId} exists already.`, { field: 'recordId' });
  }
  return checkStop(store, group, command.reason);
}

/** Somebody was found dead, was left alone, and has not answered since. */
const isOpen = ({ outcome, steps }: HistoryRecord): boolean =>
  wasLeftAlone(outcome) && steps.at(-1)?.step !== 'answersAgain';

/** The record of a phase that this one puts an end to says so; so does the note of a suspicion that was waited with. */
function supersede(store: MutableMetadata, { phase, key, epoch }: BrokerGroup, command: GroupFence): void {
  if (phase.kind === 'active') {
    const note = findNote(store, key, epoch);
    if (note === null || !isOpen(note)) return;
    const done = historyStep('carriedOut', command.wallMs, `by ${command.recordId}: ${command.reason}`);
    changeRecord(store, note.id, (record) => ({ ...withStep(record, done), outcome: 'carriedOut' }));
    return;
  }
  const step = historyStep('superseded', command.wallMs, `by ${command.recordId}: ${command.reason}`);
  changeRecord(store, phase.recordId, (record) => ({
    ...withStep(record, step),
    outcome: 'superseded',
  }));
}

export function groupFence(store: MutableMetadata, command: GroupFence): Result<null> {
  const found = requireGroup(store, command.key);
  if (!found.ok) return found;
  const group = found.value;
  const checked = checkFence(store, group, command);
  if (!checked.ok) return checked;
  const { epoch, reason, recordId, preferred, unsafe, by, note, wallMs } = command;
  const asked = [reason, unsafe ? 'unsafe by operator' : '', note].filter((part) => part !== '').join(', ');
  supersede(store, group, command);
  store.groups.set(group.key, {
    ...group,
    givenUp: givenUpWith(group),
    phase: { kind: 'fencing', epoch, reason, recordId, preferred, unsafe },
  });
  addRecord(store, {
    id: recordId,
    group: group.key,
    reason,
    epoch,
    from: group.master,
    to: null,
    by,
    evidence: boundedEvidence(command.evidence),
    steps: [historyStep('fencing', wallMs, asked)],
    candidates: [],
    loss: { predictedBytes: null, measuredBytes: null },
    tail: null,
    outcome: 'running',
  });
  return accepted(null);
}
