/** 1011: an operator has brokers forgotten, or a whole set. */
import { z } from 'zod';
import { damaged, type Read, read } from '../damage.ts';
import { REMOTING_LIMITS } from '../limits.ts';
import { flag, type HeaderOf, headerCodec, name, optional, text, wholeNumber } from '../parse.ts';

export const cleanBrokerDataRequest = headerCodec(
  z.object({
    clusterName: optional(name),
    brokerName: name,
    /** `1;2`: these brokers; absent: the set. */
    brokerControllerIdsToClean: optional(text),
    isCleanLivingBroker: optional(flag),
    invokeTime: optional(wholeNumber),
  }),
);
export type CleanBrokerDataRequest = HeaderOf<typeof cleanBrokerDataRequest>;

const IDS = /^\d{1,15}(?:;\d{1,15})*;?$/;

/** Null: the whole set. */
export function idsToClean(request: CleanBrokerDataRequest): Read<readonly number[] | null> {
  const list = request.brokerControllerIdsToClean ?? '';
  if (list.trim() === '') return read(null);
  if (!IDS.test(list)) return damaged('brokerControllerIdsToClean: ids with semicolons between them', list);
  const ids = list.split(';').filter((id) => id !== '');
  if (ids.length > REMOTING_LIMITS.brokersPerSet) {
    return damaged(
      `brokerControllerIdsToClean: at most ${REMOTING_LIMITS.brokersPerSet} ids`,
      `${ids.length}`,
    );
  }
  return read(ids.map(Number));
}
