/**
 * What becomes of a promotion that ends without a reign. It is kept until the next reign is active, because its
 * candidate may have been made a master all the same: failover has to know which process that was, where its stream
 * branched off, and whom it let in. When a reign becomes active, the promotions that its stream runs through were reigns,
 * if short ones, and all others are no part of the history any more.
 */
import { LIMITS } from '../primitives/limits.ts';
import type { BrokerGroup, GivenUpPromotion, GroupPhase, Reign } from './state.ts';

type Promoting = Extract<GroupPhase, { kind: 'promoting' }>;
type Branch = { readonly epoch: number; readonly lineage: GivenUpPromotion['lineage'] };

/** The group's list once the phase under way gives way to another fencing. */
export function givenUpWith(group: Pick<BrokerGroup, 'phase' | 'givenUp' | 'syncSets'>): GivenUpPromotion[] {
  const { phase, givenUp, syncSets } = group;
  if (phase.kind !== 'promoting') return [...givenUp];
  const { epoch, candidate, incarnation, cut, cutLineage, cutEpoch } = phase;
  const members = (syncSets.at(-1)?.members ?? []).map((member) => ({
    replica: member.replica,
    incarnation: member.incarnation,
  }));
  const promotion = { epoch, candidate, incarnation, cut, cutLineage, cutEpoch, members, lineage: null };
  return [...givenUp, promotion].slice(-LIMITS.promotionsGivenUp);
}

/** With the lineages that were found out meanwhile. What was found first stays. */
export const withBranches = (
  givenUp: readonly GivenUpPromotion[],
  branches: readonly Branch[],
): GivenUpPromotion[] =>
  givenUp.map((promotion) => ({
    ...promotion,
    lineage:
      promotion.lineage ?? branches.find((branch) => branch.epoch === promotion.epoch)?.lineage ?? null,
  }));

/**
 * The group's reigns once `reign`, out of `phase`, is the newest. Where it is not known what its stream goes on from,
 * no older place can be compared with it, and the history begins with it.
 */
export function reignsWith(
  group: Pick<BrokerGroup, 'reigns' | 'givenUp'>,
  phase: Promoting,
  reign: Reign,
): Reign[] {
  const chain = [reign];
  let before = phase.cutEpoch;
  for (const promotion of group.givenUp.toReversed()) {
    if (promotion.epoch !== before || promotion.lineage === null) continue;
    const { epoch, candidate: master, incarnation, lineage, cut } = promotion;
    chain.unshift({ epoch, master, incarnation, lineage, cut });
    before = promotion.cutEpoch;
  }
  const isKnown = group.reigns.some((known) => known.epoch === before);
  return [...(isKnown ? group.reigns : []), ...chain].slice(-LIMITS.reignsPerGroup);
}
