/** A broker set as answers of the controller carry it. */
import { masterBrokerOf } from '../../../core/metadata/broker-set-queries.ts';
import type { BrokerSet } from '../../../core/metadata/broker-set-state.ts';
import type { FieldValue } from '../../../remoting/remoting-command.ts';
import { jsonBody } from '../answer.ts';

type Values = Readonly<Record<string, FieldValue>>;

export const syncStateSetBody = ({
  syncStateSet,
  syncStateSetEpoch,
}: Pick<BrokerSet, 'syncStateSet' | 'syncStateSetEpoch'>): Buffer =>
  jsonBody({ syncStateSet, syncStateSetEpoch });

/** Nothing where the set has no master, or nobody knows where that is: brokers take half of it for all. */
export function masterFields(set: BrokerSet): Values {
  const master = masterBrokerOf(set);
  return master === null || master.address === ''
    ? {}
    : { masterBrokerId: master.id, masterAddress: master.address };
}

export const masterAndEpochs = (set: BrokerSet): Values => ({
  ...masterFields(set),
  masterEpoch: set.masterEpoch,
  syncStateSetEpoch: set.syncStateSetEpoch,
});

/** Addresses by controller id, as clients of the controller know its members. */
export const memberGroup = ({ brokers, cluster, name }: BrokerSet) => ({
  brokerAddrs: Object.fromEntries(
    [...brokers.values()].filter(({ address }) => address !== '').map(({ id, address }) => [id, address]),
  ),
  brokerName: name,
  cluster,
});
