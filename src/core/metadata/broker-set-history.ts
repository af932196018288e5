/** The bounded history of elections, for people: an election reads nothing from it, but for the epochs of sets cleaned away. */
import type { GroupName } from '../primitives/identifiers.ts';
import { LIMITS } from '../primitives/limits.ts';
import type { BrokerSetRecord } from './broker-set-state.ts';
import { boundedEvidence, historyLines } from './history.ts';
import type { MetadataState } from './state.ts';
import type { MutableMetadata } from './store.ts';

export function addBrokerSetRecord(store: MutableMetadata, record: BrokerSetRecord): void {
  const kept: BrokerSetRecord = {
    ...record,
    evidence: boundedEvidence(record.evidence),
    candidates: historyLines(record.candidates.slice(0, LIMITS.brokersPerSet)),
  };
  store.brokerSetHistory = [...store.brokerSetHistory, kept].slice(-LIMITS.brokerSetRecords);
}

/** Highest master epoch that the history still knows of a set of that name. */
export const highestMasterEpoch = (state: MetadataState, name: GroupName): number =>
  state.brokerSetHistory.reduce(
    (highest, record) => (record.name === name ? Math.max(highest, record.masterEpoch) : highest),
    0,
  );
