/** What each kind of question is on the wire, and what an answer to it says. Any well-formed answer is a sign of life. */
import type { BrokerAnswer, BrokerAsk } from '../../core/coordinator/broker-sets/rocketmq-port.ts';
import { LIMITS } from '../../core/primitives/limits.ts';
import type { RequestContent } from '../../remoting/connection.ts';
import { decodeBrokerEpochCache } from '../../remoting/messages/broker-epoch-cache.ts';
import { roleChangeRequest } from '../../remoting/messages/role-change.ts';
import { encodeSyncStateSet } from '../../remoting/messages/sync-state-set.ts';
import type { RemotingCommand } from '../../remoting/remoting-command.ts';
import { REQUEST } from '../../remoting/request-codes.ts';
import { RESPONSE } from '../../remoting/response-codes.ts';
import { ROCKETMQ_LIMITS } from './limits.ts';

/** It answered, and nothing can be made of it. */
const NOTHING_SAID = {
  kind: 'answered',
  epochs: null,
  maxOffset: null,
  brokerId: null,
  brokerName: null,
} as const;

export function requestOf(ask: BrokerAsk): RequestContent {
  if (ask.kind === 'probe') return { code: REQUEST.getBrokerEpochCache };
  const { masterAddress, masterBrokerId, masterEpoch, syncStateSet, syncStateSetEpoch } = ask;
  return {
    code: REQUEST.notifyBrokerRoleChanged,
    fields: roleChangeRequest.encode({ masterAddress, masterBrokerId, masterEpoch, syncStateSetEpoch }),
    body: encodeSyncStateSet({ syncStateSet, syncStateSetEpoch }),
  };
}

export function answerOf(ask: BrokerAsk, answer: RemotingCommand, answerMs: number): BrokerAnswer {
  const { code, remark } = answer;
  if (code !== RESPONSE.success)
    return { kind: 'answeredError', code, remark: (remark ?? '').slice(0, ROCKETMQ_LIMITS.errorCharacters) };
  if (ask.kind === 'changeRole') return { kind: 'acknowledged' };
  const read = decodeBrokerEpochCache(answer.body);
  if (read.kind === 'damaged') return { ...NOTHING_SAID, answerMs };
  const { epochList, maxOffset, brokerId, brokerName } = read.value;
  // The last lines of the file are the ones that decide.
  const epochs = epochList.slice(-LIMITS.brokerEpochs);
  return { kind: 'answered', answerMs, epochs, maxOffset, brokerId, brokerName };
}
