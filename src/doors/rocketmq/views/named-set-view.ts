/** A registered broker set as answers of the name server carry it. */
import type { NamedSet } from '../../../core/metadata/broker-set-state.ts';
import type { MetadataState } from '../../../core/metadata/state.ts';

type Shown = Pick<NamedSet, 'cluster' | 'name' | 'addresses' | 'enableActingMaster'>;

/** The zone of a set is that of its master: the field takes one, and replicas stand in different IDCs. */
export function brokerData(
  { registrations }: MetadataState,
  { cluster, name, addresses, enableActingMaster }: Shown,
): object {
  const master = registrations.get(addresses.get(0) ?? '');
  const zoneName = master?.zone ?? master?.site ?? null;
  return {
    brokerAddrs: Object.fromEntries(addresses),
    brokerName: name,
    cluster,
    enableActingMaster,
    ...(zoneName === null ? {} : { zoneName }),
  };
}
