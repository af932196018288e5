/** The lines of the endpoint table for what real Sentinels watch. */
import {
  adoptionAnswerSchema,
  adoptionRequestSchema,
  sentinelMastersAnswerSchema,
  sentinelMastersRequestSchema,
} from './adoption.ts';
import { bare, type EndpointShape, ofCluster, write } from './endpoint-shapes.ts';

export const adoptionEndpoints = {
  /** Changes nothing, and makes the node call an address that the request names. */
  sentinelMasters: {
    ...write,
    ...bare,
    changes: false,
    path: '/v1/sentinels/masters',
    summary: 'Names of the masters that a real Sentinel watches',
    body: sentinelMastersRequestSchema,
    answer: sentinelMastersAnswerSchema,
  },
  groupAdopt: {
    ...write,
    ...ofCluster,
    path: '/v1/sentinels/adopt',
    summary:
      'Take a master over from its Sentinels, which are told to stop watching it; with "plan": true only say what that would mean (answered 200)',
    body: adoptionRequestSchema,
    answer: adoptionAnswerSchema,
    successStatus: 201,
  },
} as const satisfies Record<string, EndpointShape>;
