/**
 * What was committed of broker sets, in the log of the node that leads at that moment. Operators read it there, and what
 * the node counts for `/metrics` is counted from these lines, so that a sum over the nodes is right.
 */
import type { Command } from '../../metadata/command.ts';
import type { GroupName } from '../../primitives/identifiers.ts';
import type { Instant } from '../../primitives/instant.ts';
import type { Refusal, Result } from '../../primitives/refusal.ts';
import type { SetContext } from './set-context.ts';

export function logApplied(sets: SetContext, command: Command, result: Result<null>, now: Instant): void {
  const { context } = sets;
  if (!context.leads(now)) return;
  switch (command.type) {
    case 'brokerSet.elect': {
      if (!result.ok) return;
      const { name: set, master, masterEpoch, reason, by, recordId } = command;
      context.log('warn', 'brokerSet.elected', { set, broker: master, masterEpoch, reason, by, recordId });
      return;
    }
    case 'brokerSet.loseMaster': {
      if (!result.ok) return;
      const { name: set, detail: why, recordId } = command;
      context.log('error', 'brokerSet.masterless', { set, why, recordId });
      return;
    }
    case 'brokerSet.alterSyncStateSet': {
      const { name: set, masterBrokerId: broker, syncStateSet } = command;
      if (result.ok) context.log('info', 'brokerSet.inSync', { set, broker, syncStateSet });
      else logAlterRefused(sets, set, broker, result.refusal);
      return;
    }
    case 'brokerSet.applyId':
    case 'brokerSet.registerBroker': {
      const { name: set, brokerId: broker, address, site } = command;
      if (result.ok) context.log('info', 'brokerSet.brokerKnown', { set, broker, address, site });
      return;
    }
    case 'registration.set': {
      const { name: set, address, brokerId, topicCount } = command;
      if (result.ok) context.log('info', 'registration.taken', { set, address, brokerId, topicCount });
      else context.log('warn', 'registration.refused', { set, address, ...whyOf(result.refusal) });
      return;
    }
    case 'registration.remove': {
      if (result.ok)
        context.log('info', 'registration.removed', { set: command.name, address: command.address });
      return;
    }
    default:
      return;
  }
}

/** A master asks again every few seconds, so this is no warning: an alert says what has to be looked at. */
export function logAlterRefused(sets: SetContext, set: GroupName, broker: number, refusal: Refusal): void {
  sets.context.log('info', 'brokerSet.alterRefused', { set, broker, ...whyOf(refusal) });
}

const whyOf = ({ code, message }: Refusal) => ({ code, why: message });
