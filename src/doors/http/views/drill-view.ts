/** An evacuation or a return: its line, its page, and the lines of its preview. */
import type {
  DrillDetail,
  DrillPlanAnswer,
  DrillSummary,
  ReturnRuleAnswer,
} from '../../../contract/drills.ts';
import type { ReplyValue } from '../../../core/coordinator/requests.ts';
import { type Drill, type ReturnRule, TIER_RULE } from '../../../core/metadata/drill-state.ts';
import type { MetadataState } from '../../../core/metadata/state.ts';
import { parseGroupKey } from '../../../core/primitives/identifiers.ts';
import { keyParts } from './key-parts.ts';

export function drillSummaryView(drill: Drill): DrillSummary;
export function drillSummaryView(drill: Drill | null): DrillSummary | null;
export function drillSummaryView(drill: Drill | null): DrillSummary | null {
  if (drill === null) return null;
  const { abort, troubles: _troubles, changedWallMs: _changed, ...rest } = drill;
  return { ...rest, counts: { ...rest.counts }, abortedBy: abort?.by ?? null };
}

export function drillDetailView(state: MetadataState, drill: Drill): DrillDetail {
  const isNewest = state.drills.at(-1) === drill;
  return {
    ...drillSummaryView(drill),
    moves: isNewest
      ? [...state.drillMoves.values()].map(({ group, ...move }) => ({ ...keyParts(group), ...move }))
      : [],
    troubles: drill.troubles.map(({ group, detail }) => ({ ...keyParts(group), detail })),
  };
}

type DrillPlan = Extract<ReplyValue, { kind: 'drillPlan' }>;

export const drillPlanView = ({ rows, leftOff }: DrillPlan): DrillPlanAnswer => ({
  kind: 'drillPlan',
  rows: rows.map(({ group, move, ...row }) => ({
    ...keyParts(group),
    ...row,
    move: move === null ? null : { ...move, lagBytes: move.lagBytes.toString() },
  })),
  leftOff,
});

export const returnRuleView = (key: string, rule: ReturnRule): ReturnRuleAnswer => ({
  scope: key === TIER_RULE ? { kind: 'all' } : { kind: 'group', ...keyParts(parseGroupKey(key)) },
  ...rule,
});
