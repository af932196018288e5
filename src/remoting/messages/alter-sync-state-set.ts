/** 1001: a master changes its sync state set. Bodies both ways are a SyncStateSet; the request's has the epoch that it changes. */
import { z } from 'zod';
import { headerCodec, integer, name, optional, wholeNumber } from '../parse.ts';

export const alterSyncStateSetRequest = headerCodec(
  z.object({
    brokerName: name,
    masterBrokerId: wholeNumber,
    masterEpoch: integer,
    invokeTime: optional(wholeNumber),
  }),
);

export const alterSyncStateSetResponse = headerCodec(z.object({ newSyncStateSetEpoch: integer }));
