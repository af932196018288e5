/** Masters that real Sentinels watch, and their takeover as broker groups. */
import { z } from 'zod';
import { LIMITS } from '../core/primitives/limits.ts';
import { groupDeclarationSchema, groupPlanSchema } from './groups.ts';
import {
  addressSchema,
  committedSchema,
  countSchema,
  knownNameSchema,
  nameSchema,
  onShortageSchema,
  writePolicySchema,
} from './scalars.ts';

export const sentinelMastersRequestSchema = z.strictObject({
  /** One of the Sentinels. */
  sentinel: addressSchema,
});

export const sentinelMastersAnswerSchema = z.object({
  masters: z.array(z.string()),
  /** How many more it watches. */
  leftOff: countSchema,
});

/** What a declaration says, but for the servers, which the Sentinels know. */
export const adoptionRequestSchema = groupDeclarationSchema
  .omit({ name: true, kind: true, replicas: true, preferredMaster: true })
  .extend({
    /** One of the Sentinels that watch the master; the others are found through it. */
    sentinel: addressSchema,
    /** Its name at the Sentinels, and that of the group. */
    master: nameSchema,
    /** The IDC of a server by `host:port`, or by its host; goes before the nodes' address ranges. */
    sites: z
      .record(z.string().min(1).max(300), nameSchema)
      .refine((sites) => Object.keys(sites).length <= LIMITS.serversPlaced, {
        error: `at most ${LIMITS.serversPlaced} entries`,
      })
      .meta({ maxProperties: LIMITS.serversPlaced })
      .default({}),
  });

export const adoptionSchema = z.object({
  group: knownNameSchema,
  policy: writePolicySchema,
  onShortage: onShortageSchema,
  /** Address of the master now. */
  master: z.string(),
  servers: z.array(
    z.object({
      replica: knownNameSchema,
      address: z.string(),
      site: knownNameSchema,
      /** Why it stands there: the request, an address range, or an earlier declaration. */
      placedBy: z.enum(['site', 'addressRange', 'declared']),
    }),
  ),
  sentinels: z.array(
    z.object({
      address: z.string(),
      id: z.string(),
      /** What it is told; nothing where the group is only watched. */
      told: z.array(z.string()),
      /** What makes it watch the master again; passwords have to be set there by hand. */
      putBack: z.array(z.string()),
    }),
  ),
  findings: z.array(
    z.object({
      code: z.string(),
      message: z.string(),
      /** `takeover`: it can be watched all the same. */
      forbids: z.enum(['nothing', 'takeover', 'everything']),
    }),
  ),
});

/** `plan` when the request said so, else `committed`. */
export const adoptionAnswerSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('plan'),
    adoption: adoptionSchema,
    fit: z.boolean(),
    /** Null where nothing is to be changed on a server. */
    plan: groupPlanSchema.nullable(),
  }),
  committedSchema.extend({ adoption: adoptionSchema }),
]);

export type AdoptionRequest = z.input<typeof adoptionRequestSchema>;
export type AdoptionAnswer = z.infer<typeof adoptionSchema>;
export type AdoptionPlanAnswer = Extract<z.infer<typeof adoptionAnswerSchema>, { kind: 'plan' }>;
