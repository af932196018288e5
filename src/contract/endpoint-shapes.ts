/** What a line of the table of endpoints says, and the parts that many lines share. */
import { z } from 'zod';
import { clusterQuerySchema } from './scalars.ts';

export type EndpointShape = {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Parameters are written `:name`. */
  readonly path: string;
  readonly summary: string;
  /** True for what must not be asked for again while nobody knows whether it was done. */
  readonly changes: boolean;
  /** `Authorization: Bearer <operator token>`: for what changes something, and for what shows the data of applications. */
  readonly needsToken: boolean;
  readonly parameters: z.ZodType;
  readonly query: z.ZodType;
  /** Null where a request has no body. */
  readonly body: z.ZodType | null;
  readonly answer: z.ZodType;
  readonly successStatus: 200 | 201 | 202;
  /** `events`: an open stream of server-sent events, each with one `answer` as its data. */
  readonly answerKind: 'json' | 'events';
};

export const none = z.strictObject({});

export const read = {
  method: 'GET',
  changes: false,
  needsToken: false,
  body: null,
  successStatus: 200,
  answerKind: 'json',
} as const;
export const write = {
  method: 'POST',
  changes: true,
  needsToken: true,
  successStatus: 200,
  answerKind: 'json',
} as const;
export const remove = {
  method: 'DELETE',
  changes: true,
  needsToken: true,
  body: null,
  successStatus: 200,
  answerKind: 'json',
} as const;
/** No parameters and no query. */
export const bare = { parameters: none, query: none } as const;
/** No parameters, `?cluster=`. */
export const ofCluster = { parameters: none, query: clusterQuerySchema } as const;
