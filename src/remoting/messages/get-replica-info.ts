/** 1004: who is master of a set. Every broker asks every 5 s; the answer's body is always a SyncStateSet. */
import { z } from 'zod';
import { address, headerCodec, integer, name, optional, wholeNumber } from '../parse.ts';

export const getReplicaInfoRequest = headerCodec(z.object({ brokerName: name }));

/** Without a master its id and address are absent. */
export const getReplicaInfoResponse = headerCodec(
  z.object({
    masterBrokerId: optional(wholeNumber),
    masterAddress: optional(address),
    masterEpoch: optional(integer),
  }),
);
