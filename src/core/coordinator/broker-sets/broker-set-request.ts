/**
 * What brokers and operators ask of a broker set that only a leader can judge, because it takes evidence. Answered with
 * `applied` once the state of the node that was asked shows the outcome.
 */
import { z } from 'zod';
import { clusterNameSchema, countSchema, groupNameSchema } from '../../metadata/schemas.ts';
import type { ClusterName, GroupName } from '../../primitives/identifiers.ts';
import { LIMITS } from '../../primitives/limits.ts';
import { accepted, type Result, refused } from '../../primitives/refusal.ts';

export type BrokerSetRequest =
  | {
      readonly kind: 'electMaster';
      readonly cluster: ClusterName;
      readonly name: GroupName;
      /** Who asks, or who is wanted (`designated`); null: whoever is fit. */
      readonly brokerId: number | null;
      /** Wanted by an operator; else a broker asks for itself. */
      readonly designated: boolean;
      /** Accepts the loss of messages that only members of the sync state set hold. */
      readonly unsafe: boolean;
      readonly by: string;
    }
  /** By the master, which is the author of its sync state set. */
  | {
      readonly kind: 'alterSyncStateSet';
      readonly cluster: ClusterName;
      readonly name: GroupName;
      readonly masterBrokerId: number;
      readonly masterEpoch: number;
      readonly syncStateSet: readonly number[];
      /** The one that it goes on from. */
      readonly syncStateSetEpoch: number;
    };

const nameSchema = { cluster: clusterNameSchema, name: groupNameSchema };

export const brokerSetRequestSchema = z.discriminatedUnion('kind', [
  z.looseObject({
    kind: z.literal('electMaster'),
    ...nameSchema,
    brokerId: countSchema.nullable(),
    designated: z.boolean(),
    unsafe: z.boolean(),
    by: z.string().max(LIMITS.textCharacters),
  }),
  z.looseObject({
    kind: z.literal('alterSyncStateSet'),
    ...nameSchema,
    masterBrokerId: countSchema,
    masterEpoch: countSchema,
    syncStateSet: z.array(countSchema).max(LIMITS.brokersPerSet),
    syncStateSetEpoch: countSchema,
  }),
]) satisfies z.ZodType<BrokerSetRequest>;

/** What no other node could read is not asked of one. */
export function checkBrokerSetRequest(request: BrokerSetRequest): Result<null> {
  const parsed = brokerSetRequestSchema.safeParse(request);
  if (parsed.success) return accepted(null);
  const [issue] = parsed.error.issues;
  const field = issue?.path.join('.') ?? '';
  return refused('invalidRequest', `${field}: ${issue?.message ?? 'not a request'}.`, { field });
}
