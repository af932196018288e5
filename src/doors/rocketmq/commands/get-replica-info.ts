/**
 * 1004: who the master of a broker set is; every broker asks every five seconds, in case a role change was lost. While an
 * old master may not know of its successor, it is put off for a while: the leader tells it and the others in an order in
 * which nothing is acknowledged that is gone afterwards (`core/coordinator/broker-sets/tell-roles.ts`).
 */
import { claimsToReign } from '../../../core/metadata/broker-set-queries.ts';
import type { BrokerSet } from '../../../core/metadata/broker-set-state.ts';
import { groupName } from '../../../core/primitives/identifiers.ts';
import { REQUEST } from '../../../remoting/request-codes.ts';
import { RESPONSE } from '../../../remoting/response-codes.ts';
import { failure, success } from '../answer.ts';
import { textIn } from '../fields.ts';
import { masterFields, syncStateSetBody } from '../views/broker-set-view.ts';
import type { Call, DoorCommand } from './command.ts';
import { whileCurrent } from './current.ts';

/** Longer than it takes to tell a broker that is heard; one that nobody can tell learns it here in the end. */
const PUT_OFF_MS = 10_000;

/** Since this connection first asked in this epoch. */
function isPutOff({ door, channel }: Call, set: BrokerSet): boolean {
  const state = door.face.state();
  if (![...set.brokers.values()].some((broker) => claimsToReign(state, set, broker))) return false;
  const nowMs = door.clock.now().monotonicMs;
  const before = door.putOff.get(channel);
  if (before !== undefined && before.name === set.name && before.masterEpoch === set.masterEpoch)
    return nowMs - before.sinceMs < PUT_OFF_MS;
  door.putOff.set(channel, { name: set.name, masterEpoch: set.masterEpoch, sinceMs: nowMs });
  return true;
}

export const getReplicaInfo: DoorCommand = {
  code: REQUEST.controllerGetReplicaInfo,
  run: whileCurrent((call) => {
    const name = groupName(textIn(call.request.fields, 'brokerName'));
    const set = call.door.face.state().brokerSets.get(name);
    if (set === undefined) {
      return failure(RESPONSE.controllerBrokerMetadataNotExist, `no broker set ${name} is known`);
    }
    if (isPutOff(call, set)) return failure(RESPONSE.systemError, `roles of ${name} are being changed`);
    return success({ ...masterFields(set), masterEpoch: set.masterEpoch }, syncStateSetBody(set));
  }),
};
