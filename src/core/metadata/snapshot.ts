/**
 * The whole replicated state as bytes. Equal states give equal bytes on every node, whatever order they were built in.
 * Integrity on disk and on the wire is the carrier's work; here the shape is checked, and a snapshot that does not
 * have it ends the process: a node must not go on from half a state.
 */
import { z } from 'zod';
import { InvariantError } from '../primitives/assert.ts';
import { nodeName, siteName, term } from '../primitives/identifiers.ts';
import { createMetadata } from './apply.ts';
import { brokerSetSnapshotShape, encodeBrokerSets, restoreBrokerSets } from './broker-set-snapshot.ts';
import { drillMoveSchema, drillSchema, returnRuleSchema } from './drill-schemas.ts';
import { consumerGroupKey, topicKey } from './queries.ts';
import {
  automaticStopSchema,
  countSchema,
  groupKeySchema,
  nodeNameSchema,
  operatorTokenSchema,
  recordIdSchema,
  siteNameSchema,
  siteSchema,
  tierMemberSchema,
  topicSchema,
} from './schemas.ts';
import {
  brokerGroupSchema,
  consumerGroupSchema,
  historyChangeSchema,
  historyRecordSchema,
} from './snapshot-schemas.ts';
import type { MutableMetadata } from './store.ts';
import { canonicalJson, frameJson, unframeJson } from './tagged-json.ts';

/** First byte of every snapshot. */
const SNAPSHOT_FORMAT = 1;

const snapshotSchema = z.strictObject({
  tierId: z.string().nullable(),
  sites: z.array(siteSchema),
  members: z.array(tierMemberSchema),
  joined: z.array(z.tuple([nodeNameSchema, recordIdSchema])),
  groups: z.array(brokerGroupSchema),
  topics: z.array(topicSchema),
  consumerGroups: z.array(consumerGroupSchema),
  stops: z.array(automaticStopSchema),
  idcStates: z.array(z.tuple([siteNameSchema, z.enum(['draining', 'drained'])])),
  drills: z.array(drillSchema),
  drillMoves: z.array(drillMoveSchema),
  evacuatedFrom: z.array(z.tuple([groupKeySchema, siteNameSchema])),
  returnRules: z.array(z.tuple([z.string(), returnRuleSchema])),
  history: z.array(historyRecordSchema),
  changes: z.array(historyChangeSchema),
  tokens: z.array(operatorTokenSchema),
  keyValues: z.array(z.tuple([z.string(), z.string()])),
  ...brokerSetSnapshotShape,
  behaviourFlags: z.array(countSchema),
  appliedIndex: countSchema,
  appliedTerm: countSchema,
});

const byKey = <Value>([one]: [string, Value], [other]: [string, Value]): number => (one < other ? -1 : 1);

const sortedValues = <Value>(values: ReadonlyMap<string, Value>): Value[] =>
  [...values].sort(byKey).map(([, value]) => value);

export function encodeSnapshot(store: MutableMetadata): Uint8Array {
  const snapshot = {
    tierId: store.tierId,
    sites: sortedValues(store.sites),
    members: sortedValues(store.members),
    joined: [...store.joined].sort(byKey),
    groups: sortedValues(store.groups),
    topics: sortedValues(store.topics),
    consumerGroups: sortedValues(store.consumerGroups),
    stops: [...store.stops],
    idcStates: [...store.idcStates].sort(byKey),
    drills: [...store.drills],
    drillMoves: sortedValues(store.drillMoves),
    evacuatedFrom: [...store.evacuatedFrom].sort(byKey),
    returnRules: [...store.returnRules].sort(byKey),
    history: [...store.history],
    changes: [...store.changes],
    tokens: sortedValues(store.tokens),
    keyValues: [...store.keyValues].sort(byKey),
    ...encodeBrokerSets(store),
    behaviourFlags: [...store.behaviourFlags].sort((one, other) => one - other),
    appliedIndex: store.appliedIndex,
    appliedTerm: store.appliedTerm,
  } satisfies Record<keyof MutableMetadata, unknown>;
  return frameJson(SNAPSHOT_FORMAT, canonicalJson(snapshot));
}

/** Throws InvariantError for bytes that `encodeSnapshot` of this format did not write. */
export function restoreSnapshot(encoded: Uint8Array): MutableMetadata {
  const parsed = snapshotSchema.safeParse(unframeJson(SNAPSHOT_FORMAT, encoded, 'the snapshot'));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new InvariantError(`the snapshot is damaged at ${issue?.path.join('.')}: ${issue?.message}`);
  }
  const { data } = parsed;
  return {
    ...createMetadata(),
    tierId: data.tierId,
    sites: new Map(data.sites.map((site) => [siteName(site.name), site])),
    members: new Map(data.members.map((member) => [nodeName(member.name), member])),
    joined: new Map(data.joined),
    groups: new Map(data.groups.map((group) => [group.key, group])),
    topics: new Map(data.topics.map((topic) => [topicKey(topic.cluster, topic.name), topic])),
    consumerGroups: new Map(
      data.consumerGroups.map((group) => [consumerGroupKey(group.cluster, group.name), group]),
    ),
    stops: data.stops,
    idcStates: new Map(data.idcStates),
    drills: data.drills,
    drillMoves: new Map(data.drillMoves.map((move) => [move.group, move])),
    evacuatedFrom: new Map(data.evacuatedFrom),
    returnRules: new Map(data.returnRules),
    history: data.history,
    changes: data.changes,
    tokens: new Map(data.tokens.map((token) => [token.id, token])),
    keyValues: new Map(data.keyValues),
    ...restoreBrokerSets(data),
    behaviourFlags: new Set(data.behaviourFlags),
    appliedIndex: data.appliedIndex,
    appliedTerm: term(data.appliedTerm),
  };
}
