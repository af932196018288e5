/**
 * Allocation of a topic's queues by IDC. GET takes `members=m1@idc-a,m2@idc-b`; POST takes them in the body, with the
 * allocation before, from which the fewest queues are then moved. Nothing is stored by either.
 */
import { z } from 'zod';
import { LIMITS } from '../core/primitives/limits.ts';
import { clusterQuerySchema, countSchema, knownNameSchema, nameSchema, revisionSchema } from './scalars.ts';

/** A member that does not know its IDC takes part in what no IDC's own members read. */
export const memberSchema = z.strictObject({ member: nameSchema, idc: nameSchema.nullable().default(null) });

const membersExpected = 'member@idc, separated by commas, such as m1@idc-a,m2@idc-b';

/** The members of a query string, parsed; each name is then held to {@link memberSchema}. */
const membersTextSchema = z
  .string({ error: membersExpected })
  .regex(/^[^@,]+(?:@[^@,]+)?(?:,[^@,]+(?:@[^@,]+)?)*$/, { error: membersExpected })
  .transform((text) =>
    text.split(',').map((part): z.input<typeof memberSchema> => {
      const [member = '', idc = null] = part.split('@');
      return { member, idc };
    }),
  )
  .pipe(z.array(memberSchema).max(LIMITS.membersPerConsumerGroup));

export const allocationQuerySchema = clusterQuerySchema.extend({
  members: membersTextSchema,
  consumerGroup: nameSchema.optional(),
});

export const allocatedQueueSchema = z.object({
  group: knownNameSchema,
  queue: countSchema,
  /** IDC of the group's master; null before the group's first reign. */
  idc: knownNameSchema.nullable(),
});

export const allocationRequestSchema = z.strictObject({
  members: z.array(memberSchema).max(LIMITS.membersPerConsumerGroup),
  consumerGroup: nameSchema.optional(),
  /** The allocation in force, so that a join or leave moves the fewest queues. */
  previous: z
    .array(
      z.strictObject({
        member: nameSchema,
        queues: z
          .array(
            z.strictObject({ group: nameSchema, queue: countSchema, idc: nameSchema.nullable().optional() }),
          )
          .max(LIMITS.queuesPerTopic * LIMITS.groupsPerTopic),
      }),
    )
    .max(LIMITS.membersPerConsumerGroup)
    .optional(),
});

export const allocationAnswerSchema = z.object({
  topic: knownNameSchema,
  cluster: knownNameSchema,
  consumerGroup: knownNameSchema.nullable(),
  revision: revisionSchema,
  stale: z.boolean(),
  /** One entry for each member, sorted by IDC and name; its queues are sorted by group and number. */
  assignments: z.array(
    z.object({
      member: knownNameSchema,
      idc: knownNameSchema.nullable(),
      queues: z.array(allocatedQueueSchema),
    }),
  ),
  /** Queues that nobody got, because there is no member. */
  unowned: z.array(allocatedQueueSchema),
});

export type AllocationAnswer = z.infer<typeof allocationAnswerSchema>;
