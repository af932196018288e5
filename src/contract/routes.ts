/**
 * The route of a topic as seen from an IDC: nearest groups first. `stale` says that the node could not confirm that it
 * is current; a client that saw a higher `revision` of the same incarnation keeps what it has.
 */
import { z } from 'zod';
import { LIMITS } from '../core/primitives/limits.ts';
import {
  addressSchema,
  clusterQuerySchema,
  countSchema,
  countText,
  epochSchema,
  indexText,
  knownNameSchema,
  nameSchema,
  permissionSchema,
  revisionSchema,
  writePolicySchema,
} from './scalars.ts';

export const consistencySchema = z.enum(['local', 'linearizable']);

export const routeQuerySchema = clusterQuerySchema.extend({
  /** IDC of the client; without it the node looks up the client's address. */
  idc: nameSchema.optional(),
  consistency: consistencySchema.default('local'),
  /**
   * With `holdMs`: hold the answer until a broker group of the topic has changed later than this index and one of them can
   * be written to.
   */
  after: indexText.optional(),
  /** Longest that the answer is held; it is whatever is known then. */
  holdMs: countText(0, LIMITS.routeHoldMs).default(0),
});

/** How to write so that the policy is met: as user `user`, then wait for `waitCount` acknowledgements. */
export const routeWriteSchema = z.object({
  syncSetVersion: countSchema,
  user: z.string(),
  waitCount: countSchema,
  /** The rule in force is weaker than the policy asks for. */
  degraded: z.boolean(),
  policy: writePolicySchema,
});

export const routeGroupSchema = z.object({
  group: knownNameSchema,
  epoch: epochSchema,
  /** IDC of the master, or of the last one while the group has none; null before the first reign. */
  idc: knownNameSchema.nullable(),
  /** The master stands in the IDC that was asked for. */
  near: z.boolean(),
  writable: z.boolean(),
  readQueues: countSchema,
  writeQueues: countSchema,
  master: z.object({ replica: knownNameSchema, idc: knownNameSchema, address: addressSchema }).nullable(),
  slaves: z.array(
    z.object({
      replica: knownNameSchema,
      idc: knownNameSchema,
      address: addressSchema,
      readable: z.boolean(),
    }),
  ),
  write: routeWriteSchema.nullable(),
});

export const routeAnswerSchema = z.object({
  topic: knownNameSchema,
  cluster: knownNameSchema,
  revision: revisionSchema,
  stale: z.boolean(),
  near: z.enum(['prefer', 'strict']),
  permission: permissionSchema,
  order: z.boolean(),
  groups: z.array(routeGroupSchema),
});

export type RouteGroup = z.infer<typeof routeGroupSchema>;
export type RouteAnswer = z.infer<typeof routeAnswerSchema>;
