/**
 * What becomes of a registration (103): which id it gets, and when it is ignored or refused. The door asks before it
 * proposes, the rule asks again when it is applied.
 */
import type { ClusterName, GroupName } from '../primitives/identifiers.ts';
import { LIMITS } from '../primitives/limits.ts';
import { accepted, type Result, refused } from '../primitives/refusal.ts';
import type { RegistrationSet } from './broker-set-command.ts';
import type { DataVersion, NamedSet, Registration } from './broker-set-state.ts';
import { checkClusters } from './commands/clusters.ts';
import type { MetadataState } from './state.ts';

/** A registration but for its topics. */
export type RegistrationHead = Omit<
  RegistrationSet,
  'type' | 'complete' | 'topicCount' | 'topics' | 'staticTopics'
>;

export const isSameVersion = (one: DataVersion, other: DataVersion): boolean =>
  one.stateVersion === other.stateVersion &&
  one.timestamp === other.timestamp &&
  one.counter === other.counter;

/** brokerName is the key everywhere: another cluster's set of that name would be mixed up with it. */
export function checkSetName(state: MetadataState, cluster: ClusterName, name: GroupName): Result<null> {
  const owner = state.namedSets.get(name)?.cluster ?? state.brokerSets.get(name)?.cluster ?? cluster;
  return owner === cluster
    ? accepted(null)
    : refused('brokerNameTaken', `${name} is a broker set of cluster ${owner}.`, { field: 'name' });
}

/** A registered broker keeps its address: one of another set that claims it is told, and changes nothing. */
export function checkAddress(state: MetadataState, name: GroupName, address: string): Result<null> {
  const owner = state.registrations.get(address)?.name ?? name;
  return owner === name
    ? accepted(null)
    : refused('addressTaken', `${address} is registered for broker set ${owner}.`, { field: 'address' });
}

function checkRoom(state: MetadataState, set: NamedSet | null, head: RegistrationHead): Result<null> {
  if (!state.registrations.has(head.address) && state.registrations.size >= LIMITS.registrations)
    return refused('limitReached', `At most ${LIMITS.registrations} brokers are registered.`);
  if (set !== null) {
    return set.addresses.size >= LIMITS.brokersPerSet && !set.addresses.has(head.brokerId)
      ? refused('limitReached', `A broker set has at most ${LIMITS.brokersPerSet} brokers.`)
      : accepted(null);
  }
  if (state.namedSets.size >= LIMITS.brokerSets)
    return refused('limitReached', `At most ${LIMITS.brokerSets} broker sets are registered.`);
  return checkClusters(state, head.cluster);
}

/**
 * The id under which it goes into the routes, by what the Controller knows of the set: a master that was just elected may
 * not know yet, and one that was deposed or given up may not know either.
 */
function idByElection(state: MetadataState, head: RegistrationHead): Result<number> {
  const { name, address, brokerId, dataVersion } = head;
  const set = state.brokerSets.get(name);
  const master = set === undefined || set.master === null ? undefined : set.brokers.get(set.master);
  if (set === undefined) return accepted(brokerId);
  if (master === undefined) {
    return brokerId === 0 && dataVersion.stateVersion < set.masterEpoch
      ? refused(
          'staleRegistration',
          `${address} registers as master of epoch ${dataVersion.stateVersion}; in epoch ${set.masterEpoch} nobody is.`,
          { field: 'brokerId' },
        )
      : accepted(brokerId);
  }
  if (address === master.address) return accepted(dataVersion.stateVersion < set.masterEpoch ? 0 : brokerId);
  if (brokerId === 0 && dataVersion.stateVersion <= set.masterEpoch) {
    return refused(
      'staleRegistration',
      `${address} registers as master of epoch ${dataVersion.stateVersion}; in epoch ${set.masterEpoch} that is ${master.address}.`,
      { field: 'brokerId' },
    );
  }
  const owner = set.brokers.get(brokerId);
  return owner === undefined || owner.address === address || !isRegistered(state, name, owner.address)
    ? accepted(brokerId)
    : refused('brokerIdTaken', `Broker ${brokerId} of ${name} is ${owner.address}.`, { field: 'brokerId' });
}

const isRegistered = (state: MetadataState, name: GroupName, address: string): boolean =>
  state.registrations.get(address)?.name === name;

/** The id that it gets. `topicCount` null: the body was not looked at, because its version is the known one. */
export function judgeRegistration(
  state: MetadataState,
  head: RegistrationHead,
  topicCount: number | null,
): Result<number> {
  const { cluster, name, address } = head;
  const nameChecked = checkSetName(state, cluster, name);
  if (!nameChecked.ok) return nameChecked;
  const addressChecked = checkAddress(state, name, address);
  if (!addressChecked.ok) return addressChecked;
  const set = state.namedSets.get(name) ?? null;
  const room = checkRoom(state, set, head);
  if (!room.ok) return room;
  const id = idByElection(state, head);
  if (!id.ok) return id;
  const holder = set?.addresses.get(id.value) ?? null;
  const held = holder === null || holder === address ? undefined : state.registrations.get(holder);
  if (held !== undefined && held.dataVersion.stateVersion > head.dataVersion.stateVersion) {
    return refused(
      'staleRegistration',
      `${holder} has id ${id.value} in state version ${held.dataVersion.stateVersion}; ${address} comes with ${head.dataVersion.stateVersion}.`,
      { field: 'brokerId' },
    );
  }
  return holder === null && topicCount === 1
    ? refused('singleTopicRegistration', `${address} is not registered as ${id.value} of ${name} yet.`)
    : id;
}

/**
 * Whose word on topics counts: the master's, and without one that of the broker with the smallest id, if its release
 * knows of acting masters.
 */
export const isTopicAuthor = (
  addresses: ReadonlyMap<number, string>,
  id: number,
  enableActingMaster: boolean | null,
): boolean => id === 0 || (enableActingMaster !== null && id === Math.min(...addresses.keys()));

/** The address whose topics a set has. */
export const topicAuthorOf = (set: NamedSet): string | null =>
  set.addresses.size === 0 ? null : (set.addresses.get(Math.min(...set.addresses.keys())) ?? null);

/** Nothing that it says is news, so that it needs no commit. */
export function isKnownAlready(state: MetadataState, head: RegistrationHead, id: number): boolean {
  const kept = state.registrations.get(head.address);
  const set = state.namedSets.get(head.name);
  return (
    kept !== undefined &&
    set !== undefined &&
    kept.complete &&
    kept.brokerId === id &&
    set.addresses.get(id) === head.address &&
    set.enableActingMaster === (head.enableActingMaster ?? false) &&
    isSameVersion(kept.dataVersion, head.dataVersion) &&
    saysTheSame(kept, head)
  );
}

/** Of one broker, and of one version of its topics. */
export const isSameRegistration = (one: RegistrationHead, other: RegistrationHead): boolean =>
  one.cluster === other.cluster &&
  one.name === other.name &&
  one.address === other.address &&
  one.brokerId === other.brokerId &&
  one.enableActingMaster === other.enableActingMaster &&
  isSameVersion(one.dataVersion, other.dataVersion) &&
  saysTheSame(one, other);

type Said = Pick<Registration, 'haAddress' | 'site' | 'zone' | 'version' | 'timeoutMs'>;

const saysTheSame = (kept: Said, head: Said): boolean =>
  kept.haAddress === head.haAddress &&
  kept.site === head.site &&
  kept.zone === head.zone &&
  kept.version === head.version &&
  kept.timeoutMs === head.timeoutMs;
