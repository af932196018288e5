/**
 * 1001: a master says which of its brokers hold everything that it acknowledges. It is the author of that set, in its own
 * epoch: one that was followed meanwhile is told so, and never what its successor's set is. It would wait for that one only.
 */
import { groupName } from '../../../core/primitives/identifiers.ts';
import { decodeSyncStateSet } from '../../../remoting/messages/sync-state-set.ts';
import { REQUEST } from '../../../remoting/request-codes.ts';
import { RESPONSE } from '../../../remoting/response-codes.ts';
import { failure, success, unreadable } from '../answer.ts';
import { askLeader } from '../asking.ts';
import { textIn, wholeIn } from '../fields.ts';
import { controllerRefusal } from '../refusal-codes.ts';
import { syncStateSetBody } from '../views/broker-set-view.ts';
import type { DoorCommand } from './command.ts';

const FAILED = RESPONSE.controllerAlterSyncStateSetFailed;

export const alterSyncStateSet: DoorCommand = {
  code: REQUEST.controllerAlterSyncStateSet,
  run: async ({ door, request: { fields, body } }) => {
    const name = groupName(textIn(fields, 'brokerName'));
    const wanted = decodeSyncStateSet(body);
    if (wanted.kind === 'damaged') return unreadable(wanted.damage);
    const [masterBrokerId, masterEpoch] = [wholeIn(fields, 'masterBrokerId'), wholeIn(fields, 'masterEpoch')];
    if (masterBrokerId === null || masterEpoch === null)
      return failure(RESPONSE.controllerInvalidRequest, 'masterBrokerId and masterEpoch are needed');
    const cluster = door.face.state().brokerSets.get(name)?.cluster;
    if (cluster === undefined) return failure(FAILED, `no broker set ${name} is known`);
    const done = await askLeader(door, {
      kind: 'alterSyncStateSet',
      cluster,
      name,
      masterBrokerId,
      masterEpoch,
      ...wanted.value,
    });
    if (!done.ok) return controllerRefusal(done.refusal, {}, FAILED);
    const set = door.face.state().brokerSets.get(name);
    if (set === undefined) return failure(FAILED, `the broker set ${name} was cleaned away`);
    if (set.master !== masterBrokerId || set.masterEpoch !== masterEpoch)
      return failure(
        RESPONSE.controllerFencedMasterEpoch,
        `the master epoch of ${name} is ${set.masterEpoch} by now`,
      );
    return success({ newSyncStateSetEpoch: set.syncStateSetEpoch }, syncStateSetBody(set));
  },
};
