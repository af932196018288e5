/**
 * Who the master of a broker set is to its brokers. The committed election counts as soon as it is committed: a slave
 * learns its new master's replication address by its next registration, whether or not that master has registered in
 * its new role.
 */
import type { MetadataState } from '../../core/metadata/state.ts';
import type { GroupName } from '../../core/primitives/identifiers.ts';

export type MasterAddresses = { readonly address: string; readonly haAddress: string };

/** Null where there is none, or nobody said yet where it replicates from. */
export function masterAddresses(state: MetadataState, name: GroupName): MasterAddresses | null {
  const set = state.brokerSets.get(name);
  if (set === undefined) {
    const address = state.namedSets.get(name)?.addresses.get(0);
    return address === undefined ? null : withHaAddress(state, address, null);
  }
  const master = set.master === null ? undefined : set.brokers.get(set.master);
  if (master === undefined || master.address === '') return null;
  return withHaAddress(state, master.address, master.haAddress);
}

function withHaAddress(state: MetadataState, address: string, known: string | null): MasterAddresses | null {
  const haAddress = known ?? state.registrations.get(address)?.haAddress;
  return haAddress === undefined ? null : { address, haAddress };
}
