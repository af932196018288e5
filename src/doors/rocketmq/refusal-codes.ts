/** Refusals of the node as response codes of RocketMQ. What no code fits is a system error, whose remark says why. */
import type { Refusal, RefusalCode } from '../../core/primitives/refusal.ts';
import { RESPONSE, type ResponseCode } from '../../remoting/response-codes.ts';
import { type Answer, failure } from './answer.ts';

type Codes = Partial<Record<RefusalCode, ResponseCode>>;

const EVERYWHERE: Codes = {
  overloaded: RESPONSE.systemBusy,
  timedOut: RESPONSE.systemError,
  notLeader: RESPONSE.systemError,
  noLeader: RESPONSE.systemError,
  fencedMasterEpoch: RESPONSE.controllerFencedMasterEpoch,
  fencedSyncStateSetEpoch: RESPONSE.controllerFencedSyncStateSetEpoch,
  notTheMaster: RESPONSE.controllerInvalidMaster,
  invalidReplicas: RESPONSE.controllerInvalidReplicas,
  brokerNotAlive: RESPONSE.controllerBrokerNotAlive,
  brokerIdTaken: RESPONSE.controllerBrokerIdInvalid,
  unknownBrokerSet: RESPONSE.controllerBrokerMetadataNotExist,
};

/** `codes`: what a request has codes of its own for. `otherwise`: where neither these nor the common ones fit. */
export const refusalAnswer = (
  { code, message }: Refusal,
  codes: Codes = {},
  otherwise: ResponseCode = RESPONSE.systemError,
): Answer => failure(codes[code] ?? EVERYWHERE[code] ?? otherwise, message);

/** Of what a stock server answers where it leads only. */
export const controllerRefusal = (refusal: Refusal, codes: Codes = {}, otherwise?: ResponseCode): Answer =>
  refusalAnswer(refusal, { noLeader: RESPONSE.controllerNotLeader, ...codes }, otherwise);
