/** 1004: who the master of a broker set is; every broker asks every five seconds, in case a role change was lost. */

import { groupName } from '../../../core/primitives/identifiers.ts';
import { REQUEST } from '../../../remoting/request-codes.ts';
import { RESPONSE } from '../../../remoting/response-codes.ts';
import { failure, success } from '../answer.ts';
import { textIn } from '../fields.ts';
import { masterFields, syncStateSetBody } from '../views/broker-set-view.ts';
import type { DoorCommand } from './command.ts';
import { whileCurrent } from './current.ts';

export const getReplicaInfo: DoorCommand = {
  code: REQUEST.controllerGetReplicaInfo,
  run: whileCurrent(({ door, request }) => {
    const name = groupName(textIn(request.fields, 'brokerName'));
    const set = door.face.state().brokerSets.get(name);
    if (set === undefined) {
      return failure(RESPONSE.controllerBrokerMetadataNotExist, `no broker set ${name} is known`);
    }
    return success({ ...masterFields(set), masterEpoch: set.masterEpoch }, syncStateSetBody(set));
  }),
};
