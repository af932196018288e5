/** Removes one key of a namespace; one that is not there is none, as at a stock name server. */
import { z } from 'zod';
import { accepted, type Result } from '../../primitives/refusal.ts';
import type { BrokerSetCommand } from '../broker-set-command.ts';
import type { MutableMetadata } from '../store.ts';

type NamingDeleteKeyValue = Extract<BrokerSetCommand, { type: 'naming.deleteKeyValue' }>;

export const namingDeleteKeyValueSchema = z.strictObject({
  type: z.literal('naming.deleteKeyValue'),
  namespace: z.string(),
  key: z.string(),
}) satisfies z.ZodType<NamingDeleteKeyValue>;

export function namingDeleteKeyValue(
  store: MutableMetadata,
  { namespace, key }: NamingDeleteKeyValue,
): Result<null> {
  const pairs = new Map(store.namespaces.get(namespace));
  if (!pairs.delete(key)) return accepted(null);
  if (pairs.size === 0) store.namespaces.delete(namespace);
  else store.namespaces.set(namespace, pairs);
  return accepted(null);
}
