/**
 * 1011: an operator has brokers forgotten, or a whole set. A set with a master, and brokers whose heartbeats arrive here,
 * are kept unless the operator insists.
 */
import type { BrokerSet } from '../../../core/metadata/broker-set-state.ts';
import { REQUEST } from '../../../remoting/request-codes.ts';
import { RESPONSE } from '../../../remoting/response-codes.ts';
import { type Answer, failure, SUCCESS } from '../answer.ts';
import { propose } from '../asking.ts';
import { flagIn, textIn } from '../fields.ts';
import { brokerNameIn } from '../names.ts';
import { controllerRefusal, refusalAnswer } from '../refusal-codes.ts';
import type { Call, DoorCommand, DoorView } from './command.ts';
import { whileCurrent } from './current.ts';

const REFUSED = RESPONSE.controllerInvalidCleanBrokerMetadata;

export const cleanBrokerData: DoorCommand = {
  code: REQUEST.cleanBrokerData,
  run: whileCurrent(async ({ door, channel, request: { fields } }: Call): Promise<Answer> => {
    const name = brokerNameIn(textIn(fields, 'brokerName'));
    if (!name.ok) return refusalAnswer(name.refusal, {}, REFUSED);
    const set = door.face.state().brokerSets.get(name.value);
    if (set === undefined) return failure(REFUSED, `no broker set ${name.value} is known`);
    const idsText = textIn(fields, 'brokerControllerIdsToClean').trim();
    const brokerIds =
      idsText === ''
        ? null
        : idsText
            .split(';')
            .filter((id) => id.trim() !== '')
            .map(Number);
    if (brokerIds?.some((id) => !Number.isSafeInteger(id) || id < 1) === true)
      return failure(REFUSED, 'brokerControllerIdsToClean are ids of brokers, separated by semicolons');
    const insists = flagIn(fields, 'isCleanLivingBroker') ?? false;
    const why = insists ? null : whyNotClean(door, set, brokerIds);
    if (why !== null) return failure(REFUSED, why);
    const done = await propose(door, {
      type: 'brokerSet.clean',
      name: name.value,
      brokerIds,
      by: `a tool at ${channel.host}`,
      wallMs: door.clock.now().wallMs,
    });
    return done.ok ? SUCCESS : controllerRefusal(done.refusal, CLEAN_CODES, REFUSED);
  }),
};

const CLEAN_CODES = { unknownBrokerSet: REFUSED, invalidReplicas: REFUSED } as const;

function whyNotClean(
  { book }: DoorView,
  { cluster, name, master, brokers }: BrokerSet,
  brokerIds: readonly number[] | null,
): string | null {
  if (brokerIds === null) {
    return master === null
      ? null
      : `the broker set ${name} has a master, broker ${master}; name the brokers to be cleaned, or insist`;
  }
  for (const id of brokerIds) {
    const address = brokers.get(id)?.address;
    if (address !== undefined && book.isAlive({ cluster, name, address }))
      return `broker ${id} of ${name} is alive: its heartbeats arrive from ${address}`;
  }
  return null;
}
