/** What the rules of broker groups share: finding the group, and refusals that read alike. */
import { commandFor } from '../../primitives/command-line.ts';
import type { GroupKey, Incarnation, ReplicaId } from '../../primitives/identifiers.ts';
import { LIMITS } from '../../primitives/limits.ts';
import { accepted, type Refusal, type Result, refused } from '../../primitives/refusal.ts';
import { findReplica } from '../queries.ts';
import type { BrokerGroup, MetadataState, Replica, SyncRule, SyncSet, SyncSetMember } from '../state.ts';

type Refused = { readonly ok: false; readonly refusal: Refusal };
type ReplicaIncarnation = { readonly replica: ReplicaId; readonly incarnation: Incarnation };

export function requireGroup(store: Pick<MetadataState, 'groups'>, key: GroupKey): Result<BrokerGroup> {
  const group = store.groups.get(key);
  return group === undefined
    ? refused('unknownGroup', `No broker group ${key} is declared.`, { field: 'key' })
    : accepted(group);
}

export const refuseUnknownReplica = (group: BrokerGroup, id: ReplicaId, field: string): Refused =>
  refused('unknownReplica', `${group.key} has no replica ${id}.`, {
    field,
    expected: group.replicas.map((replica) => replica.id).join(', '),
  });

export const refuseStale = (group: BrokerGroup, found: string, expected: string): Refused =>
  refused('staleEpoch', `${group.key}: ${found}, expected ${expected}.`, { expected });

/** Nothing is steered where pollux only watches, so nothing is committed either that would have it steered. */
export const refuseWatchOnly = (group: BrokerGroup): Refused =>
  refused('watchOnly', `${group.key} is watch-only; \`${commandFor(group, 'group take')}\` takes it over.`);

/** Refuses unless the reign of that epoch is active and undisturbed. */
export function requireReign(group: BrokerGroup, wanted: number): Result<null> {
  if (wanted !== group.epoch) return refuseStale(group, `epoch ${wanted}`, `epoch ${group.epoch}`);
  if (group.phase.kind === 'active') return accepted(null);
  return refused('notActive', `${group.key} is ${group.phase.kind} for epoch ${group.phase.epoch}.`);
}

/** The replicas with these incarnations taken in; refused where one is unknown or named twice. */
export function withIncarnations(
  group: BrokerGroup,
  incarnations: readonly ReplicaIncarnation[],
): Result<readonly Replica[]> {
  const taken = new Map<ReplicaId, Incarnation>();
  for (const [position, { replica, incarnation }] of incarnations.entries()) {
    const field = `incarnations.${position}.replica`;
    if (findReplica(group, replica) === null) return refuseUnknownReplica(group, replica, field);
    if (taken.has(replica)) return refused('invalidRequest', `Replica ${replica} is named twice.`, { field });
    taken.set(replica, incarnation);
  }
  return accepted(
    group.replicas.map((replica) => ({
      ...replica,
      incarnation: taken.get(replica.id) ?? replica.incarnation,
    })),
  );
}

/**
 * A sync set that may stand beside `master`: its members are other replicas, each once, as the processes that
 * `replicas` say are taken in. `k` may exceed the number of members: under `onShortage: block` that is how a group
 * says that nothing is acknowledged until members return. It never exceeds the replicas that a group may have.
 */
export function checkSyncSet(
  group: BrokerGroup,
  replicas: readonly Replica[],
  master: ReplicaId,
  members: readonly SyncSetMember[],
  rule: SyncRule,
): Result<null> {
  if (rule.kind === 'anyOf' && rule.k > LIMITS.replicasPerGroup) {
    return refused(
      'limitReached',
      `k is ${rule.k}; a group has at most ${LIMITS.replicasPerGroup} replicas.`,
      {
        field: 'rule.k',
        expected: `0 to ${LIMITS.replicasPerGroup}`,
      },
    );
  }
  const seen = new Set<ReplicaId>();
  for (const [position, member] of members.entries()) {
    const field = `members.${position}.replica`;
    const replica = replicas.find((candidate) => candidate.id === member.replica);
    if (replica === undefined) return refuseUnknownReplica(group, member.replica, field);
    if (member.replica === master) {
      return refused('invalidRequest', `${master} is the master; the sync set holds the others.`, { field });
    }
    if (seen.has(member.replica)) {
      return refused('invalidRequest', `Replica ${member.replica} is named twice.`, { field });
    }
    if (replica.incarnation !== null && replica.incarnation !== member.incarnation) {
      return refused('invalidRequest', `${member.replica} is taken in as another process.`, {
        field: `members.${position}.incarnation`,
        expected: replica.incarnation,
      });
    }
    seen.add(member.replica);
  }
  return accepted(null);
}

const mayAcknowledge = ({ members, rule }: SyncSet): boolean =>
  rule.kind === 'allOf' || rule.k <= members.length;

/**
 * The rules that stay in force when another one is put behind them. One that asks for more members than it has was never
 * acknowledged under: as long as it is the newest it says so, after that it binds nobody. Kept, such rules of a group
 * that blocks would pile up over a few failovers until no member could be taken in any more.
 */
export const rulesThatStay = (group: Pick<BrokerGroup, 'syncSets'>): readonly SyncSet[] =>
  group.syncSets.filter(mayAcknowledge);

/** Version of the next sync set; versions grow across reigns and start at 1. */
export const nextSyncSetVersion = (group: BrokerGroup): number => (group.syncSets.at(-1)?.version ?? 0) + 1;

export const refuseRulesInForce = (group: BrokerGroup): Refused =>
  refused(
    'limitReached',
    `${group.key} has ${LIMITS.rulesInForce} sync sets in force; settle them, or fence with the unsafe flag.`,
  );
