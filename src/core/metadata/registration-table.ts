/**
 * Who is registered under which id. A set's `addresses` and the `brokerId` of its registrations say the same, and an id
 * has one address at most; a registration whose id another one took has none until it registers anew.
 */
import type { GroupName } from '../primitives/identifiers.ts';
import type { NamedSet, Registration } from './broker-set-state.ts';
import type { MutableMetadata } from './store.ts';
import { removePlacesOf } from './topic-places.ts';

/** What routes of many topics depend on has changed. */
export function markBrokersChanged(store: MutableMetadata): void {
  store.brokersRevision = store.appliedIndex;
}

function giveId(store: MutableMetadata, address: string, brokerId: number | null): void {
  const registration = store.registrations.get(address);
  if (registration !== undefined && registration.brokerId !== brokerId)
    store.registrations.set(address, { ...registration, brokerId });
}

function areSameAddresses(one: ReadonlyMap<number, string>, other: ReadonlyMap<number, string>): boolean {
  if (one.size !== other.size) return false;
  for (const [id, address] of one) if (other.get(id) !== address) return false;
  return true;
}

function setAddresses(store: MutableMetadata, set: NamedSet, addresses: ReadonlyMap<number, string>): void {
  if (areSameAddresses(set.addresses, addresses)) return;
  store.namedSets.set(set.name, { ...set, addresses });
  markBrokersChanged(store);
}

/** The ids of a set once `address` has `id`: it had none other, and nobody else has that one. */
export function addressesWith(set: NamedSet | null, id: number, address: string): Map<number, string> {
  const addresses = new Map(set?.addresses);
  for (const [other, held] of addresses) if (held === address && other !== id) addresses.delete(other);
  return addresses.set(id, address);
}

/** Puts the registration in, under its id, which it takes from whoever had it. */
export function putRegistration(
  store: MutableMetadata,
  registration: Registration & { readonly brokerId: number },
  enableActingMaster: boolean,
): void {
  const { cluster, name, address, brokerId } = registration;
  const known = store.namedSets.get(name);
  const former = known?.addresses.get(brokerId);
  if (former !== undefined && former !== address) giveId(store, former, null);
  const kept = store.registrations.get(address);
  const standsElsewhere = kept?.site !== registration.site || kept.zone !== registration.zone;
  if (standsElsewhere || known?.enableActingMaster !== enableActingMaster) markBrokersChanged(store);
  store.registrations.set(address, registration);
  const set: NamedSet = known ?? {
    cluster,
    name,
    addresses: new Map(),
    enableActingMaster,
    writePermission: 'asRegistered',
    topics: 0,
  };
  store.namedSets.set(name, { ...set, enableActingMaster });
  setAddresses(store, { ...set, enableActingMaster }, addressesWith(set, brokerId, address));
}

/** The set ends with the last of its brokers that had an id. */
export function removeRegistration(store: MutableMetadata, { name, address }: Registration): void {
  store.registrations.delete(address);
  const set = store.namedSets.get(name);
  if (set === undefined) return;
  const addresses = new Map([...set.addresses].filter(([, held]) => held !== address));
  if (addresses.size > 0) {
    setAddresses(store, set, addresses);
    return;
  }
  removePlacesOf(store, name);
  store.namedSets.delete(name);
  markBrokersChanged(store);
}

/**
 * Id 0 goes to this address, where it is registered, and else to nobody: at the commit of an election, so that routes and
 * what slaves are told never wait for the new master's own registration.
 */
export function moveMasterId(store: MutableMetadata, name: GroupName, address: string | null): void {
  const set = store.namedSets.get(name);
  if (set === undefined) return;
  const former = set.addresses.get(0);
  const elected = address === null ? undefined : store.registrations.get(address);
  if (former !== undefined && former !== address) giveId(store, former, null);
  if (address === null || elected?.name !== name) {
    setAddresses(store, set, new Map([...set.addresses].filter(([id]) => id !== 0)));
    return;
  }
  giveId(store, address, 0);
  setAddresses(store, set, addressesWith(set, 0, address));
}
