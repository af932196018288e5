/** A store that commands go through as they do on a node, encoded; shared by the tests of this room. */
import assert from 'node:assert/strict';
import { applyEncoded, createMetadata } from '../../../src/core/metadata/apply.ts';
import type { Command } from '../../../src/core/metadata/command.ts';
import { encodeCommand } from '../../../src/core/metadata/command-codec.ts';
import { encodeSnapshot } from '../../../src/core/metadata/snapshot.ts';
import type { BrokerGroup, HistoryRecord, SyncSetMember } from '../../../src/core/metadata/state.ts';
import type { MutableMetadata } from '../../../src/core/metadata/store.ts';
import { must } from '../../../src/core/primitives/assert.ts';
import {
  clusterName,
  epoch,
  type GroupKey,
  groupKey,
  groupName,
  incarnation,
  lineage,
  nodeName,
  replicaId,
  siteName,
  term,
  topicName,
} from '../../../src/core/primitives/identifiers.ts';
import type { RefusalCode, Result } from '../../../src/core/primitives/refusal.ts';

export type CommandOf<Type extends Command['type']> = Extract<Command, { type: Type }>;

/** Bytes of all that the store holds, but for the place up to which the log is applied. */
export const contentOf = (store: MutableMetadata): string =>
  Buffer.from(encodeSnapshot({ ...store, appliedIndex: 0, appliedTerm: term(0) })).toString('latin1');

export class Ledger {
  store = createMetadata();

  apply(command: Command): Result<null> {
    return applyEncoded(this.store, encodeCommand(command), { index: this.store.appliedIndex + 1, term: 1 });
  }

  accept(...commands: readonly Command[]): this {
    for (const command of commands) assert.deepEqual(this.apply(command), { ok: true, value: null });
    return this;
  }

  /** Also checks that the refused command changed nothing. */
  refuse(command: Command, code: RefusalCode, field?: string): void {
    const before = contentOf(this.store);
    const result = this.apply(command);
    assert.equal(result.ok, false, `${command.type} was accepted`);
    assert.deepEqual({ code: result.refusal.code, field: result.refusal.field }, { code, field });
    assert.equal(contentOf(this.store), before);
  }

  group(key: GroupKey = ORDERS): BrokerGroup {
    return must(this.store.groups.get(key), `no group ${key}`);
  }

  record(id: string): HistoryRecord {
    return must(
      this.store.history.find((record) => record.id === id),
      `no record ${id}`,
    );
  }
}

export const MAIN = clusterName('main');
export const ORDERS = groupKey(MAIN, groupName('orders'));

export const bootstrap: CommandOf<'tier.bootstrap'> = {
  type: 'tier.bootstrap',
  tierId: 'tier-1',
  sites: [
    { name: siteName('idc-a'), kind: 'idc' },
    { name: siteName('idc-b'), kind: 'idc' },
    { name: siteName('witness'), kind: 'witness' },
  ],
  members: [
    { name: nodeName('node-a'), site: siteName('idc-a'), httpUrl: 'http://127.0.0.1:7400' },
    { name: nodeName('node-b'), site: siteName('idc-b'), httpUrl: 'http://127.0.0.1:7410' },
    { name: nodeName('node-w'), site: siteName('witness'), httpUrl: 'http://127.0.0.1:7420' },
  ],
  token: { id: 'first', sha256: 'a'.repeat(64), role: 'operator', createdWallMs: 1 },
};

/** Replicas `<name>-1` in idc-a, `<name>-2` in idc-a, `<name>-3` in idc-b; ports from `port` on. */
export function addGroup(
  name = 'orders',
  port = 7_101,
  changes: Partial<CommandOf<'group.add'>> = {},
): CommandOf<'group.add'> {
  const replica = (number: number, site: string) => {
    const address = `127.0.0.1:${port + number - 1}`;
    return {
      id: replicaId(`${name}-${number}`),
      site: siteName(site),
      endpoints: { client: address, replication: address, announced: null },
      priority: 100,
    };
  };
  return {
    type: 'group.add',
    key: groupKey(MAIN, groupName(name)),
    cluster: MAIN,
    name: groupName(name),
    kind: 'redis',
    watchOnly: false,
    capabilities: { canRevoke: true, syncSetAuthor: 'pollux' },
    replicas: [replica(1, 'idc-a'), replica(2, 'idc-a'), replica(3, 'idc-b')],
    preferredMaster: null,
    policy: 'any-one',
    onShortage: 'degrade',
    timeFenceSeconds: 3,
    detectionMs: 1_000,
    cooldownMs: 60_000,
    owner: 'payments',
    labels: { team: 'payments' },
    recordId: `${name}-adoption`,
    by: 'operator',
    wallMs: 10,
    ...changes,
  };
}

export const fence = (
  epochNumber: number,
  changes: Partial<CommandOf<'group.fence'>> = {},
): CommandOf<'group.fence'> => ({
  type: 'group.fence',
  key: ORDERS,
  expectedEpoch: epoch(epochNumber - 1),
  epoch: epoch(epochNumber),
  reason: 'masterLost',
  preferred: null,
  unsafe: false,
  recordId: `move-${epochNumber}`,
  by: 'node-a',
  note: '',
  evidence: [],
  wallMs: 20,
  ...changes,
});

export const note = (
  epochNumber: number,
  changes: Partial<CommandOf<'history.note'>> = {},
): CommandOf<'history.note'> => ({
  type: 'history.note',
  recordId: 'note-1',
  key: ORDERS,
  epoch: epoch(epochNumber),
  reason: 'masterLost',
  outcome: 'refuted',
  step: 'refuted',
  detail: 'it answers node-b',
  evidence: [],
  candidates: [],
  predictedLossBytes: null,
  wallMs: 15,
  ...changes,
});

export const member = (number: number, caughtUp = true): SyncSetMember => ({
  replica: replicaId(`orders-${number}`),
  incarnation: incarnation(`run-${number}`),
  caughtUp,
});

/** Promotes replica `candidate` with the two others as members. */
export function promote(
  epochNumber: number,
  candidate = 1,
  changes: Partial<CommandOf<'group.promote'>> = {},
): CommandOf<'group.promote'> {
  const members = [1, 2, 3].filter((number) => number !== candidate).map((number) => member(number));
  return {
    type: 'group.promote',
    key: ORDERS,
    epoch: epoch(epochNumber),
    candidate: replicaId(`orders-${candidate}`),
    incarnation: incarnation(`run-${candidate}`),
    cut: 1_000n,
    cutLineage: lineage(`lineage-${epochNumber - 1}`),
    cutEpoch: epochNumber === 1 ? null : epoch(epochNumber - 1),
    branches: [],
    members,
    rule: { kind: 'anyOf', k: 1 },
    degraded: false,
    candidates: [],
    predictedLossBytes: 0n,
    incarnations: members.map(({ replica, incarnation: run }) => ({ replica, incarnation: run })),
    wallMs: 30,
    ...changes,
  };
}

export const activate = (
  epochNumber: number,
  changes: Partial<CommandOf<'group.activate'>> = {},
): CommandOf<'group.activate'> => ({
  type: 'group.activate',
  key: ORDERS,
  epoch: epoch(epochNumber),
  lineage: lineage(`lineage-${epochNumber}`),
  reinstated: false,
  wallMs: 40,
  ...changes,
});

export const changeSyncSet = (
  epochNumber: number,
  expectedVersion: number,
  changes: Partial<CommandOf<'group.changeSyncSet'>> = {},
): CommandOf<'group.changeSyncSet'> => ({
  type: 'group.changeSyncSet',
  key: ORDERS,
  epoch: epoch(epochNumber),
  expectedVersion,
  members: [member(2)],
  rule: { kind: 'anyOf', k: 1 },
  degraded: true,
  incarnations: [],
  detail: 'orders-3 left',
  wallMs: 50,
  ...changes,
});

export const addTopic = (
  name = 'created',
  changes: Partial<CommandOf<'topic.add'>['topic']> = {},
): CommandOf<'topic.add'> => ({
  type: 'topic.add',
  topic: {
    cluster: MAIN,
    name: topicName(name),
    queues: [{ group: ORDERS, readQueues: 4, writeQueues: 4 }],
    permission: 'readWrite',
    order: false,
    near: 'prefer',
    attributes: {},
    source: 'declared',
    owner: 'payments',
    labels: {},
    ...changes,
  },
});

/** Without changes: an evacuation of idc-a, where the group's first master stands. */
export const drillBegin = (changes: Partial<CommandOf<'drill.begin'>> = {}): CommandOf<'drill.begin'> => ({
  type: 'drill.begin',
  drillId: 'drill-1',
  kind: 'evacuation',
  idc: siteName('idc-a'),
  groups: null,
  parallel: 1,
  resyncs: 1,
  healthyMs: 0,
  by: 'operator',
  wallMs: 100,
  ...changes,
});

/** Without changes: the group begins its first move, to orders-3. */
export const drillNote = (changes: Partial<CommandOf<'drill.note'>> = {}): CommandOf<'drill.note'> => ({
  type: 'drill.note',
  drillId: 'drill-1',
  group: ORDERS,
  expected: { state: 'waiting', attempts: 0 },
  state: 'moving',
  from: replicaId('orders-1'),
  to: replicaId('orders-3'),
  attempts: 1,
  epoch: epoch(1),
  detail: 'the only one',
  wallMs: 110,
  ...changes,
});

/** A tier with the group `orders` declared and still fenced for its first reign. */
export const declared = (): Ledger => new Ledger().accept(bootstrap, addGroup());

/** The same with epoch 1 active: orders-1 is master, orders-2 and orders-3 are members. */
export const reigning = (): Ledger => declared().accept(promote(1), activate(1));

export const labelsOf = (count: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, number) => [`label-${number}`, 'x']));

/** What is not named stays as it is. */
export const set = (changes: Partial<CommandOf<'group.set'>>): CommandOf<'group.set'> => ({
  type: 'group.set',
  key: ORDERS,
  policy: null,
  onShortage: null,
  timeFenceSeconds: null,
  detectionMs: null,
  cooldownMs: null,
  by: 'eve',
  wallMs: 70,
  ...changes,
});
