/**
 * 103: a broker says who it is and what topics it has. A slave is told the elected master, whether or not that one has
 * registered in its new role by now; of an old master that does not know of its successor nothing is taken.
 */
import { masterAddressesOf } from '../../../core/metadata/broker-set-queries.ts';
import type { Refusal } from '../../../core/primitives/refusal.ts';
import { orderSettingsOf } from '../../../core/routing/name-lists.ts';
import {
  CHECKSUM_REMARK,
  isBodyIntact,
  type RegisterBrokerRequest,
  registerBrokerRequest,
} from '../../../remoting/messages/register-broker.ts';
import { zoneOf } from '../../../remoting/messages/zone.ts';
import { REQUEST } from '../../../remoting/request-codes.ts';
import { RESPONSE } from '../../../remoting/response-codes.ts';
import { type Answer, failure, SUCCESS, success, unreadable } from '../answer.ts';
import { keyValueTable } from '../key-value-table.ts';
import { setNames } from '../names.ts';
import { refusalAnswer } from '../refusal-codes.ts';
import { mayBeNews, type RegistrationHeader, register } from '../registration.ts';
import { brokerSite } from '../requester-site.ts';
import type { Call, DoorCommand } from './command.ts';
import { notCurrent } from './current.ts';

/** What a broker gets that does not say for how long it may be silent. */
const TIMEOUT_MS = 120_000;

export const registerBroker: DoorCommand = {
  code: REQUEST.registerBroker,
  run: async (call: Call): Promise<Answer> => {
    const { door, channel, request } = call;
    const decoded = registerBrokerRequest.decode(request.fields);
    if (decoded.kind === 'damaged') return unreadable(decoded.damage);
    const { bodyCrc32, brokerId } = decoded.value;
    if (!isBodyIntact(request, bodyCrc32)) return failure(RESPONSE.systemError, CHECKSUM_REMARK);
    const names = setNames(decoded.value.clusterName, decoded.value.brokerName);
    if (!names.ok) return refusalAnswer(names.refusal);
    if (!(await door.gate.whenCurrent())) return notCurrent(request.code);
    const header = { ...names.value, ...headerOf(call, decoded.value) };
    const { cluster, name, address } = header;
    const registered = await door.turns.inTurn(address, () => register(call, header));
    if (!registered.ok && registered.refusal.code !== 'staleRegistration')
      return failedAnswer(registered.refusal);
    door.book.heard({ cluster, name, address, what: 'registered', brokerId, channel: channel.id });
    return registered.ok ? answerTo(call, header) : SUCCESS;
  },
  needsRest: (begun: Call): boolean => {
    const decoded = registerBrokerRequest.decode(begun.request.fields);
    if (decoded.kind === 'damaged') return false;
    const names = setNames(decoded.value.clusterName, decoded.value.brokerName);
    return !names.ok || mayBeNews(begun, { ...names.value, ...headerOf(begun, decoded.value) });
  },
};

const headerOf = (
  call: Call,
  header: RegisterBrokerRequest,
): Omit<RegistrationHeader, 'cluster' | 'name'> => ({
  address: header.brokerAddr,
  brokerId: header.brokerId,
  haAddress: header.haServerAddr,
  site: brokerSite(call, header.brokerAddr),
  zone: zoneOf(call.request.fields).name,
  version: call.request.version,
  timeoutMs: header.heartbeatTimeoutMillis || TIMEOUT_MS,
  enableActingMaster: header.enableActingMaster,
});

const failedAnswer = (refusal: Refusal): Answer =>
  refusal.code === 'singleTopicRegistration'
    ? failure(RESPONSE.systemError, 'register broker failed')
    : refusalAnswer(refusal);

/** The master has nobody to follow; one that was elected and does not know it yet is not told to follow itself. */
function answerTo({ door }: Call, { name, address, brokerId }: RegistrationHeader): Answer {
  const state = door.face.state();
  const master = brokerId === 0 ? null : masterAddressesOf(state, name);
  const isOther = master !== null && master.address !== address;
  return success(
    isOther ? { masterAddr: master.address, haServerAddr: master.haAddress } : {},
    keyValueTable(orderSettingsOf(state)) ?? undefined,
  );
}
