/**
 * Further topics of a registration that one command could not carry. Refused where another word on the set's topics counts
 * by now, or the broker registered anew in between: its next registration brings them.
 */
import { z } from 'zod';
import { accepted, type Result, refused } from '../../primitives/refusal.ts';
import type { BrokerSetCommand } from '../broker-set-command.ts';
import {
  alikeTopicsSchema,
  brokerAddressSchema,
  dataVersionSchema,
  staticTopicSchema,
} from '../broker-set-schemas.ts';
import { isSameVersion, topicAuthorOf } from '../registration-rules.ts';
import { markBrokersChanged } from '../registration-table.ts';
import { groupNameSchema } from '../schemas.ts';
import type { MutableMetadata } from '../store.ts';
import { checkTopics, putStaticTopics, putTopics } from '../topic-places.ts';
import { requireRegistered } from './registered-sets.ts';

type RegistrationPutTopics = Extract<BrokerSetCommand, { type: 'registration.putTopics' }>;

export const registrationPutTopicsSchema = z.strictObject({
  type: z.literal('registration.putTopics'),
  name: groupNameSchema,
  address: brokerAddressSchema,
  topics: z.array(alikeTopicsSchema),
  staticTopics: z.array(staticTopicSchema),
  dataVersion: dataVersionSchema,
  complete: z.boolean(),
}) satisfies z.ZodType<RegistrationPutTopics>;

export function registrationPutTopics(store: MutableMetadata, command: RegistrationPutTopics): Result<null> {
  const { name, address, topics, staticTopics, dataVersion, complete } = command;
  const set = requireRegistered(store, name);
  if (!set.ok) return set;
  const registration = store.registrations.get(address);
  if (
    registration === undefined ||
    topicAuthorOf(set.value) !== address ||
    !isSameVersion(registration.dataVersion, dataVersion)
  ) {
    return refused('staleRegistration', `The topics of ${name} are not those of ${address} by now.`, {
      field: 'address',
    });
  }
  const checked = checkTopics(store, name, topics, staticTopics);
  if (!checked.ok) return checked;
  putTopics(store, name, topics);
  putStaticTopics(store, name, staticTopics);
  if (staticTopics.length > 0) markBrokersChanged(store);
  if (registration.complete !== complete) store.registrations.set(address, { ...registration, complete });
  return accepted(null);
}
