/**
 * Wipes or adds the write permission of a broker set, until its topics change. Nothing of its topics is rewritten: the
 * mark is read where routes are made.
 */
import { z } from 'zod';
import { accepted, type Result } from '../../primitives/refusal.ts';
import type { BrokerSetCommand } from '../broker-set-command.ts';
import { groupNameSchema } from '../schemas.ts';
import type { MutableMetadata } from '../store.ts';
import { requireRegistered, setWritePermission } from './registered-sets.ts';

type NamingSetWritePermission = Extract<BrokerSetCommand, { type: 'naming.setWritePermission' }>;

export const namingSetWritePermissionSchema = z.strictObject({
  type: z.literal('naming.setWritePermission'),
  name: groupNameSchema,
  permission: z.enum(['wiped', 'added']),
}) satisfies z.ZodType<NamingSetWritePermission>;

export function namingSetWritePermission(
  store: MutableMetadata,
  { name, permission }: NamingSetWritePermission,
): Result<null> {
  const set = requireRegistered(store, name);
  if (!set.ok) return set;
  setWritePermission(store, name, permission);
  return accepted(null);
}
