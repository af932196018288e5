/**
 * 1004: who the master of a broker set is; every broker asks every five seconds, in case a role change was lost. While an
 * old master may not know of its successor, the first answer on a connection is for it alone: in its own epoch, a sync
 * state set that nobody completes. It acknowledges nothing from then on, and learns the truth when it asks again, or is
 * told (`core/coordinator/broker-sets/tell-roles.ts`). A broker takes a sync state set only as the master of that very
 * epoch, so that to all others this answer says nothing.
 */
import { claimsToReign, formerReign } from '../../../core/metadata/broker-set-queries.ts';
import type { BrokerSet } from '../../../core/metadata/broker-set-state.ts';
import { groupName } from '../../../core/primitives/identifiers.ts';
import { REQUEST } from '../../../remoting/request-codes.ts';
import { RESPONSE } from '../../../remoting/response-codes.ts';
import { type Answer, failure, success } from '../answer.ts';
import { textIn } from '../fields.ts';
import { masterFields, syncStateSetBody } from '../views/broker-set-view.ts';
import type { Call, DoorCommand } from './command.ts';
import { whileCurrent } from './current.ts';

/** No broker has this id among the brokers of a set, so that it never confirms anything. */
const NOBODY = 0;
const NONE = { brokerId: NOBODY, epoch: 0 } as const;

/** For an old master that may not know of its successor; null for whoever is none, or had its answer. */
function holdOf({ door, channel }: Call, set: BrokerSet): Answer | null {
  const state = door.face.state();
  if (door.held.get(channel) === set.masterEpoch) return null;
  const said = door.book.saidOn(channel.id, set.name);
  // Who asks is not known before its first heartbeat.
  const { brokerId, epoch } = said ?? formerReign(state, set) ?? NONE;
  const old = set.brokers.get(brokerId);
  if (old === undefined || epoch >= set.masterEpoch || !claimsToReign(state, set, old)) return null;
  if (said !== null) door.held.set(channel, set.masterEpoch);
  const { syncStateSetEpoch } = set;
  return success(
    { masterEpoch: epoch },
    syncStateSetBody({ syncStateSet: [NOBODY, brokerId], syncStateSetEpoch }),
  );
}

export const getReplicaInfo: DoorCommand = {
  code: REQUEST.controllerGetReplicaInfo,
  run: whileCurrent((call) => {
    const name = groupName(textIn(call.request.fields, 'brokerName'));
    const set = call.door.face.state().brokerSets.get(name);
    if (set === undefined) {
      return failure(RESPONSE.controllerBrokerMetadataNotExist, `no broker set ${name} is known`);
    }
    const answer = success({ ...masterFields(set), masterEpoch: set.masterEpoch }, syncStateSetBody(set));
    return holdOf(call, set) ?? answer;
  }),
};
