/** 1003: a broker that has its id says where it is. The answer's body is always a SyncStateSet: brokers lean on it. */
import { z } from 'zod';
import { address, headerCodec, integer, name, optional, wholeNumber } from '../parse.ts';

export const registerToControllerRequest = headerCodec(
  z.object({
    clusterName: name,
    brokerName: name,
    brokerId: wholeNumber,
    brokerAddress: address,
    invokeTime: optional(wholeNumber),
  }),
);

/** The master's fields are there only where one is, and is alive. */
export const registerToControllerResponse = headerCodec(
  z.object({
    clusterName: optional(name),
    brokerName: optional(name),
    masterBrokerId: optional(wholeNumber),
    masterAddress: optional(address),
    masterEpoch: optional(integer),
    syncStateSetEpoch: optional(integer),
  }),
);
