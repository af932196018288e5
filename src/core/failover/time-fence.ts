/**
 * What stops a master for clients that do not wait: it refuses writes once fewer than k of its slaves have confirmed
 * anything for so many seconds, k being the acknowledgements that its rule asks for.
 *
 * The same intersection that proves a promotion makes it sufficient. A promotion needs n - k + 1 revoked members, so at
 * most k - 1 are left that could still confirm anything to the old master: wherever another server may be promoted, the
 * old one stops by itself. A smaller number would leave a cut-off IDC writable through the slave next door, a larger one
 * would stop a master that nobody can replace. The number therefore follows the rule, and is changed where the rule's
 * user is: at the grant of its version, before a further slave is let in.
 */
import type { BrokerGroup, SyncSet } from '../metadata/state.ts';
import { acknowledgingCount } from './acknowledging.ts';
import type { TimeFence } from './steering.ts';

/** Null: nothing stops it. Nobody's acknowledgement is asked for, or the group is to be without a fence. */
export function timeFenceOf(
  group: Pick<BrokerGroup, 'timeFenceSeconds'>,
  set: Pick<SyncSet, 'members' | 'rule'>,
): TimeFence | null {
  const minimumSlaves = acknowledgingCount(set);
  if (group.timeFenceSeconds === 0 || minimumSlaves === 0) return null;
  return { minimumSlaves, maximumLagSeconds: group.timeFenceSeconds };
}

export const sameTimeFence = (one: TimeFence | null, other: TimeFence | null): boolean =>
  one?.minimumSlaves === other?.minimumSlaves && one?.maximumLagSeconds === other?.maximumLagSeconds;
