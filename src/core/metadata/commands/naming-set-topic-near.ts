/**
 * Which broker sets a topic's route lists, or those of all topics without a rule of their own. The topic need not be there
 * yet: a rule may come first.
 */
import { z } from 'zod';
import { LIMITS } from '../../primitives/limits.ts';
import { accepted, type Result, refused } from '../../primitives/refusal.ts';
import type { BrokerSetCommand } from '../broker-set-command.ts';
import { rocketmqTopicSchema, topicNearSchema } from '../broker-set-schemas.ts';
import { addChange } from '../changes.ts';
import { markBrokersChanged } from '../registration-table.ts';
import { textSchema, wallMsSchema } from '../schemas.ts';
import type { MutableMetadata } from '../store.ts';

type NamingSetTopicNear = Extract<BrokerSetCommand, { type: 'naming.setTopicNear' }>;

export const namingSetTopicNearSchema = z.strictObject({
  type: z.literal('naming.setTopicNear'),
  topic: rocketmqTopicSchema,
  near: topicNearSchema.nullable(),
  by: textSchema,
  wallMs: wallMsSchema,
}) satisfies z.ZodType<NamingSetTopicNear>;

export function namingSetTopicNear(store: MutableMetadata, command: NamingSetTopicNear): Result<null> {
  const { topic, near, by, wallMs } = command;
  const former = store.topicNears.get(topic) ?? null;
  if (former === near) return accepted(null);
  if (near === null) store.topicNears.delete(topic);
  else if (former === null && store.topicNears.size >= LIMITS.topicNears)
    return refused('limitReached', `At most ${LIMITS.topicNears} topics have a rule of their own.`);
  else store.topicNears.set(topic, near);
  markBrokersChanged(store);
  const detail = `RocketMQ topic ${topic}: near ${former ?? 'unset'} -> ${near ?? 'unset'}`;
  addChange(store, { scope: { kind: 'all' }, change: 'groupSet', by, detail, wallMs });
  return accepted(null);
}
