/** The rules of the commands that are about RocketMQ's broker sets, registrations and names. */
import { accepted, type Result } from '../primitives/refusal.ts';
import type { BrokerSetCommand } from './broker-set-command.ts';
import type { MutableMetadata } from './store.ts';

export function applyBrokerSetCommand(_store: MutableMetadata, _command: BrokerSetCommand): Result<null> {
  return accepted(null);
}
