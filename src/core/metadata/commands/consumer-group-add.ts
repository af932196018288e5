/** Declares a consumer group. */
import { z } from 'zod';
import { LIMITS } from '../../primitives/limits.ts';
import { accepted, type Result, refused } from '../../primitives/refusal.ts';
import type { Command } from '../command.ts';
import { consumerGroupKey } from '../queries.ts';
import { clusterNameSchema, consumerGroupNameSchema, labelsSchema, textSchema } from '../schemas.ts';
import type { MutableMetadata } from '../store.ts';
import { checkClusters } from './clusters.ts';
import { checkLabels } from './labels.ts';

type ConsumerGroupAdd = Extract<Command, { type: 'consumerGroup.add' }>;

export const consumerGroupAddSchema = z.strictObject({
  type: z.literal('consumerGroup.add'),
  cluster: clusterNameSchema,
  name: consumerGroupNameSchema,
  owner: textSchema,
  labels: labelsSchema,
}) satisfies z.ZodType<ConsumerGroupAdd>;

export function consumerGroupAdd(store: MutableMetadata, command: ConsumerGroupAdd): Result<null> {
  const { cluster, name, owner, labels } = command;
  const key = consumerGroupKey(cluster, name);
  if (store.consumerGroups.has(key)) {
    return refused('duplicateName', `Consumer group ${key} exists already.`, { field: 'name' });
  }
  if (store.consumerGroups.size >= LIMITS.consumerGroups) {
    return refused('limitReached', `The tier holds ${LIMITS.consumerGroups} consumer groups already.`);
  }
  const clusters = checkClusters(store, cluster);
  if (!clusters.ok) return clusters;
  const labelled = checkLabels(labels, 'labels');
  if (!labelled.ok) return labelled;
  store.consumerGroups.set(key, { cluster, name, owner, labels, allocationPolicy: 'byIdc', paused: false });
  return accepted(null);
}
