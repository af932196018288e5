/**
 * A broker registers with the NameServer, or says something new. Its id goes to its address; its topics count if it is the
 * one whose word on topics counts; and where the Controller knows the broker, it learns its HA address and site.
 */
import { z } from 'zod';
import { LIMITS } from '../../primitives/limits.ts';
import { accepted, type Result } from '../../primitives/refusal.ts';
import type { RegistrationSet } from '../broker-set-command.ts';
import {
  alikeTopicsSchema,
  brokerAddressSchema,
  dataVersionSchema,
  siteOrNoneSchema,
  staticTopicSchema,
} from '../broker-set-schemas.ts';
import { isSameVersion, isTopicAuthor, judgeRegistration } from '../registration-rules.ts';
import { addressesWith, markBrokersChanged, putRegistration } from '../registration-table.ts';
import { clusterNameSchema, countSchema, groupNameSchema } from '../schemas.ts';
import type { MutableMetadata } from '../store.ts';
import { checkTopics, putStaticTopics, putTopics } from '../topic-places.ts';
import { learnBroker } from './broker-set-changes.ts';
import { setWritePermission } from './registered-sets.ts';

export const registrationSetSchema = z.strictObject({
  type: z.literal('registration.set'),
  cluster: clusterNameSchema,
  name: groupNameSchema,
  address: brokerAddressSchema,
  brokerId: countSchema,
  haAddress: z.string().max(LIMITS.opaqueCharacters),
  site: siteOrNoneSchema,
  zone: z.string().max(LIMITS.opaqueCharacters).nullable(),
  version: countSchema,
  timeoutMs: countSchema,
  dataVersion: dataVersionSchema,
  complete: z.boolean(),
  enableActingMaster: z.boolean().nullable(),
  topicCount: countSchema,
  topics: z.array(alikeTopicsSchema),
  staticTopics: z.array(staticTopicSchema),
}) satisfies z.ZodType<RegistrationSet>;

export function registrationSet(store: MutableMetadata, command: RegistrationSet): Result<null> {
  const judged = judgeRegistration(store, command, command.topicCount);
  if (!judged.ok) return judged;
  const brokerId = judged.value;
  const { cluster, name, address, haAddress, site, zone, version, timeoutMs, dataVersion, complete } =
    command;
  const addresses = addressesWith(store.namedSets.get(name) ?? null, brokerId, address);
  const isAuthor = isTopicAuthor(addresses, brokerId, command.enableActingMaster);
  const checked = isAuthor ? checkTopics(store, name, command.topics, command.staticTopics) : accepted(null);
  if (!checked.ok) return checked;

  const kept = store.registrations.get(address);
  const registration = { cluster, name, address, brokerId, haAddress, site, zone, version, timeoutMs };
  putRegistration(
    store,
    { ...registration, dataVersion, complete: complete || !isAuthor },
    command.enableActingMaster ?? false,
  );
  learnBroker(store, name, address, { haAddress, site });
  if (!isAuthor) return accepted(null);
  putTopics(store, name, command.topics);
  putStaticTopics(store, command.name, command.staticTopics);
  if (command.staticTopics.length > 0) markBrokersChanged(store);
  if (kept === undefined || !isSameVersion(kept.dataVersion, dataVersion))
    setWritePermission(store, name, 'asRegistered');
  return accepted(null);
}
