/** 1006: the broker sets with their masters and who is in sync, for operators' tools. */

import type { Broker, BrokerSet } from '../../../core/metadata/broker-set-state.ts';
import { groupName } from '../../../core/primitives/identifiers.ts';
import { read } from '../../../remoting/damage.ts';
import { decodeBrokerNames } from '../../../remoting/messages/sync-state-data.ts';
import { REQUEST } from '../../../remoting/request-codes.ts';
import { RESPONSE } from '../../../remoting/response-codes.ts';
import { failure, jsonBody, successBody, unreadable } from '../answer.ts';
import { masterFields } from '../views/broker-set-view.ts';
import type { DoorCommand, DoorView } from './command.ts';
import { whileCurrent } from './current.ts';

export const getSyncStateData: DoorCommand = {
  code: REQUEST.controllerGetSyncStateData,
  run: whileCurrent(({ door, request }) => {
    const names = request.body.length === 0 ? read([]) : decodeBrokerNames(request.body);
    if (names.kind === 'damaged') return unreadable(names.damage);
    if (names.value.length === 0) return failure(RESPONSE.systemError, 'not set any response code');
    const { brokerSets } = door.face.state();
    const replicasInfoTable = Object.fromEntries(
      [...new Set(names.value)].flatMap((name) => {
        const set = brokerSets.get(groupName(name));
        return set === undefined ? [] : [[name, replicasInfo(door, set)]];
      }),
    );
    return successBody(jsonBody({ replicasInfoTable }));
  }),
};

function replicasInfo(door: DoorView, set: BrokerSet): object {
  const { cluster, name, brokers, masterEpoch, syncStateSet, syncStateSetEpoch } = set;
  const view = ({ id, address }: Broker): object => ({
    brokerName: name,
    brokerId: id,
    brokerAddress: address,
    alive: door.book.isAlive({ cluster, name, address }),
  });
  const all = [...brokers.values()];
  return {
    ...masterFields(set),
    masterEpoch,
    syncStateSetEpoch,
    inSyncReplicas: all.filter(({ id }) => syncStateSet.includes(id)).map(view),
    notInSyncReplicas: all.filter(({ id }) => !syncStateSet.includes(id)).map(view),
  };
}
