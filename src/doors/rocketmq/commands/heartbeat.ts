/**
 * 904, once a second: a broker's sign of life, to a name server or, with more fields, to a controller. Evidence at
 * whichever node it reaches; nothing is committed. It counts for the broker that is known to have that id at that address
 * and for nobody else: a stranger that claims a dead master's place would keep its set without one.
 */
import { zoneOf } from '../../../remoting/messages/zone.ts';
import { REQUEST } from '../../../remoting/request-codes.ts';
import { RESPONSE } from '../../../remoting/response-codes.ts';
import { type Answer, failure } from '../answer.ts';
import { offsetIn, patienceIn, textIn, wholeIn } from '../fields.ts';
import { addressIn, setNames } from '../names.ts';
import { refusalAnswer } from '../refusal-codes.ts';
import type { Call, DoorCommand } from './command.ts';

/** What a broker takes that says neither how long it may be silent nor how much it is preferred. */
const TIMEOUT_MS = 10_000;
const PRIORITY = 2_147_483_647;

const HEARD: Answer = { code: RESPONSE.success, remark: 'Heart beat success' };

function run({ door, channel, request: { fields } }: Call): Answer {
  const names = setNames(textIn(fields, 'clusterName'), textIn(fields, 'brokerName'));
  if (!names.ok) return refusalAnswer(names.refusal);
  const address = addressIn('brokerAddr', textIn(fields, 'brokerAddr'));
  if (!address.ok) return refusalAnswer(address.refusal);
  const broker = { ...names.value, address: address.value, channel: channel.id };
  if (!fields.has('brokerId')) {
    const known = door.face.state().registrations.get(address.value);
    if (known !== undefined && known.name === names.value.name)
      door.book.heard({ ...broker, what: 'registered', brokerId: known.brokerId ?? 0 });
    return HEARD;
  }
  const brokerId = wholeIn(fields, 'brokerId');
  if (brokerId === null || brokerId < 1)
    return failure(
      RESPONSE.controllerInvalidRequest,
      'brokerId is the id that the controller gave, at least 1',
    );
  const set = door.face.state().brokerSets.get(names.value.name);
  if (set?.cluster !== names.value.cluster || set.brokers.get(brokerId)?.address !== address.value)
    return HEARD;
  door.book.heard({
    ...broker,
    what: 'heartbeat',
    brokerId,
    epoch: wholeIn(fields, 'epoch') ?? 0,
    maxOffset: offsetIn(fields, 'maxOffset') ?? 0n,
    confirmOffset: offsetIn(fields, 'confirmOffset') ?? 0n,
    timeoutMs: patienceIn(fields, 'heartbeatTimeoutMills', TIMEOUT_MS),
    priority: wholeIn(fields, 'electionPriority') ?? PRIORITY,
    zone: zoneOf(fields).name,
  });
  return HEARD;
}

export const brokerHeartbeat: DoorCommand = { code: REQUEST.brokerHeartbeat, run };
