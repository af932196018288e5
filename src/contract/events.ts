/**
 * Server-sent events: the event's name is its `type`, its id the log index, its data one of these as JSON. A reader
 * that was cut off reads the resources again and subscribes anew; events are hints, not a log.
 */
import { z } from 'zod';
import { countSchema, epochSchema, knownNameSchema } from './scalars.ts';

const groupFields = { index: countSchema, cluster: knownNameSchema, group: knownNameSchema };

export const tierEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('routesChanged'), ...groupFields, epoch: epochSchema }),
  z.object({
    type: z.literal('groupPhase'),
    ...groupFields,
    phase: z.enum(['active', 'fencing', 'promoting']),
    epoch: epochSchema,
    master: knownNameSchema.nullable(),
  }),
  z.object({
    type: z.literal('leadership'),
    index: countSchema,
    leader: knownNameSchema.nullable(),
    term: countSchema,
  }),
  z.object({ type: z.literal('alert'), ...groupFields, message: z.string() }),
]);

export type TierEventAnswer = z.infer<typeof tierEventSchema>;
