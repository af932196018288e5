/** A namespace of the key-value configuration as a body, and the one that brokers are told of. */
import type { MetadataState } from '../../core/metadata/state.ts';
import { jsonBody } from './answer.ts';

/** Which broker sets keep the queues of ordered topics: brokers hand it on to their clients. */
export const ORDER_TOPICS = 'ORDER_TOPIC_CONFIG';

/** Null for a namespace that nobody has put anything into. */
export function keyValueTable({ namespaces }: MetadataState, namespace: string): Buffer | null {
  const table = namespaces.get(namespace);
  return table === undefined || table.size === 0 ? null : jsonBody({ table: Object.fromEntries(table) });
}
