/** 106 and 901: who is registered. Brokers of 5.x ask for all of it every five seconds, so it is kept ready. */
import type { MetadataState } from '../../../core/metadata/state.ts';
import { clusterName, groupName } from '../../../core/primitives/identifiers.ts';
import { clusterInfoOf, memberGroupOf } from '../../../core/routing/name-lists.ts';
import { brokerDataJson } from '../../../remoting/messages/topic-route-data.ts';
import { REQUEST } from '../../../remoting/request-codes.ts';
import { type Answer, jsonBody, successBody } from '../answer.ts';
import { textIn } from '../fields.ts';
import { brokerDataOf } from '../views/route-body.ts';
import type { DoorCommand } from './command.ts';
import { whileCurrent } from './current.ts';

/** Keys of routes have line ends. */
const KEY = 'cluster info';

export const getClusterInfo: DoorCommand = {
  code: REQUEST.getBrokerClusterInfo,
  run: whileCurrent(({ door }) => {
    const state = door.face.state();
    return door.routes.answer(state, KEY, null, () => clusterInfo(state));
  }),
};

function clusterInfo(state: MetadataState): Answer {
  const { sets, clusters } = clusterInfoOf(state);
  return successBody(
    jsonBody({
      brokerAddrTable: Object.fromEntries(sets.map((set) => [set.name, brokerDataJson(brokerDataOf(set))])),
      clusterAddrTable: Object.fromEntries(clusters),
    }),
  );
}

/** A set that nobody knows has no members, which is no error. */
export const getMemberGroup: DoorCommand = {
  code: REQUEST.getBrokerMemberGroup,
  run: whileCurrent(({ door, request: { fields } }) => {
    const [cluster, brokerName] = [textIn(fields, 'clusterName'), textIn(fields, 'brokerName')];
    const members = memberGroupOf(door.face.state(), clusterName(cluster), groupName(brokerName));
    const brokerMemberGroup = { cluster, brokerName, brokerAddrs: Object.fromEntries(members) };
    return successBody(jsonBody({ brokerMemberGroup }));
  }),
};
