/** Sets one key of a namespace of RocketMQ's key-value configuration. */
import { z } from 'zod';
import { LIMITS } from '../../primitives/limits.ts';
import { accepted, type Result, refused } from '../../primitives/refusal.ts';
import type { BrokerSetCommand } from '../broker-set-command.ts';
import type { MutableMetadata } from '../store.ts';

type NamingPutKeyValue = Extract<BrokerSetCommand, { type: 'naming.putKeyValue' }>;

export const namingPutKeyValueSchema = z.strictObject({
  type: z.literal('naming.putKeyValue'),
  namespace: z.string().min(1).max(LIMITS.keyValueKeyCharacters),
  key: z.string().min(1).max(LIMITS.keyValueKeyCharacters),
  value: z.string().max(LIMITS.keyValueCharacters),
}) satisfies z.ZodType<NamingPutKeyValue>;

export function namingPutKeyValue(
  store: MutableMetadata,
  { namespace, key, value }: NamingPutKeyValue,
): Result<null> {
  const pairs = store.namespaces.get(namespace);
  if (pairs === undefined && store.namespaces.size >= LIMITS.namespaces)
    return refused('limitReached', `At most ${LIMITS.namespaces} namespaces.`, { field: 'namespace' });
  if (pairs !== undefined && !pairs.has(key) && pairs.size >= LIMITS.keysPerNamespace)
    return refused('limitReached', `A namespace holds ${LIMITS.keysPerNamespace} keys.`, { field: 'key' });
  store.namespaces.set(namespace, new Map(pairs).set(key, value));
  return accepted(null);
}
