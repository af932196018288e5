/** 1012 and 1013: a broker that starts for the first time gets an id, which is its own for good. */
import { REQUEST } from '../../../remoting/request-codes.ts';
import { RESPONSE } from '../../../remoting/response-codes.ts';
import { type Answer, failure, success } from '../answer.ts';
import { propose, readBarrier } from '../asking.ts';
import { textIn, wholeIn } from '../fields.ts';
import { livingHolder } from '../living-holder.ts';
import { addressIn, setNames } from '../names.ts';
import { controllerRefusal, refusalAnswer } from '../refusal-codes.ts';
import { brokerSite } from '../requester-site.ts';
import type { Call, DoorCommand } from './command.ts';

const FIRST_ID = 1;

/**
 * Nothing is reserved: of two brokers that were told the same id, one will be refused it, and asks again. Asked of the
 * newest state, so that this is rare.
 */
export const getNextBrokerId: DoorCommand = {
  code: REQUEST.controllerGetNextBrokerId,
  run: async ({ door, request: { fields } }: Call): Promise<Answer> => {
    const names = setNames(textIn(fields, 'clusterName'), textIn(fields, 'brokerName'));
    if (!names.ok) return refusalAnswer(names.refusal);
    const barrier = await readBarrier(door);
    if (!barrier.ok) return controllerRefusal(barrier.refusal);
    const { cluster, name } = names.value;
    const nextBrokerId = door.face.state().brokerSets.get(name)?.nextBrokerId ?? FIRST_ID;
    return success({ clusterName: cluster, brokerName: name, nextBrokerId });
  },
};

export const applyBrokerId: DoorCommand = {
  code: REQUEST.controllerApplyBrokerId,
  run: async (call: Call): Promise<Answer> => {
    const { door, request } = call;
    const { fields } = request;
    const names = setNames(textIn(fields, 'clusterName'), textIn(fields, 'brokerName'));
    if (!names.ok) return refusalAnswer(names.refusal);
    const brokerId = wholeIn(fields, 'appliedBrokerId');
    const registerCheckCode = textIn(fields, 'registerCheckCode');
    const address = addressIn('registerCheckCode', registerCheckCode.split(';')[0] ?? '');
    if (brokerId === null || brokerId < FIRST_ID)
      return failure(RESPONSE.controllerInvalidRequest, `appliedBrokerId is at least ${FIRST_ID}`);
    if (!address.ok) return refusalAnswer(address.refusal);
    const applying = { ...names.value, brokerId, address: address.value };
    const holder = livingHolder(door, applying);
    if (holder !== null) return failure(RESPONSE.controllerBrokerIdInvalid, holder);
    const done = await propose(door, {
      type: 'brokerSet.applyId',
      ...applying,
      registerCheckCode,
      site: brokerSite(call, address.value),
    });
    const { cluster, name } = names.value;
    return done.ok ? success({ clusterName: cluster, brokerName: name }) : controllerRefusal(done.refusal);
  },
};
