/** The lines of the endpoint table for RocketMQ's broker sets and the routes of its topics. */
import { z } from 'zod';
import { allocationPlanAnswerSchema, allocationPlanRequestSchema } from './allocation-plan.ts';
import { brokerNameSchema } from './broker-names.ts';
import {
  brokerSetHistoryAnswerSchema,
  brokerSetHistoryQuerySchema,
  brokerSetRecordSchema,
} from './broker-set-history.ts';
import {
  brokerSetChangeSchema,
  brokerSetDetailSchema,
  brokerSetListAnswerSchema,
  electAnswerSchema,
  electRequestSchema,
  topicNearListAnswerSchema,
  topicNearRequestSchema,
} from './broker-sets.ts';
import { bare, type EndpointShape, none, read, write } from './endpoint-shapes.ts';
import { committedSchema, nameSchema } from './scalars.ts';

const ofBrokerSet = { parameters: z.strictObject({ brokerSet: brokerNameSchema }), query: none } as const;

export const brokerSetEndpoints = {
  brokerSetList: {
    ...read,
    ...bare,
    path: '/v1/broker-sets',
    summary: 'RocketMQ broker sets of all clusters',
    answer: brokerSetListAnswerSchema,
  },
  brokerSetGet: {
    ...read,
    ...ofBrokerSet,
    path: '/v1/broker-sets/:brokerSet',
    summary:
      'One RocketMQ broker set: brokers, registrations, elections, what its clients are protected from',
    answer: brokerSetDetailSchema,
  },
  brokerSetChange: {
    ...write,
    ...ofBrokerSet,
    method: 'PATCH',
    path: '/v1/broker-sets/:brokerSet',
    summary: 'Change the policy of a broker set, what becomes of a shortage, or its detection time',
    body: brokerSetChangeSchema,
    answer: committedSchema,
  },
  brokerSetElect: {
    ...write,
    ...ofBrokerSet,
    path: '/v1/broker-sets/:brokerSet/elect',
    summary: 'Make a broker the master of its set; answered once it is',
    body: electRequestSchema,
    answer: electAnswerSchema,
  },
  brokerSetHistory: {
    ...read,
    parameters: none,
    query: brokerSetHistoryQuerySchema,
    path: '/v1/broker-set-history',
    summary: 'Elections of RocketMQ broker sets and masters lost, newest first, with evidence and steps',
    answer: brokerSetHistoryAnswerSchema,
  },
  brokerSetHistoryGet: {
    ...read,
    parameters: z.strictObject({ id: nameSchema }),
    query: none,
    path: '/v1/broker-set-history/:id',
    summary: 'One record of the history of broker sets',
    answer: brokerSetRecordSchema,
  },
  topicNearList: {
    ...read,
    ...bare,
    path: '/v1/topic-nears',
    summary: 'Which broker sets the routes of RocketMQ topics list, where a rule says so',
    answer: topicNearListAnswerSchema,
  },
  topicNearSet: {
    ...write,
    ...bare,
    path: '/v1/topic-nears',
    summary: 'Set or take away the rule of a RocketMQ topic, or that of all topics without one',
    body: topicNearRequestSchema,
    answer: committedSchema,
  },
  /** Computes and stores nothing, so it needs no token although it is a POST. */
  allocationPlan: {
    ...bare,
    method: 'POST',
    changes: false,
    needsToken: false,
    path: '/v1/allocation-plans',
    summary:
      'What a stock strategy gives each consumer of a RocketMQ topic by the routes they get here: orphaned and doubly owned queues',
    body: allocationPlanRequestSchema,
    answer: allocationPlanAnswerSchema,
    successStatus: 200,
    answerKind: 'json',
  },
} as const satisfies Record<string, EndpointShape>;
