/** Look-ups about drills that several rooms need. */
import type { GroupKey, SiteName } from '../primitives/identifiers.ts';
import { type Drill, type IdcState, type ReturnRule, TIER_RULE } from './drill-state.ts';
import { masterOf } from './queries.ts';
import type { BrokerGroup, MetadataState } from './state.ts';

/** The drill that runs; null while none does. */
export function runningDrill(state: Pick<MetadataState, 'drills'>): Drill | null {
  const newest = state.drills.at(-1);
  return newest?.outcome === 'running' ? newest : null;
}

/**
 * The group is fenced by a move of a drill that was aborted meanwhile: its old master is wished for, which decides as long
 * as it holds as much as any other.
 */
export function isTakenBack(
  state: Pick<MetadataState, 'drills' | 'drillMoves'>,
  group: BrokerGroup,
): boolean {
  const { phase } = group;
  const move = state.drillMoves.get(group.key);
  return (
    runningDrill(state)?.abort != null &&
    move?.state === 'moving' &&
    phase.kind === 'fencing' &&
    phase.reason === 'switchover' &&
    phase.preferred === move.to &&
    group.master === move.from
  );
}

type Idcs = Pick<MetadataState, 'sites' | 'idcStates'>;

export const stateOfIdc = ({ idcStates }: Pick<MetadataState, 'idcStates'>, idc: SiteName): IdcState =>
  idcStates.get(idc) ?? 'active';

/** IDCs that masters may stand in without being in somebody's way. */
export const activeIdcs = (state: Idcs): SiteName[] =>
  [...state.sites.values()]
    .filter(({ name, kind }) => kind === 'idc' && stateOfIdc(state, name) === 'active')
    .map(({ name }) => name);

/** The group's own rule, else that of the tier. */
export const returnRuleOf = (
  { returnRules }: Pick<MetadataState, 'returnRules'>,
  group: GroupKey,
): ReturnRule | null => returnRules.get(group) ?? returnRules.get(TIER_RULE) ?? null;

/** Where its master belongs: the IDC that an evacuation took it out of, else the one that its rule prefers. */
export const homeOf = (
  state: Pick<MetadataState, 'returnRules' | 'evacuatedFrom'>,
  group: GroupKey,
): SiteName | null => state.evacuatedFrom.get(group) ?? returnRuleOf(state, group)?.preferredIdc ?? null;

export const hostsReplica = (group: BrokerGroup, idc: SiteName): boolean =>
  group.replicas.some(({ site }) => site === idc);

/** Groups that an evacuation of this IDC has to move, or has to name because somebody else steers them. */
export const groupsToEvacuate = (state: MetadataState, idc: SiteName): BrokerGroup[] =>
  [...state.groups.values()].filter((group) => masterOf(group)?.site === idc);

/** Groups that belong into this IDC, could be moved there, and do not stand there. */
export const groupsToReturn = (state: MetadataState, idc: SiteName): BrokerGroup[] =>
  [...state.groups.values()].filter((group) => {
    const master = masterOf(group);
    const isAway = master !== null && master.site !== idc && homeOf(state, group.key) === idc;
    return isAway && hostsReplica(group, idc) && !group.watchOnly;
  });
