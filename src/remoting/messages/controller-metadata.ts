/**
 * 1005, a request without fields: where a broker sends what is for the leader. The first node that names an address
 * wins, so it has to be one that this broker reaches.
 */
import { z } from 'zod';
import { flag, headerCodec, optional, text } from '../parse.ts';

export const controllerMetadataResponse = headerCodec(
  z.object({
    group: optional(text),
    controllerLeaderId: optional(text),
    /** Absent or empty: the broker asks the next node. */
    controllerLeaderAddress: optional(text),
    isLeader: optional(flag),
    /** `n0:ip:port;n1:ip:port`, for people. */
    peers: optional(text),
  }),
);
