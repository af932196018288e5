/**
 * 1008: a controller tells a broker who is master. The body is a SyncStateSet. Stock controllers send it one-way; a
 * broker that is asked answers once it has changed its role, which may take as long as its log has to be gone through.
 */
import { z } from 'zod';
import { address, headerCodec, integer, optional, wholeNumber } from '../parse.ts';

export const roleChangeRequest = headerCodec(
  z.object({
    masterAddress: optional(address),
    masterEpoch: optional(integer),
    syncStateSetEpoch: optional(integer),
    masterBrokerId: optional(wholeNumber),
  }),
);
