/** Which clients of a group are protected against loss, and by what: what an operator has to know before an incident. */

import { timeFenceOf } from '../../../core/failover/time-fence.ts';
import { publishedWaitCount } from '../../../core/failover/write-rule.ts';
import { activeSyncSet } from '../../../core/metadata/queries.ts';
import type { BrokerGroup } from '../../../core/metadata/state.ts';
import type { WriteTerms } from '../../../core/routing/group-standing.ts';

export type ProtectionLine = { readonly client: string; readonly protection: string };

export function protectionLines(group: BrokerGroup, terms: WriteTerms | null): ProtectionLine[] {
  return group.kind === 'redis' ? redisLines(group, terms) : reportedLines(group);
}

function redisLines(group: BrokerGroup, terms: WriteTerms | null): ProtectionLine[] {
  const now =
    terms === null
      ? 'no reign is active, so nothing is acknowledged'
      : `now user w-${terms.syncSetVersion} and WAIT ${terms.waitCount}${terms.degraded ? ', degraded: weaker than the policy' : ''}`;
  return [
    { client: 'pollux SDK', protection: `the policy ${group.policy}, exactly (${now})` },
    {
      client: `any client that itself does WAIT ${publishedWaitCount(group)} on the connection of its write`,
      protection: `the policy ${group.policy} under every master of the group, while it uses that count`,
    },
    { client: 'clients that never WAIT', protection: withoutWaiting(group, terms) },
  ];
}

/** Redis counts a slave by whole seconds since it confirmed anything, and looks once a second. */
const FENCE_ACTS_WITHIN_SECONDS = 2;

function withoutWaiting(group: BrokerGroup, terms: WriteTerms | null): string {
  const set = activeSyncSet(group);
  const fence = set === null ? null : timeFenceOf(group, set);
  if (fence === null) {
    const why =
      group.timeFenceSeconds === 0 ? 'the time fence is off' : `the rule asks for no slave (${group.policy})`;
    return `nothing: ${why}, so an isolated master takes writes until it is reached, and all of them can be lost`;
  }
  const { minimumSlaves, maximumLagSeconds } = fence;
  const slaves = `${minimumSlaves} ${minimumSlaves === 1 ? 'slave confirms' : 'slaves confirm'}`;
  const stops = `a master to which fewer than ${slaves} stops within ${maximumLagSeconds + FENCE_ACTS_WITHIN_SECONDS} s`;
  const now = terms === null ? ' (no reign is active now)' : '';
  return `a time fence only${now}: ${stops}; what it took until then, or just before it died, can be lost`;
}

const reportedLines = (group: BrokerGroup): ProtectionLine[] => [
  {
    client: 'all clients',
    protection: `the policy ${group.policy}, as far as the broker itself acknowledges no write before its sync set holds it`,
  },
];
