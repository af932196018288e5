/** What each kind of question is on the wire, and what an answer to it says. Any well-formed answer is a sign of life. */
import { z } from 'zod';
import type {
  BrokerAnswer,
  BrokerAsk,
  BrokerEpoch,
} from '../../core/coordinator/broker-sets/rocketmq-port.ts';
import { LIMITS } from '../../core/primitives/limits.ts';
import type { RequestContent } from '../../remoting/connection.ts';
import { encodeSyncStateSet } from '../../remoting/messages/sync-state-set.ts';
import { parseBody } from '../../remoting/parse.ts';
import { fieldsOf, type RemotingCommand } from '../../remoting/remoting-command.ts';
import { REQUEST } from '../../remoting/request-codes.ts';
import { RESPONSE } from '../../remoting/response-codes.ts';
import { ROCKETMQ_LIMITS } from './limits.ts';

/** Whole numbers beyond 2^53 are bigints already. */
const offset = z.union([z.int(), z.bigint()]).transform(BigInt);
const epochCache = z.object({
  brokerId: z.int().nullish(),
  brokerName: z.string().nullish(),
  epochList: z.array(z.object({ epoch: z.int(), startOffset: offset, endOffset: offset })).nullish(),
  maxOffset: offset.nullish(),
});

export function requestOf(ask: BrokerAsk): RequestContent {
  if (ask.kind === 'probe') return { code: REQUEST.getBrokerEpochCache };
  const { masterAddress, masterBrokerId, masterEpoch, syncStateSet, syncStateSetEpoch } = ask;
  return {
    code: REQUEST.notifyBrokerRoleChanged,
    fields: fieldsOf({ masterAddress, masterBrokerId, masterEpoch, syncStateSetEpoch }),
    body: encodeSyncStateSet({ syncStateSet, syncStateSetEpoch }),
  };
}

export function answerOf(ask: BrokerAsk, answer: RemotingCommand, answerMs: number): BrokerAnswer {
  const { code, remark } = answer;
  if (code !== RESPONSE.success)
    return { kind: 'answeredError', code, remark: (remark ?? '').slice(0, ROCKETMQ_LIMITS.errorCharacters) };
  if (ask.kind === 'changeRole') return { kind: 'acknowledged' };
  const read = parseBody(epochCache, answer.body);
  const { epochList, maxOffset, brokerId, brokerName } = read.kind === 'read' ? read.value : {};
  return {
    kind: 'answered',
    answerMs,
    epochs: newest(epochList ?? null),
    maxOffset: maxOffset ?? null,
    brokerId: brokerId ?? null,
    brokerName: brokerName ?? null,
  };
}

/** The last lines of the file are the ones that decide. */
const newest = (epochs: readonly BrokerEpoch[] | null): readonly BrokerEpoch[] | null =>
  epochs === null ? null : epochs.slice(-LIMITS.brokerEpochs);
