/**
 * A new sync set of the running reign. It joins the rules in force before anyone may acknowledge under it; the older
 * ones leave by `group.settleRules`, once nobody can acknowledge under them any more.
 */
import { z } from 'zod';
import { LIMITS } from '../../primitives/limits.ts';
import { accepted, type Result, refused } from '../../primitives/refusal.ts';
import type { Command } from '../command.ts';
import { historyStep, isNote, withStep } from '../history.ts';
import { activeSyncSet } from '../queries.ts';
import {
  countSchema,
  detailSchema,
  epochSchema,
  groupKeySchema,
  replicaIncarnationSchema,
  syncRuleSchema,
  syncSetMemberSchema,
  wallMsSchema,
} from '../schemas.ts';
import type { BrokerGroup, Replica } from '../state.ts';
import type { MutableMetadata } from '../store.ts';
import {
  checkSyncSet,
  nextSyncSetVersion,
  refuseRulesInForce,
  refuseStale,
  refuseWatchOnly,
  requireGroup,
  requireReign,
  rulesThatStay,
  withIncarnations,
} from './group-changes.ts';

type GroupChangeSyncSet = Extract<Command, { type: 'group.changeSyncSet' }>;

export const groupChangeSyncSetSchema = z.strictObject({
  type: z.literal('group.changeSyncSet'),
  key: groupKeySchema,
  epoch: epochSchema,
  expectedVersion: countSchema,
  members: z.array(syncSetMemberSchema),
  rule: syncRuleSchema,
  degraded: z.boolean(),
  incarnations: z.array(replicaIncarnationSchema),
  detail: detailSchema,
  wallMs: wallMsSchema,
}) satisfies z.ZodType<GroupChangeSyncSet>;

function checkChange(group: BrokerGroup, command: GroupChangeSyncSet): Result<readonly Replica[]> {
  const reign = requireReign(group, command.epoch);
  if (!reign.ok) return reign;
  const version = activeSyncSet(group)?.version ?? 0;
  if (command.expectedVersion !== version) {
    return refuseStale(group, `sync set ${command.expectedVersion}`, `sync set ${version}`);
  }
  // An operator took that back while this was on its way; whoever asked looks again.
  if (command.degraded && group.onShortage !== 'degrade')
    return refuseStale(group, 'on shortage degrade', `on shortage ${group.onShortage}`);
  const replicas = withIncarnations(group, command.incarnations);
  if (!replicas.ok) return replicas;
  const { master } = group;
  if (master === null) return refused('notActive', `${group.key} never had a master.`);
  if (command.incarnations.some(({ replica }) => replica === master)) {
    return refused('invalidRequest', `${master} is the master; as another process its reign would be over.`, {
      field: 'incarnations',
    });
  }
  const members = checkSyncSet(group, replicas.value, master, command.members, command.rule);
  if (!members.ok) return members;
  return replicas;
}

export function groupChangeSyncSet(store: MutableMetadata, command: GroupChangeSyncSet): Result<null> {
  const found = requireGroup(store, command.key);
  if (!found.ok) return found;
  const group = found.value;
  if (group.watchOnly) return refuseWatchOnly(group);
  const checked = checkChange(group, command);
  if (!checked.ok) return checked;
  const rules = rulesThatStay(group);
  if (rules.length >= LIMITS.rulesInForce) return refuseRulesInForce(group);
  const { members, rule, degraded } = command;
  const version = nextSyncSetVersion(group);
  const author = group.capabilities.syncSetAuthor;
  store.groups.set(group.key, {
    ...group,
    replicas: checked.value,
    syncSets: [...rules, { version, epoch: group.epoch, members, rule, author, degraded }],
  });
  recordChange(store, group, command, version);
  return accepted(null);
}

/** The story of a reign goes on in the record that it began with, as long as that has room. */
function recordChange(
  store: MutableMetadata,
  group: BrokerGroup,
  command: GroupChangeSyncSet,
  version: number,
): void {
  const step = historyStep('syncSet', command.wallMs, `version ${version}: ${command.detail}`);
  store.history = store.history.map((record) =>
    record.group === group.key &&
    record.epoch === group.epoch &&
    record.outcome !== 'superseded' &&
    !isNote(record) &&
    record.steps.length < LIMITS.stepsPerRecord
      ? withStep(record, step)
      : record,
  );
}
