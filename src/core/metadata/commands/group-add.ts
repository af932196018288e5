/** Declares a broker group. It starts fenced for its first epoch (adoption), with the history record of that. */
import { z } from 'zod';
import {
  type Epoch,
  epoch,
  type GroupKey,
  groupKey,
  MAX_EPOCH,
  type ReplicaId,
} from '../../primitives/identifiers.ts';
import { LIMITS } from '../../primitives/limits.ts';
import { accepted, type Result, refused } from '../../primitives/refusal.ts';
import type { Command } from '../command.ts';
import { addRecord, findRecord, historyStep } from '../history.ts';
import {
  brokerKindSchema,
  clusterNameSchema,
  cooldownMsSchema,
  declaredReplicaSchema,
  detectionMsSchema,
  driverCapabilitiesSchema,
  groupKeySchema,
  groupNameSchema,
  labelsSchema,
  onShortageSchema,
  recordIdSchema,
  replicaIdSchema,
  textSchema,
  timeFenceSecondsSchema,
  wallMsSchema,
  writePolicySchema,
} from '../schemas.ts';
import type { BrokerGroup, Endpoints, MetadataState, Site } from '../state.ts';
import type { MutableMetadata } from '../store.ts';
import { checkClusters } from './clusters.ts';
import { checkLabels } from './labels.ts';

type GroupAdd = Extract<Command, { type: 'group.add' }>;

export const groupAddSchema = z.strictObject({
  type: z.literal('group.add'),
  key: groupKeySchema,
  cluster: clusterNameSchema,
  name: groupNameSchema,
  kind: brokerKindSchema,
  watchOnly: z.boolean(),
  capabilities: driverCapabilitiesSchema,
  replicas: z.array(declaredReplicaSchema).min(1),
  preferredMaster: replicaIdSchema.nullable(),
  policy: writePolicySchema,
  onShortage: onShortageSchema,
  timeFenceSeconds: timeFenceSecondsSchema,
  detectionMs: detectionMsSchema,
  cooldownMs: cooldownMsSchema,
  owner: textSchema,
  labels: labelsSchema,
  recordId: recordIdSchema,
  by: textSchema,
  wallMs: wallMsSchema,
}) satisfies z.ZodType<GroupAdd>;

/**
 * 1, or one above the epochs that the history knows of a removed group of that name: clients keep the highest epoch
 * that they saw.
 */
function firstEpoch(store: MutableMetadata, key: GroupKey): Epoch {
  const kept = store.history.filter((record) => record.group === key).map((record) => record.epoch);
  return epoch(Math.max(0, ...kept) + 1);
}

/** Host names compare without case. */
export const addressesOf = (endpoints: Endpoints): readonly string[] => {
  const { client, replication, announced } = endpoints;
  return [...new Set([client, replication, announced ?? client].map((address) => address.toLowerCase()))];
};

function checkSites(store: MetadataState, command: GroupAdd): Result<null> {
  const isIdc = (site: Site | undefined): boolean => site?.kind === 'idc';
  for (const [position, replica] of command.replicas.entries()) {
    if (isIdc(store.sites.get(replica.site))) continue;
    const idcs = [...store.sites.values()].filter(isIdc).map((site) => site.name);
    return refused(
      'unknownSite',
      `Replica ${replica.id} stands at ${replica.site}, which is not an IDC of this tier.`,
      {
        field: `replicas.${position}.site`,
        expected: idcs.join(', '),
      },
    );
  }
  return accepted(null);
}

/** No replica id and no address twice within the declaration. */
function checkDistinct(command: GroupAdd): Result<null> {
  const ids = new Set<ReplicaId>();
  const addresses = new Set<string>();
  for (const [position, replica] of command.replicas.entries()) {
    if (ids.has(replica.id)) {
      return refused('duplicateName', `Replica ${replica.id} is declared twice.`, {
        field: `replicas.${position}.id`,
        expected: 'every id once',
      });
    }
    ids.add(replica.id);
    for (const address of addressesOf(replica.endpoints)) {
      if (addresses.has(address)) {
        return refused('duplicateName', `Address ${address} is declared for two replicas.`, {
          field: `replicas.${position}.endpoints`,
          expected: 'an address of its own for each replica',
        });
      }
      addresses.add(address);
    }
  }
  return accepted(null);
}

/** An id is unique within its cluster; an address names one server wherever it is written. */
function checkNotTaken(store: MetadataState, command: GroupAdd): Result<null> {
  const positionOfId = new Map(command.replicas.map((replica, position) => [replica.id, position]));
  const positionOfAddress = new Map(
    command.replicas.flatMap(({ endpoints }, position) =>
      addressesOf(endpoints).map((address) => [address, position] as const),
    ),
  );
  for (const other of store.groups.values()) {
    for (const replica of other.replicas) {
      const samePosition = other.cluster === command.cluster ? positionOfId.get(replica.id) : undefined;
      if (samePosition !== undefined) {
        return refused('replicaInOtherGroup', `Replica ${replica.id} belongs to ${other.key}.`, {
          field: `replicas.${samePosition}.id`,
          expected: 'an id that no group of the cluster uses',
        });
      }
      for (const address of addressesOf(replica.endpoints)) {
        const position = positionOfAddress.get(address);
        if (position === undefined) continue;
        return refused(
          'replicaInOtherGroup',
          `Address ${address} belongs to replica ${replica.id} of ${other.key}.`,
          {
            field: `replicas.${position}.endpoints`,
            expected: 'a server of no other group',
          },
        );
      }
    }
  }
  return accepted(null);
}

function checkDeclaration(store: MetadataState, command: GroupAdd): Result<null> {
  if (command.key !== groupKey(command.cluster, command.name)) {
    return refused('invalidRequest', 'The key of a group is its cluster and name.', {
      field: 'key',
      expected: groupKey(command.cluster, command.name),
    });
  }
  if (store.groups.has(command.key)) {
    return refused('duplicateName', `Broker group ${command.key} is declared already.`, {
      field: 'name',
      expected: 'an unused name',
    });
  }
  if (findRecord(store, command.recordId) !== null) {
    return refused('duplicateName', `History record ${command.recordId} exists already.`, {
      field: 'recordId',
    });
  }
  if (store.groups.size >= LIMITS.groups) {
    return refused('limitReached', `The tier holds ${LIMITS.groups} broker groups already.`);
  }
  if (command.replicas.length > LIMITS.replicasPerGroup) {
    return refused('limitReached', `A group has at most ${LIMITS.replicasPerGroup} replicas.`, {
      field: 'replicas',
    });
  }
  if (command.watchOnly && command.kind !== 'redis') {
    return refused('invalidRequest', 'Only groups of Redis servers can be watch-only.', {
      field: 'watchOnly',
      expected: 'false',
    });
  }
  const { preferredMaster } = command;
  if (preferredMaster !== null && !command.replicas.some((replica) => replica.id === preferredMaster)) {
    return refused('unknownReplica', `${preferredMaster} is not one of the declared replicas.`, {
      field: 'preferredMaster',
      expected: command.replicas.map((replica) => replica.id).join(', '),
    });
  }
  return accepted(null);
}

/** The rule alone, so that a declaration can be refused before any server is asked. */
export function checkGroupAdd(store: MetadataState, command: GroupAdd): Result<null> {
  const checks = [
    () => checkDeclaration(store, command),
    () => checkSites(store, command),
    () => checkDistinct(command),
    () => checkNotTaken(store, command),
    () => checkClusters(store, command.cluster),
    () => checkLabels(command.labels, 'labels'),
  ];
  for (const check of checks) {
    const checked = check();
    if (!checked.ok) return checked;
  }
  return accepted(null);
}

const adoptionText = ({ watchOnly, replicas }: GroupAdd): string =>
  watchOnly ? `${replicas.length} replicas are watched` : `adoption of ${replicas.length} replicas`;

export function groupAdd(store: MutableMetadata, command: GroupAdd): Result<null> {
  const checked = checkGroupAdd(store, command);
  if (!checked.ok) return checked;
  const { key, cluster, name, kind, capabilities, policy, onShortage, owner, labels } = command;
  const { recordId, preferredMaster, by, wallMs } = command;
  const reason = 'adoption';
  const first = firstEpoch(store, key);
  if (first > MAX_EPOCH) return refused('limitReached', `${key} has used up its epochs.`, { field: 'name' });
  const group: BrokerGroup = {
    key,
    cluster,
    name,
    kind,
    watchOnly: command.watchOnly,
    capabilities,
    replicas: command.replicas.map((replica) => ({ ...replica, incarnation: null })),
    policy,
    onShortage,
    timeFenceSeconds: command.timeFenceSeconds,
    epoch: epoch(0),
    master: null,
    phase: {
      kind: 'fencing',
      epoch: first,
      reason,
      recordId,
      preferred: preferredMaster,
      unsafe: false,
    },
    syncSets: [],
    reigns: [],
    givenUp: [],
    floor: 0n,
    detectionMs: command.detectionMs,
    cooldownMs: command.cooldownMs,
    cooldown: null,
    owner,
    labels,
  };
  store.groups.set(key, group);
  addRecord(store, {
    id: recordId,
    group: key,
    reason,
    epoch: first,
    from: null,
    to: null,
    by,
    evidence: [],
    steps: [historyStep('fencing', wallMs, adoptionText(command))],
    candidates: [],
    loss: { predictedBytes: null, measuredBytes: null },
    tail: null,
    outcome: 'running',
  });
  return accepted(null);
}
