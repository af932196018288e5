/** 1012 and 1013: a broker that starts for the first time asks for the next id of its set, and then for that one. */
import { z } from 'zod';
import { type HeaderOf, headerCodec, isAddress, name, optional, text, wholeNumber } from '../parse.ts';

export const nextBrokerIdRequest = headerCodec(z.object({ clusterName: name, brokerName: name }));
export type NextBrokerIdRequest = HeaderOf<typeof nextBrokerIdRequest>;

export const nextBrokerIdResponse = headerCodec(
  z.object({ clusterName: optional(name), brokerName: optional(name), nextBrokerId: wholeNumber }),
);
export type NextBrokerIdResponse = HeaderOf<typeof nextBrokerIdResponse>;

export const applyBrokerIdRequest = headerCodec(
  z.object({
    clusterName: name,
    brokerName: name,
    appliedBrokerId: wholeNumber,
    /** `host:port;milliseconds`: who repeats it is the one who had asked before. */
    registerCheckCode: text.min(1, 'a text'),
  }),
);
export type ApplyBrokerIdRequest = HeaderOf<typeof applyBrokerIdRequest>;

export const applyBrokerIdResponse = headerCodec(
  z.object({ clusterName: optional(name), brokerName: optional(name) }),
);
export type ApplyBrokerIdResponse = HeaderOf<typeof applyBrokerIdResponse>;

/** The address in a check code; null where it has none. */
export function addressInCheckCode(checkCode: string): string | null {
  const [address = ''] = checkCode.split(';', 1);
  return isAddress(address) ? address : null;
}
