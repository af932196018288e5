/** A RocketMQ broker set as operators read it: what the tier keeps as its Controller and what it registered as. */
import type { BrokerSetDetail, BrokerSetSummary } from '../../../contract/broker-sets.ts';
import type { BrokerEvidenceRow } from '../../../core/coordinator/broker-sets/evidence-rows.ts';
import type { BrokerRef } from '../../../core/coordinator/broker-sets/messages.ts';
import type { AlertView } from '../../../core/coordinator/views.ts';
import { masterBrokerOf, stopOfBrokerSet } from '../../../core/metadata/broker-set-queries.ts';
import type { BrokerSet, NamedSet, Registration } from '../../../core/metadata/broker-set-state.ts';
import type { MetadataState } from '../../../core/metadata/state.ts';
import { clusterName, type GroupName } from '../../../core/primitives/identifiers.ts';
import { alertAnswer } from './alert-view.ts';
import { brokerSetProtection } from './broker-set-protection.ts';
import { brokerSetRecordView } from './broker-set-record-view.ts';

/** A set is known as controlled, as registered, or as both. */
export type KnownSet = {
  readonly cluster: string;
  readonly name: GroupName;
  readonly controlled: BrokerSet | null;
  readonly named: NamedSet | null;
  readonly registrations: readonly Registration[];
};

function setOf(
  state: MetadataState,
  name: GroupName,
  registrations: readonly Registration[],
): KnownSet | null {
  const controlled = state.brokerSets.get(name) ?? null;
  const named = state.namedSets.get(name) ?? null;
  const cluster = controlled?.cluster ?? named?.cluster;
  return cluster === undefined ? null : { cluster, name, controlled, named, registrations };
}

export const knownSet = (state: MetadataState, name: GroupName): KnownSet | null =>
  setOf(
    state,
    name,
    [...state.registrations.values()].filter((registration) => registration.name === name),
  );

export function knownSets(state: MetadataState): readonly KnownSet[] {
  const registrations = new Map<GroupName, Registration[]>();
  for (const registration of state.registrations.values()) {
    const others = registrations.get(registration.name);
    if (others === undefined) registrations.set(registration.name, [registration]);
    else others.push(registration);
  }
  const names = new Set([...state.brokerSets.keys(), ...state.namedSets.keys()]);
  return [...names].sort().flatMap((name) => setOf(state, name, registrations.get(name) ?? []) ?? []);
}

function masterView(state: MetadataState, { controlled, named }: KnownSet): BrokerSetSummary['master'] {
  if (controlled !== null) {
    const master = masterBrokerOf(controlled);
    return master === null ? null : { id: master.id, site: master.site, address: master.address };
  }
  const address = named?.addresses.get(0);
  if (address === undefined) return null;
  return { id: 0, site: state.registrations.get(address)?.site ?? null, address };
}

function controlledView(state: MetadataState, set: BrokerSet): NonNullable<BrokerSetSummary['controlled']> {
  const { masterEpoch, syncStateSet, syncStateSetEpoch, policy, onShortage } = set;
  const { degraded, unproven, detectionMs } = set;
  return {
    masterEpoch,
    syncStateSet: [...syncStateSet],
    syncStateSetEpoch,
    policy,
    onShortage,
    degraded,
    unproven,
    detectionMs,
    automaticStopped: stopOfBrokerSet(state, set) !== null,
  };
}

export function brokerSetSummaryView(state: MetadataState, set: KnownSet): BrokerSetSummary {
  const { cluster, name, controlled } = set;
  return {
    cluster,
    name,
    master: masterView(state, set),
    brokers: brokersOf(set).length,
    controlled: controlled === null ? null : controlledView(state, controlled),
  };
}

type BrokerRow = Omit<BrokerSetDetail['brokers'][number], 'heartbeat' | 'heard'>;

const registrationView = (registration: Registration | undefined): BrokerRow['registration'] => {
  if (registration === undefined) return null;
  const { brokerId, zone, version, timeoutMs, complete } = registration;
  return { brokerId, zone, version, timeoutMs, complete };
};

/** Those with a controller's id, then those that are registered without one. */
function brokersOf({ controlled, registrations }: KnownSet): BrokerRow[] {
  const byAddress = new Map(registrations.map((registration) => [registration.address, registration]));
  const rows: BrokerRow[] = [];
  for (const broker of controlled?.brokers.values() ?? []) {
    const { id, address, haAddress, site } = broker;
    const isMember = controlled?.syncStateSet.includes(id) === true;
    const role = controlled?.master === id ? 'master' : isMember ? 'inSync' : 'outside';
    const registration = registrationView(byAddress.get(address));
    rows.push({ id, address, haAddress, site, role, registration });
    byAddress.delete(address);
  }
  rows.sort((one, other) => (one.id ?? 0) - (other.id ?? 0));
  for (const registration of byAddress.values()) {
    const { address, haAddress, site, brokerId } = registration;
    const role = controlled === null && brokerId === 0 ? 'master' : 'registered';
    rows.push({ id: null, address, haAddress, site, role, registration: registrationView(registration) });
  }
  return rows;
}

export function brokerSetDetailView(
  state: MetadataState,
  set: KnownSet,
  seen: {
    readonly alerts: readonly AlertView[];
    readonly evidence: readonly BrokerEvidenceRow[];
    readonly stale: boolean;
  },
): BrokerSetDetail {
  const { name, controlled, named } = set;
  const elections = state.brokerSetHistory.filter((record) => record.name === name).reverse();
  return {
    ...brokerSetSummaryView(state, set),
    brokers: brokersOf(set).map((broker) => ({ ...broker, ...seenOf(broker.address, seen.evidence) })),
    writePermission: named?.writePermission ?? null,
    topics: named?.topics ?? 0,
    elections: elections.map(brokerSetRecordView),
    protection: brokerSetProtection(controlled),
    alerts: seen.alerts.filter(({ group }) => group === controlled?.key).map(alertAnswer),
    stale: seen.stale,
  };
}

/** The brokers that there may be evidence of. */
export const brokerRefsOf = (set: KnownSet): BrokerRef[] =>
  brokersOf(set).map(({ address }) => ({ cluster: clusterName(set.cluster), name: set.name, address }));

function seenOf(
  address: string,
  evidence: readonly BrokerEvidenceRow[],
): Pick<BrokerSetDetail['brokers'][number], 'heartbeat' | 'heard'> {
  const rows = evidence.filter(({ ref }) => ref.address === address);
  const said = rows.find(({ heartbeat }) => heartbeat !== null)?.heartbeat ?? null;
  return {
    heartbeat:
      said === null
        ? null
        : {
            ...said,
            maxOffset: said.maxOffset.toString(),
            confirmOffset: said.confirmOffset.toString(),
          },
    heard: rows.map(({ vantage, ageMs, isClosed }) => ({ node: vantage, ageMs, closed: isClosed })),
  };
}

/** Of those that the tier is the Controller of. */
export function brokerSetCounts(state: MetadataState) {
  const sets = [...state.brokerSets.values()];
  return {
    count: sets.length,
    withoutMaster: sets.filter(({ master }) => master === null).length,
    degraded: sets.filter(({ degraded }) => degraded).length,
  };
}
