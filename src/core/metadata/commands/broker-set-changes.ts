/** What the rules of broker sets share: finding the set, taking brokers in, and refusals that read alike. */
import { type ClusterName, type GroupName, groupKey, type SiteName } from '../../primitives/identifiers.ts';
import { LIMITS } from '../../primitives/limits.ts';
import { accepted, type Result, refused } from '../../primitives/refusal.ts';
import { highestMasterEpoch } from '../broker-set-history.ts';
import { brokerByAddress, isDegraded } from '../broker-set-queries.ts';
import type { Broker, BrokerSet } from '../broker-set-state.ts';
import { checkAddress, checkSetName } from '../registration-rules.ts';
import { markBrokersChanged } from '../registration-table.ts';
import type { MetadataState } from '../state.ts';
import type { MutableMetadata } from '../store.ts';
import { checkClusters } from './clusters.ts';

/** Silence after which a master is suspected, where nobody said otherwise. */
const DETECTION_MS = 3_000;

export function requireBrokerSet(state: MetadataState, name: GroupName): Result<BrokerSet> {
  const set = state.brokerSets.get(name);
  return set === undefined
    ? refused('unknownBrokerSet', `No broker set ${name} is known.`, { field: 'name' })
    : accepted(set);
}

export const requireEpoch = (set: BrokerSet, expected: number): Result<null> =>
  set.masterEpoch === expected
    ? accepted(null)
    : refused('fencedMasterEpoch', `${set.name} is in master epoch ${set.masterEpoch}, not ${expected}.`, {
        field: 'expectedMasterEpoch',
        expected: `${set.masterEpoch}`,
      });

/** Routes show masters and what slaves are told of them, so every change of a set counts for them. */
export function changeBrokerSet(store: MutableMetadata, set: BrokerSet): void {
  store.brokerSets.set(set.name, set);
  markBrokersChanged(store);
}

export function removeBrokerSet(store: MutableMetadata, set: BrokerSet): void {
  store.brokerSets.delete(set.name);
  if (!store.groups.has(set.key))
    store.stops = store.stops.filter(({ scope }) => scope.kind !== 'group' || scope.group !== set.key);
  markBrokersChanged(store);
}

/** A set that is declared anew goes on above the epochs that the history still knows: brokers keep theirs on disk. */
export const newBrokerSet = (state: MetadataState, cluster: ClusterName, name: GroupName): BrokerSet => ({
  key: groupKey(cluster, name),
  cluster,
  name,
  brokers: new Map(),
  nextBrokerId: 1,
  master: null,
  masterEpoch: highestMasterEpoch(state, name),
  syncStateSet: [],
  syncStateSetEpoch: 0,
  unproven: false,
  policy: 'cross-idc',
  onShortage: 'degrade',
  degraded: false,
  detectionMs: DETECTION_MS,
});

export type BrokerClaim = {
  readonly cluster: ClusterName;
  readonly name: GroupName;
  readonly brokerId: number;
  readonly address: string;
};

/** Whether a broker may be at that address: neither a registered one of another set nor of another id is there. */
export function checkClaim(state: MetadataState, claim: BrokerClaim): Result<null> {
  const { cluster, name, brokerId, address } = claim;
  const nameChecked = checkSetName(state, cluster, name);
  if (!nameChecked.ok) return nameChecked;
  const addressChecked = checkAddress(state, name, address);
  if (!addressChecked.ok) return addressChecked;
  const registered = state.registrations.get(address)?.brokerId ?? null;
  const master = state.brokerSets.get(name)?.master ?? null;
  const owner = registered === 0 ? master : registered;
  return owner === null || owner === brokerId
    ? accepted(null)
    : refused('addressTaken', `${address} is registered as broker ${owner} of ${name}.`, {
        field: 'address',
      });
}

/** Ids are given one after the other, above all that there were: one out of the air would use the others up. */
const MOST_IDS_AHEAD = 1_000_000;

export function checkNewBroker(state: MetadataState, claim: BrokerClaim): Result<null> {
  const claimed = checkClaim(state, claim);
  if (!claimed.ok) return claimed;
  const set = state.brokerSets.get(claim.name);
  const nextBrokerId = set?.nextBrokerId ?? 1;
  if (claim.brokerId > nextBrokerId + MOST_IDS_AHEAD)
    return refused(
      'brokerIdTaken',
      `The next id of ${claim.name} is ${nextBrokerId}; ${claim.brokerId} is none.`,
      {
        field: 'brokerId',
        expected: `${nextBrokerId}`,
      },
    );
  if (set !== undefined) {
    return set.brokers.size < LIMITS.brokersPerSet
      ? accepted(null)
      : refused('limitReached', `A broker set has at most ${LIMITS.brokersPerSet} brokers.`);
  }
  return state.brokerSets.size < LIMITS.brokerSets
    ? checkClusters(state, claim.cluster)
    : refused('limitReached', `At most ${LIMITS.brokerSets} broker sets.`);
}

/** Whoever else was at that address is not there any more: asking there would be asking somebody else. */
function releaseAddress(store: MutableMetadata, address: string, of: GroupName, brokerId: number): void {
  for (const set of store.brokerSets.values()) {
    const former = [...set.brokers.values()].filter(
      (broker) => broker.address === address && (set.name !== of || broker.id !== brokerId),
    );
    if (former.length === 0) continue;
    const brokers = new Map(set.brokers);
    for (const broker of former) brokers.set(broker.id, { ...broker, address: '', haAddress: null });
    changeBrokerSet(store, { ...set, brokers });
  }
}

/** Puts the broker into the set, as the only one at its address, with what its registration says of it. */
export function putBroker(
  store: MutableMetadata,
  set: BrokerSet,
  broker: Omit<Broker, 'haAddress'>,
): BrokerSet {
  releaseAddress(store, broker.address, set.name, broker.id);
  const released = store.brokerSets.get(set.name) ?? set;
  const registration = store.registrations.get(broker.address);
  const isOfSet = registration?.name === set.name;
  const kept = released.brokers.get(broker.id);
  const haAddress = isOfSet
    ? registration.haAddress
    : kept?.address === broker.address
      ? kept.haAddress
      : null;
  const site = broker.site ?? (isOfSet ? registration.site : null);
  const brokers = new Map(released.brokers).set(broker.id, { ...broker, haAddress, site });
  const after = { ...released, brokers, nextBrokerId: Math.max(released.nextBrokerId, broker.id + 1) };
  return { ...after, degraded: isDegraded(after) };
}

/** What a registration says of a broker that the Controller knows. */
export function learnBroker(
  store: MutableMetadata,
  name: GroupName,
  address: string,
  { haAddress, site }: { readonly haAddress: string; readonly site: SiteName | null },
): void {
  const set = store.brokerSets.get(name);
  const broker = set === undefined ? null : brokerByAddress(set, address);
  if (set === undefined || broker === null) return;
  if (broker.haAddress === haAddress && (site === null || site === broker.site)) return;
  const learned = { ...broker, haAddress, site: site ?? broker.site };
  const after = { ...set, brokers: new Map(set.brokers).set(broker.id, learned) };
  changeBrokerSet(store, { ...after, degraded: isDegraded(after) });
}
