/** What a group's write policy could promise under another master, by the arithmetic that would make the rule. */
import { ruleFor } from '../failover/write-rule.ts';
import type { BrokerGroup, Replica } from '../metadata/state.ts';

export type PolicyOutlook = {
  /** `degraded` and `blocked`: the members left cannot meet the policy, and `onShortage` says what then happens. */
  readonly state: 'met' | 'degraded' | 'blocked';
  /** Acknowledgements that a producer would wait for; null while nothing can be acknowledged. */
  readonly waitCount: number | null;
  readonly detail: string;
};

export function policyOutlook(
  group: BrokerGroup,
  master: Replica,
  members: readonly Replica[],
): PolicyOutlook {
  const { policy, onShortage } = group;
  const { rule, short } = ruleFor({
    policy,
    onShortage,
    masterSite: master.site,
    declaredSlaves: group.replicas.length - 1,
    members: members.map(({ id, site }) => ({ replica: id, site })),
  });
  const waitCount = rule.kind === 'allOf' ? members.length : rule.k;
  const names = members.map(({ id }) => id).join(', ') || 'nobody';
  if (!short)
    return { state: 'met', waitCount, detail: `${policy} is met: ${waitCount} of ${names} acknowledge` };
  if (onShortage === 'block') {
    const detail = `${policy} cannot be met with ${names}: nothing is acknowledged until members return`;
    return { state: 'blocked', waitCount: null, detail };
  }
  const detail = `${policy} cannot be met: acknowledged by the master and ${names} until members return`;
  return { state: 'degraded', waitCount, detail };
}
