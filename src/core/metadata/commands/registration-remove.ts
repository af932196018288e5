/**
 * A broker is registered no more. One that is not, or is of another set by now, changes nothing: its goodbye, its expiry
 * and its confirmed death may all be told.
 */
import { z } from 'zod';
import { accepted, type Result } from '../../primitives/refusal.ts';
import type { BrokerSetCommand } from '../broker-set-command.ts';
import { brokerAddressSchema } from '../broker-set-schemas.ts';
import { removeRegistration } from '../registration-table.ts';
import { groupNameSchema } from '../schemas.ts';
import type { MutableMetadata } from '../store.ts';

type RegistrationRemove = Extract<BrokerSetCommand, { type: 'registration.remove' }>;

export const registrationRemoveSchema = z.strictObject({
  type: z.literal('registration.remove'),
  name: groupNameSchema,
  address: brokerAddressSchema,
}) satisfies z.ZodType<RegistrationRemove>;

export function registrationRemove(
  store: MutableMetadata,
  { name, address }: RegistrationRemove,
): Result<null> {
  const registration = store.registrations.get(address);
  if (registration?.name === name) removeRegistration(store, registration);
  return accepted(null);
}
