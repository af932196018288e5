/** Pure look-ups in what is replicated of RocketMQ. Every one answers null where there is nothing. */
import { unreachable } from '../primitives/assert.ts';
import { type GroupKey, type GroupName, groupKey } from '../primitives/identifiers.ts';
import type { Broker, BrokerSet, NamedSet } from './broker-set-state.ts';
import type { AutomaticStop, MetadataState } from './state.ts';

export const findBrokerSet = (state: MetadataState, name: GroupName): BrokerSet | null =>
  state.brokerSets.get(name) ?? null;

export function findBrokerSetByKey(state: MetadataState, key: GroupKey): BrokerSet | null {
  for (const set of state.brokerSets.values()) if (set.key === key) return set;
  return null;
}

export const masterBrokerOf = (set: BrokerSet): Broker | null =>
  set.master === null ? null : (set.brokers.get(set.master) ?? null);

/**
 * Whether this broker may still take itself for the master of its set although another one is: it lost id 0 by an election
 * and has registered in no other role since, or is not registered at all.
 */
export function claimsToReign(
  { registrations }: Pick<MetadataState, 'registrations'>,
  set: BrokerSet,
  { id, address }: Pick<Broker, 'id' | 'address'>,
): boolean {
  if (set.master === null || id === set.master || address === '') return false;
  const registration = registrations.get(address);
  return registration?.name !== set.name || registration.brokerId === null;
}

export type Reign = { readonly brokerId: number; readonly epoch: number };

/** The last one before the one that runs, by another broker. */
export function formerReign(
  { brokerSetHistory }: Pick<MetadataState, 'brokerSetHistory'>,
  { name, master, masterEpoch }: BrokerSet,
): Reign | null {
  const record = brokerSetHistory.findLast(
    (kept) => kept.name === name && kept.masterEpoch < masterEpoch && kept.to !== null && kept.to !== master,
  );
  return record === undefined || record.to === null
    ? null
    : { brokerId: record.to, epoch: record.masterEpoch };
}

export function brokerByAddress(set: BrokerSet, address: string): Broker | null {
  for (const broker of set.brokers.values()) if (broker.address === address) return broker;
  return null;
}

/** Nobody has ever written to it: whoever asks first may become its master. */
export const wasNeverMastered = (set: BrokerSet): boolean =>
  set.master === null && set.syncStateSet.length === 0 && !set.unproven;

const isRemote = (master: Broker, broker: Broker | undefined): boolean =>
  master.site !== null && broker !== undefined && broker.site !== null && broker.site !== master.site;

/** A member of the sync state set is known to stand outside the master's IDC. */
export function hasRemoteMember(set: BrokerSet): boolean {
  const master = masterBrokerOf(set);
  return master !== null && set.syncStateSet.some((id) => isRemote(master, set.brokers.get(id)));
}

/** It has a broker outside the master's IDC and wants one in the sync state set, and none is. */
export function isDegraded(set: BrokerSet): boolean {
  const master = masterBrokerOf(set);
  if (master === null || set.policy !== 'cross-idc' || hasRemoteMember(set)) return false;
  return [...set.brokers.values()].some((broker) => isRemote(master, broker));
}

/** What the answer to a slave's registration says of its master; null where it would be of no use. */
export type MasterAddresses = { readonly address: string; readonly haAddress: string };

/**
 * Where slaves of a set get their data from: of an elected master by what it said when it registered last, in whatever
 * role that was; without an election, whoever is registered as 0.
 */
export function masterAddressesOf(state: MetadataState, name: GroupName): MasterAddresses | null {
  const set = state.brokerSets.get(name);
  const elected = set === undefined ? null : masterBrokerOf(set);
  const address = elected?.address ?? state.namedSets.get(name)?.addresses.get(0);
  if (address === undefined || address === '') return null;
  const haAddress = state.registrations.get(address)?.haAddress ?? elected?.haAddress ?? null;
  return haAddress === null ? null : { address, haAddress };
}

export function findNamedSetByKey(state: MetadataState, key: GroupKey): NamedSet | null {
  for (const set of state.namedSets.values()) if (groupKey(set.cluster, set.name) === key) return set;
  return null;
}

/**
 * The stop that keeps automatic action from this set, the widest first; null where it may go on. One of an IDC holds it
 * where the master stands there, or, where it has none, where everybody who could become one does.
 */
export function stopOfBrokerSet(
  { stops }: Pick<MetadataState, 'stops'>,
  set: BrokerSet,
): AutomaticStop | null {
  const ids = set.master !== null ? [set.master] : set.unproven ? [...set.brokers.keys()] : set.syncStateSet;
  const applies = ({ scope }: AutomaticStop): boolean => {
    switch (scope.kind) {
      case 'all':
        return true;
      case 'idc':
        return ids.length > 0 && ids.every((id) => set.brokers.get(id)?.site === scope.site);
      case 'group':
        return scope.group === set.key;
      default:
        return unreachable(scope);
    }
  };
  for (const kind of ['all', 'idc', 'group'] as const) {
    const stop = stops.find((candidate) => candidate.scope.kind === kind && applies(candidate));
    if (stop !== undefined) return stop;
  }
  return null;
}
