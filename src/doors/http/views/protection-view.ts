/** Which clients of a group are protected against loss, and by what: what an operator has to know before an incident. */

import { publishedWaitCount } from '../../../core/failover/write-rule.ts';
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
    {
      client: 'clients that never WAIT',
      protection: 'a time fence only: what an isolated master took before it stopped may be lost',
    },
  ];
}

const reportedLines = (group: BrokerGroup): ProtectionLine[] => [
  {
    client: 'all clients',
    protection: `the policy ${group.policy}, as far as the broker itself acknowledges no write before its sync set holds it`,
  },
];
