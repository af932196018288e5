/**
 * Server-sent events: the event's name is its `type`, its id the log index, its data one of these as JSON. A reader
 * that was cut off reads the resources again and subscribes anew; events are hints, not a log.
 */
import { z } from 'zod';
import { countSchema, epochSchema, nameSchema } from './scalars.ts';

const groupFields = { index: countSchema, cluster: nameSchema, group: nameSchema };

export const tierEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('routesChanged'), ...groupFields, epoch: epochSchema }),
  z.object({ type: z.literal('groupPhase'), ...groupFields, phase: z.string(), epoch: epochSchema }),
  z.object({
    type: z.literal('leadership'),
    index: countSchema,
    leader: nameSchema.nullable(),
    term: countSchema,
  }),
  z.object({ type: z.literal('alert'), ...groupFields, message: z.string() }),
]);

export type TierEventAnswer = z.infer<typeof tierEventSchema>;
