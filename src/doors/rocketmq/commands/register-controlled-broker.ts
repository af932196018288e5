/**
 * 1003: a broker that has an id says where it is now, at each of its starts, and learns who its master is. Ids and sets
 * that are not known are taken on: brokers keep theirs in a file, and would be turned away for ever by a tier that lost
 * its state, or that they moved to.
 *
 * A master that asks learns of no master: it was restarted. It asks to be elected next (1002), and by then mostly somebody
 * was who holds all that was acknowledged; else it reigns on.
 */
import type { Broker } from '../../../core/metadata/broker-set-state.ts';
import type { MetadataState } from '../../../core/metadata/state.ts';
import { REQUEST } from '../../../remoting/request-codes.ts';
import { RESPONSE } from '../../../remoting/response-codes.ts';
import { type Answer, failure, success } from '../answer.ts';
import { propose } from '../asking.ts';
import { textIn, wholeIn } from '../fields.ts';
import { livingHolder } from '../living-holder.ts';
import { addressIn, type SetNames, setNames } from '../names.ts';
import { controllerRefusal, refusalAnswer } from '../refusal-codes.ts';
import { brokerSite } from '../requester-site.ts';
import { masterAndEpochs, syncStateSetBody } from '../views/broker-set-view.ts';
import type { Call, DoorCommand } from './command.ts';

type Asking = SetNames & Pick<Broker, 'address' | 'site'> & { readonly brokerId: number };

export const registerControlledBroker: DoorCommand = {
  code: REQUEST.controllerRegisterBroker,
  run: async (call: Call): Promise<Answer> => {
    const { door, request } = call;
    const { fields } = request;
    const names = setNames(textIn(fields, 'clusterName'), textIn(fields, 'brokerName'));
    if (!names.ok) return refusalAnswer(names.refusal);
    const address = addressIn('brokerAddress', textIn(fields, 'brokerAddress'));
    if (!address.ok) return refusalAnswer(address.refusal);
    const brokerId = wholeIn(fields, 'brokerId');
    if (brokerId === null || brokerId < 1)
      return failure(
        RESPONSE.controllerInvalidRequest,
        'brokerId is the id that the controller gave, at least 1',
      );
    const asking = {
      ...names.value,
      brokerId,
      address: address.value,
      site: brokerSite(call, address.value),
    };
    if (!door.gate.isCurrent() || !isKnown(door.face.state(), asking)) {
      const holder = livingHolder(door, asking);
      if (holder !== null) return failure(RESPONSE.controllerBrokerIdInvalid, holder);
      const done = await propose(door, { type: 'brokerSet.registerBroker', ...asking });
      if (!done.ok) return controllerRefusal(done.refusal, REGISTER_CODES);
    }
    return answerTo(door.face.state(), asking);
  },
};

const NEEDS_TO_APPLY = RESPONSE.controllerBrokerNeedToBeRegistered;
const REGISTER_CODES = { unknownBrokerSet: NEEDS_TO_APPLY, invalidReplicas: NEEDS_TO_APPLY } as const;

function isKnown(state: MetadataState, { cluster, name, brokerId, address, site }: Asking): boolean {
  const set = state.brokerSets.get(name);
  const broker = set?.brokers.get(brokerId);
  return set?.cluster === cluster && broker?.address === address && broker.site === site;
}

function answerTo(state: MetadataState, { cluster, name, brokerId }: Asking): Answer {
  const set = state.brokerSets.get(name);
  if (set === undefined) return failure(NEEDS_TO_APPLY, `no broker set ${name} is known`);
  const hasMasterToFollow = set.master !== null && set.master !== brokerId;
  return success(
    { clusterName: cluster, brokerName: name, ...(hasMasterToFollow ? masterAndEpochs(set) : {}) },
    syncStateSetBody(set),
  );
}
