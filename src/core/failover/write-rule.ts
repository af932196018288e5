/**
 * From a write policy to the rule of a sync set. `majority` and `all` count the slaves that are declared, not those
 * that are members at the moment: otherwise every member lost would quietly weaken what an acknowledgement means, and
 * a group of three with one member left would call one copy a majority of itself. `cross-idc` counts members, by
 * pigeonhole: one more than stand in the master's IDC forces one that does not.
 */
import type { BrokerGroup, SyncRule, WritePolicy } from '../metadata/state.ts';
import type { OnShortage } from '../metadata/state-parts.ts';
import { unreachable } from '../primitives/assert.ts';
import type { ReplicaId, SiteName } from '../primitives/identifiers.ts';
import { acknowledgingCount, promisesNothing } from './acknowledging.ts';

export type PlacedReplica = { readonly replica: ReplicaId; readonly site: SiteName };

export type WriteRule = {
  readonly rule: SyncRule;
  /** The rule is weaker than the policy (`onShortage: degrade`). */
  readonly degraded: boolean;
  /** The members cannot meet the policy. Then the rule is degraded, or no write can be acknowledged (k > n). */
  readonly short: boolean;
};

export type WriteRuleInput = {
  readonly policy: WritePolicy;
  readonly onShortage: OnShortage;
  readonly masterSite: SiteName;
  /** How many slaves the group is declared with. */
  readonly declaredSlaves: number;
  /** The sync set's members, the master not among them. */
  readonly members: readonly PlacedReplica[];
};

const inSite = (members: readonly PlacedReplica[], site: SiteName): number =>
  members.filter((member) => member.site === site).length;

/** k by the policy alone, whether or not the members can provide it. */
function wantedCount(input: WriteRuleInput): number {
  switch (input.policy) {
    case 'async':
      return 0;
    case 'any-one':
      return 1;
    case 'majority':
      return Math.max(1, Math.floor((input.declaredSlaves + 1) / 2));
    case 'cross-idc':
      return inSite(input.members, input.masterSite) + 1;
    case 'all':
      return Math.max(1, input.declaredSlaves);
    default:
      return unreachable(input.policy);
  }
}

/**
 * The rule for these members. In a shortage `block` keeps the wanted k, which is then more than there are members,
 * so that nothing is acknowledged; `degrade` takes the strongest that is left: all members.
 */
export function ruleFor(input: WriteRuleInput): WriteRule {
  const wanted = wantedCount(input);
  const short = wanted > input.members.length;
  if (!short) return { rule: { kind: 'anyOf', k: wanted }, degraded: false, short };
  if (input.onShortage === 'block') return { rule: { kind: 'anyOf', k: wanted }, degraded: false, short };
  return { rule: { kind: 'anyOf', k: input.members.length }, degraded: true, short };
}

/**
 * The WAIT count of a policy for clients that wait themselves: enough under whichever replica is the master, with all
 * others following it.
 */
export function waitCountForAnyMaster(group: {
  readonly policy: WritePolicy;
  readonly replicas: readonly { readonly id: ReplicaId; readonly site: SiteName }[];
}): number {
  const counts = group.replicas.map((master) =>
    wantedCount({
      policy: group.policy,
      onShortage: 'block',
      masterSite: master.site,
      declaredSlaves: group.replicas.length - 1,
      members: group.replicas
        .filter((replica) => replica.id !== master.id)
        .map((replica) => ({ replica: replica.id, site: replica.site })),
    }),
  );
  return Math.max(0, ...counts);
}

/**
 * What to publish of that for a declared group. Another policy counts only once its rule is committed: until then a
 * promotion is proven by the rule before. Writes with fewer acknowledgements than that asks for would slip through, and
 * where it asks for none, acknowledgements come from whoever follows the master.
 */
export function publishedWaitCount(group: BrokerGroup): number {
  const set = group.syncSets.at(-1);
  const wanted = waitCountForAnyMaster(group);
  if (set === undefined) return wanted;
  return promisesNothing(set) ? 0 : Math.max(wanted, acknowledgingCount(set));
}
