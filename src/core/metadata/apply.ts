/**
 * Applies committed commands, in log order, each exactly once. Every node comes to the same state and the same
 * answer, since time, ids and randomness are in the command.
 */
import { assert } from '../primitives/assert.ts';
import { term } from '../primitives/identifiers.ts';
import type { Result } from '../primitives/refusal.ts';
import { applyBrokerSetCommand } from './apply-broker-sets.ts';
import type { Command } from './command.ts';
import { decodeCommand } from './command-codec.ts';
import { automaticExpire } from './commands/automatic-expire.ts';
import { automaticResume } from './commands/automatic-resume.ts';
import { automaticStop } from './commands/automatic-stop.ts';
import { consumerGroupAdd } from './commands/consumer-group-add.ts';
import { drillAbort } from './commands/drill-abort.ts';
import { drillBegin } from './commands/drill-begin.ts';
import { drillNote } from './commands/drill-note.ts';
import { groupAcknowledge } from './commands/group-acknowledge.ts';
import { groupActivate } from './commands/group-activate.ts';
import { groupAdd } from './commands/group-add.ts';
import { groupChangeSyncSet } from './commands/group-change-sync-set.ts';
import { groupFence } from './commands/group-fence.ts';
import { groupMarkCaughtUp } from './commands/group-mark-caught-up.ts';
import { groupNoteLineage } from './commands/group-note-lineage.ts';
import { groupObserve } from './commands/group-observe.ts';
import { groupPromote } from './commands/group-promote.ts';
import { groupRaiseFloor } from './commands/group-raise-floor.ts';
import { groupRemove } from './commands/group-remove.ts';
import { groupSet } from './commands/group-set.ts';
import { groupSettleRules } from './commands/group-settle-rules.ts';
import { groupTake } from './commands/group-take.ts';
import { historyAddStep } from './commands/history-add-step.ts';
import { historyKeepTail } from './commands/history-keep-tail.ts';
import { historyNote } from './commands/history-note.ts';
import { keyValueRemove } from './commands/key-value-remove.ts';
import { keyValueSet } from './commands/key-value-set.ts';
import { memberJoin } from './commands/member-join.ts';
import { returnSetRule } from './commands/return-set-rule.ts';
import { tierBootstrap } from './commands/tier-bootstrap.ts';
import { tokenAdd } from './commands/token-add.ts';
import { topicAdd } from './commands/topic-add.ts';
import { topicRemove } from './commands/topic-remove.ts';
import type { BrokerGroup } from './state.ts';
import type { MutableMetadata } from './store.ts';

/** Place of an entry in the log. */
export type LogPlace = { readonly index: number; readonly term: number };

/**
 * Applies one committed command to the store, in place (a store of 100,000 topics is not copied for each
 * command); a refusal leaves it exactly as it was, but for the place up to which the log is applied. Values inside
 * the maps are replaced, never mutated, so a reader may keep one.
 */
export type ApplyCommand = (store: MutableMetadata, command: Command, at: LogPlace) => Result<null>;

/** The state before the first command. */
export const createMetadata = (): MutableMetadata => ({
  tierId: null,
  sites: new Map(),
  members: new Map(),
  joined: new Map(),
  groups: new Map(),
  topics: new Map(),
  consumerGroups: new Map(),
  stops: [],
  idcStates: new Map(),
  drills: [],
  drillMoves: new Map(),
  evacuatedFrom: new Map(),
  returnRules: new Map(),
  history: [],
  changes: [],
  tokens: new Map(),
  keyValues: new Map(),
  brokerSets: new Map(),
  brokerSetHistory: [],
  registrations: new Map(),
  namedSets: new Map(),
  topicQueues: new Map(),
  staticTopics: new Map(),
  topicNears: new Map(),
  namespaces: new Map(),
  brokersRevision: 0,
  behaviourFlags: new Set(),
  appliedIndex: 0,
  appliedTerm: term(0),
});

function applyRule(store: MutableMetadata, command: Command): Result<null> {
  switch (command.type) {
    case 'tier.bootstrap':
      return tierBootstrap(store, command);
    case 'token.add':
      return tokenAdd(store, command);
    case 'member.join':
      return memberJoin(store, command);
    case 'group.add':
      return groupAdd(store, command);
    case 'group.observe':
      return groupObserve(store, command);
    case 'group.take':
      return groupTake(store, command);
    case 'group.remove':
      return groupRemove(store, command);
    case 'group.set':
      return groupSet(store, command);
    case 'group.acknowledge':
      return groupAcknowledge(store, command);
    case 'group.fence':
      return groupFence(store, command);
    case 'group.promote':
      return groupPromote(store, command);
    case 'group.activate':
      return groupActivate(store, command);
    case 'group.changeSyncSet':
      return groupChangeSyncSet(store, command);
    case 'group.settleRules':
      return groupSettleRules(store, command);
    case 'group.markCaughtUp':
      return groupMarkCaughtUp(store, command);
    case 'group.noteLineage':
      return groupNoteLineage(store, command);
    case 'group.raiseFloor':
      return groupRaiseFloor(store, command);
    case 'history.addStep':
      return historyAddStep(store, command);
    case 'history.keepTail':
      return historyKeepTail(store, command);
    case 'history.note':
      return historyNote(store, command);
    case 'topic.add':
      return topicAdd(store, command);
    case 'topic.remove':
      return topicRemove(store, command);
    case 'consumerGroup.add':
      return consumerGroupAdd(store, command);
    case 'automatic.stop':
      return automaticStop(store, command);
    case 'automatic.resume':
      return automaticResume(store, command);
    case 'drill.begin':
      return drillBegin(store, command);
    case 'drill.note':
      return drillNote(store, command);
    case 'drill.abort':
      return drillAbort(store, command);
    case 'return.setRule':
      return returnSetRule(store, command);
    case 'automatic.expire':
      return automaticExpire(store, command);
    case 'keyValue.set':
      return keyValueSet(store, command);
    case 'keyValue.remove':
      return keyValueRemove(store, command);
    default:
      return applyBrokerSetCommand(store, command);
  }
}

/** An entry without a command moves the applied place only. */
export function markApplied(store: MutableMetadata, at: LogPlace): void {
  assert(at.index > store.appliedIndex, `entry ${at.index} is applied after entry ${store.appliedIndex}`);
  assert(
    at.term >= store.appliedTerm,
    `entry ${at.index} of term ${at.term} is applied after term ${store.appliedTerm}`,
  );
  store.appliedIndex = at.index;
  store.appliedTerm = term(at.term);
}

/** What a command came to. `removed`: the group that it took out, as it was. */
export type AppliedCommand = {
  readonly command: Command;
  readonly result: Result<null>;
  readonly removed: BrokerGroup | null;
};

export const applyCommand: ApplyCommand = (store, command, at) => {
  markApplied(store, at);
  return applyRule(store, command);
};

/** The same from the bytes of the log; throws InvariantError, naming the index, where they cannot be read. */
export function applyEncoded(store: MutableMetadata, encoded: Uint8Array, at: LogPlace): Result<null> {
  return applyCommand(store, decodeCommand(encoded, at.index), at);
}
