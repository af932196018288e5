/**
 * A committed rule means what the declared policy says: whichever members acknowledge a write, they and the master are
 * copies as the policy asks for, by trying every choice of them. A weaker rule has to be called degraded, and only where
 * the group was declared to degrade. What was declared may change while a set is under way: each set is held against
 * every declaration that was in force since the one before it.
 */
import type { BrokerGroup } from '../../../../src/core/metadata/state.ts';
import type { GroupKey } from '../../../../src/core/primitives/identifiers.ts';
import { demand } from '../../world/violation.ts';
import type { BrokerOracle, Case } from './broker-oracle.ts';
import type { CommittedSet } from './committed-groups.ts';

type Policy = BrokerGroup['policy'];
type Declared = Pick<BrokerGroup, 'policy' | 'onShortage'>;

function choices(members: readonly string[], count: number): string[][] {
  if (count === 0) return [[]];
  return members.flatMap((first, position) =>
    choices(members.slice(position + 1), count - 1).map((others) => [first, ...others]),
  );
}

/** Whether these slaves beside this master are enough copies. */
function suffices(
  policy: Policy,
  { replicas }: BrokerGroup,
  master: string,
  slaves: readonly string[],
): boolean {
  const siteOf = (id: string) => replicas.find((replica) => replica.id === id)?.site;
  switch (policy) {
    case 'async':
      return true;
    case 'any-one':
      return slaves.length > 0;
    case 'majority':
      return 2 * (slaves.length + 1) > replicas.length;
    case 'cross-idc':
      return slaves.some((slave) => siteOf(slave) !== siteOf(master));
    case 'all':
      return slaves.length === replicas.length - 1;
  }
}

export function policyIsKept({ committed }: Case): BrokerOracle {
  const declared = new Map<GroupKey, readonly Declared[]>();
  const counts = { rulesOfPolicies: 0, degradedRules: 0 };

  const means = (policy: Policy, group: BrokerGroup, master: string, set: CommittedSet): boolean =>
    choices([...set.members.keys()], set.waitCount).every((slaves) =>
      suffices(policy, group, master, slaves),
    );

  committed.onChange((key, before, group) => {
    const { now } = group;
    const { policy, onShortage } = now;
    const since = declared.get(key) ?? [];
    const isNew = since.every((one) => one.policy !== policy || one.onShortage !== onShortage);
    const known = isNew ? [...since, { policy, onShortage }] : since;
    declared.set(key, known);
    const set = group.newest();
    const master = now.phase.kind === 'promoting' ? now.phase.candidate : now.master;
    if (set === null || set.version === before?.version || master === null) return;
    declared.set(key, [{ policy, onShortage }]);
    if (now.syncSets.at(-1)?.degraded === true) {
      counts.degradedRules += 1;
      demand(
        known.some((one) => one.onShortage === 'degrade'),
        'only who may degrade does',
        () => `${key}, version ${set.version}`,
      );
      return;
    }
    counts.rulesOfPolicies += 1;
    demand(
      known.some((one) => means(one.policy, now, master, set)),
      'a rule means what its policy says',
      () => `${key}: ${set.waitCount} of ${[...set.members.keys()]} beside ${master} is not ${policy}`,
    );
  });

  return { node: { counts } };
}
