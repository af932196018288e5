/** 1012 and 1013: a broker that starts for the first time asks for the next id of its set, and then for that one. */
import { z } from 'zod';
import { headerCodec, isAddress, name, optional, text, wholeNumber } from '../parse.ts';

export const nextBrokerIdRequest = headerCodec(z.object({ clusterName: name, brokerName: name }));

export const nextBrokerIdResponse = headerCodec(
  z.object({ clusterName: optional(name), brokerName: optional(name), nextBrokerId: wholeNumber }),
);

export const applyBrokerIdRequest = headerCodec(
  z.object({
    clusterName: name,
    brokerName: name,
    appliedBrokerId: wholeNumber,
    /** `host:port;milliseconds`: who repeats it is the one who had asked before. */
    registerCheckCode: text.min(1, 'a text'),
  }),
);

export const applyBrokerIdResponse = headerCodec(
  z.object({ clusterName: optional(name), brokerName: optional(name) }),
);

/** The address in a check code; null where it has none. */
export function addressInCheckCode(checkCode: string): string | null {
  const [address = ''] = checkCode.split(';', 1);
  return isAddress(address) ? address : null;
}
