/** Lines of the table of endpoints about moving masters out of an IDC and back. */
import { z } from 'zod';
import {
  drillAbortRequestSchema,
  drillAnswerSchema,
  drillDetailSchema,
  drillListAnswerSchema,
  drillRequestSchema,
  returnRuleListAnswerSchema,
  returnRuleRemovalSchema,
  returnRuleRequestSchema,
} from './drills.ts';
import { bare, type EndpointShape, none, ofCluster, read, write } from './endpoint-shapes.ts';
import { committedSchema, nameSchema } from './scalars.ts';

export const drillEndpoints = {
  drillList: {
    ...read,
    ...bare,
    path: '/v1/drills',
    summary: 'Evacuations and returns, newest first',
    answer: drillListAnswerSchema,
  },
  drillGet: {
    ...read,
    parameters: z.strictObject({ id: nameSchema }),
    query: none,
    path: '/v1/drills/:id',
    summary: 'One evacuation or return, with the state of each of its groups',
    answer: drillDetailSchema,
  },
  drillBegin: {
    ...write,
    ...ofCluster,
    path: '/v1/drills',
    summary:
      'Evacuate an IDC, or return into it, group by group; with "plan": true only say what would happen (answered 200)',
    body: drillRequestSchema,
    answer: drillAnswerSchema,
    successStatus: 202,
  },
  drillAbort: {
    ...write,
    ...bare,
    path: '/v1/drills/abort',
    summary: 'Begin no further group; moves that are not promoted yet are taken back, those done stay',
    body: drillAbortRequestSchema,
    answer: committedSchema,
  },
  returnRuleList: {
    ...read,
    ...bare,
    path: '/v1/return-rules',
    summary: 'Where masters are to stand when all is well, and whether they come back by themselves',
    answer: returnRuleListAnswerSchema,
  },
  returnRuleSet: {
    ...write,
    ...ofCluster,
    path: '/v1/return-rules',
    summary: 'Set the preferred IDC of the tier or of a group',
    body: returnRuleRequestSchema,
    answer: committedSchema,
  },
  returnRuleRemove: {
    ...write,
    ...ofCluster,
    path: '/v1/return-rules/remove',
    summary: 'Take the preferred IDC of the tier or of a group away',
    body: returnRuleRemovalSchema,
    answer: committedSchema,
  },
} as const satisfies Record<string, EndpointShape>;
