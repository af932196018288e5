/**
 * 1002: a broker that found no master asks to become it, or an operator's tool names one. That everything is as it was
 * asked for is a success of its own kind, which brokers read the same fields and body of.
 */
import { groupName } from '../../../core/primitives/identifiers.ts';
import { REQUEST } from '../../../remoting/request-codes.ts';
import { RESPONSE } from '../../../remoting/response-codes.ts';
import { type Answer, failure, jsonBody, success } from '../answer.ts';
import { askLeader } from '../asking.ts';
import { flagIn, textIn, wholeIn } from '../fields.ts';
import { setNames } from '../names.ts';
import { controllerRefusal, refusalAnswer } from '../refusal-codes.ts';
import { masterAndEpochs, memberGroup, syncStateSetBody } from '../views/broker-set-view.ts';
import type { Call, DoorCommand } from './command.ts';

export const electMaster: DoorCommand = {
  code: REQUEST.controllerElectMaster,
  run: async ({ door, channel, request: { fields } }: Call): Promise<Answer> => {
    const brokerName = textIn(fields, 'brokerName');
    // Tools may leave the cluster out; the name alone is unique.
    const known = door.face.state().brokerSets.get(groupName(brokerName));
    const names = setNames(textIn(fields, 'clusterName') || (known?.cluster ?? ''), brokerName);
    if (!names.ok) return refusalAnswer(names.refusal);
    const asked = wholeIn(fields, 'brokerId') ?? NOBODY;
    const brokerId = asked > 0 ? asked : null;
    const designated = flagIn(fields, 'designateElect') ?? false;
    const done = await askLeader(door, {
      kind: 'electMaster',
      ...names.value,
      brokerId,
      designated,
      unsafe: false,
      by: designated ? `a tool at ${channel.host}` : `broker ${brokerId ?? ''} at ${channel.host}`,
    });
    if (!done.ok) {
      const failed =
        brokerId === null ? RESPONSE.controllerMasterNotAvailable : RESPONSE.controllerElectMasterFailed;
      return controllerRefusal(done.refusal, ELECTION_CODES, failed);
    }
    const set = door.face.state().brokerSets.get(names.value.name);
    if (set === undefined || set.master === null)
      return failure(RESPONSE.controllerElectMasterFailed, 'the broker set has no master');
    if (!done.value.changed) {
      return {
        ...success(masterAndEpochs(set), syncStateSetBody(set)),
        code: RESPONSE.controllerMasterStillExist,
      };
    }
    // Brokers read the group under its own key, tools read the body itself as the group.
    const group = memberGroup(set);
    const body = { ...group, brokerMemberGroup: group, syncStateSet: set.syncStateSet };
    return success(masterAndEpochs(set), jsonBody(body));
  },
};

/** What stands for no broker in particular. */
const NOBODY = -1;
const ELECTION_CODES = { unknownBrokerSet: RESPONSE.controllerBrokerNeedToBeRegistered } as const;
