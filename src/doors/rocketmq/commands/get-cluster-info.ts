/** 106 and 901: who is registered. Brokers of 5.x ask for all of it every five seconds, so it is kept ready. */
import type { MetadataState } from '../../../core/metadata/state.ts';
import { groupName } from '../../../core/primitives/identifiers.ts';
import { REQUEST } from '../../../remoting/request-codes.ts';
import { type Answer, jsonBody, successBody } from '../answer.ts';
import { textIn } from '../fields.ts';
import { brokerData } from '../views/named-set-view.ts';
import type { DoorCommand } from './command.ts';
import { whileCurrent } from './current.ts';

/** No key of a topic begins so. */
const KEY = ' cluster info ';

export const getClusterInfo: DoorCommand = {
  code: REQUEST.getBrokerClusterInfo,
  run: whileCurrent(({ door }) => {
    const state = door.face.state();
    return door.routes.answer(state, KEY, null, () => clusterInfo(state));
  }),
};

function clusterInfo(state: MetadataState): Answer {
  const sets = [...state.namedSets.values()];
  const clusters = [...new Set(sets.map(({ cluster }) => cluster))];
  return successBody(
    jsonBody({
      brokerAddrTable: Object.fromEntries(sets.map((set) => [set.name, brokerData(state, set)])),
      clusterAddrTable: Object.fromEntries(
        clusters.map((cluster) => [
          cluster,
          sets.filter((set) => set.cluster === cluster).map(({ name }) => name),
        ]),
      ),
    }),
  );
}

/** A set that nobody knows has no members, which is no error. */
export const getMemberGroup: DoorCommand = {
  code: REQUEST.getBrokerMemberGroup,
  run: whileCurrent(({ door, request: { fields } }) => {
    const [cluster, brokerName] = [textIn(fields, 'clusterName'), textIn(fields, 'brokerName')];
    const set = door.face.state().namedSets.get(groupName(brokerName));
    const addresses = set?.cluster === cluster ? set.addresses : new Map<number, string>();
    const brokerMemberGroup = { cluster, brokerName, brokerAddrs: Object.fromEntries(addresses) };
    return successBody(jsonBody({ brokerMemberGroup }));
  }),
};
