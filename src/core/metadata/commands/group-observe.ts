/**
 * What a watch-only group was seen to be: who reigns, as which process, and who holds its data. Whoever steers it moves
 * it without asking, so this is told afterwards and binds nobody; it is what the judgement goes by.
 */
import { z } from 'zod';
import { MAX_EPOCH } from '../../primitives/identifiers.ts';
import { LIMITS } from '../../primitives/limits.ts';
import { accepted, type Result, refused } from '../../primitives/refusal.ts';
import type { Command } from '../command.ts';
import { addRecord, changeRecord, findRecord, historyStep, withStep } from '../history.ts';
import {
  detailSchema,
  epochSchema,
  groupKeySchema,
  incarnationSchema,
  lineageSchema,
  offsetSchema,
  recordIdSchema,
  replicaIdSchema,
  replicaIncarnationSchema,
  syncRuleSchema,
  wallMsSchema,
} from '../schemas.ts';
import type { BrokerGroup, Replica } from '../state.ts';
import type { MutableMetadata } from '../store.ts';
import {
  checkSyncSet,
  nextSyncSetVersion,
  refuseStale,
  requireGroup,
  withIncarnations,
} from './group-changes.ts';

type GroupObserve = Extract<Command, { type: 'group.observe' }>;

export const groupObserveSchema = z.strictObject({
  type: z.literal('group.observe'),
  key: groupKeySchema,
  epoch: epochSchema,
  master: replicaIdSchema,
  incarnation: incarnationSchema,
  lineage: lineageSchema,
  cut: offsetSchema,
  members: z.array(replicaIncarnationSchema),
  rule: syncRuleSchema,
  degraded: z.boolean(),
  recordId: recordIdSchema,
  detail: detailSchema,
  wallMs: wallMsSchema,
}) satisfies z.ZodType<GroupObserve>;

/** The reign that is known already. */
function goesOn({ phase, epoch, reigns }: BrokerGroup, command: GroupObserve): boolean {
  const reign = reigns.at(-1);
  return (
    phase.kind === 'active' &&
    command.epoch === epoch &&
    reign?.master === command.master &&
    reign.incarnation === command.incarnation
  );
}

const membersOf = ({ members }: GroupObserve) => members.map((member) => ({ ...member, caughtUp: true }));

function checkObservation(
  store: MutableMetadata,
  group: BrokerGroup,
  command: GroupObserve,
): Result<readonly Replica[]> {
  if (!group.watchOnly) {
    return refused(
      'invalidRequest',
      `${group.key} is steered by pollux; its master is whom pollux promotes.`,
    );
  }
  if (!goesOn(group, command)) {
    const next = group.phase.kind === 'active' ? group.epoch + 1 : group.phase.epoch;
    if (next > MAX_EPOCH)
      return refused('limitReached', `${group.key} has used up its epochs.`, { field: 'epoch' });
    if (command.epoch !== next) return refuseStale(group, `epoch ${command.epoch}`, `epoch ${next}`);
    if (findRecord(store, command.recordId) !== null) {
      return refused('duplicateName', `History record ${command.recordId} exists already.`, {
        field: 'recordId',
      });
    }
  }
  const { master, incarnation, members, rule } = command;
  const replicas = withIncarnations(group, [{ replica: master, incarnation }, ...members]);
  if (!replicas.ok) return replicas;
  const checked = checkSyncSet(group, replicas.value, master, membersOf(command), rule);
  return checked.ok ? replicas : checked;
}

/** The first one ends the record of the declaration; of any further one there is nothing yet. */
function record(store: MutableMetadata, group: BrokerGroup, command: GroupObserve): void {
  const { epoch, master, recordId, detail, wallMs } = command;
  const step = historyStep('observed', wallMs, detail);
  if (group.phase.kind !== 'active') {
    changeRecord(store, group.phase.recordId, (kept) => ({
      ...withStep(kept, step),
      to: master,
      outcome: 'completed',
    }));
    return;
  }
  addRecord(store, {
    id: recordId,
    group: group.key,
    reason: 'observed',
    epoch,
    from: group.master,
    to: master,
    by: 'somebody else',
    evidence: [],
    steps: [step],
    candidates: [],
    loss: { predictedBytes: null, measuredBytes: null },
    tail: null,
    outcome: 'completed',
  });
}

export function groupObserve(store: MutableMetadata, command: GroupObserve): Result<null> {
  const found = requireGroup(store, command.key);
  if (!found.ok) return found;
  const group = found.value;
  const checked = checkObservation(store, group, command);
  if (!checked.ok) return checked;
  const { epoch, master, incarnation, lineage, cut, rule, degraded } = command;
  const isKnown = goesOn(group, command);
  if (!isKnown) record(store, group, command);
  store.groups.set(group.key, {
    ...group,
    epoch,
    master,
    replicas: checked.value,
    phase: { kind: 'active' },
    // Nothing that was acknowledged before is promised by us, so that older rules bind nobody.
    syncSets: [
      {
        version: nextSyncSetVersion(group),
        epoch,
        members: membersOf(command),
        rule,
        author: group.capabilities.syncSetAuthor,
        degraded,
      },
    ],
    reigns: isKnown
      ? group.reigns
      : [...group.reigns, { epoch, master, incarnation, lineage, cut }].slice(-LIMITS.reignsPerGroup),
  });
  return accepted(null);
}
