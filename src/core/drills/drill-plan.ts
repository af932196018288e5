/** What a drill would do, group by group: the lines of the preview, made by the rules that the run itself asks. */
import type { BrokerGroup } from '../metadata/state.ts';
import { must } from '../primitives/assert.ts';
import type { GroupKey, ReplicaId, SiteName } from '../primitives/identifiers.ts';
import type { RefusalCode, Result } from '../primitives/refusal.ts';
import type { MoveTarget } from './move-target.ts';
import type { PolicyOutlook } from './policy-outlook.ts';

type Place = { readonly replica: ReplicaId; readonly site: SiteName };

export type DrillPlanRow = {
  readonly group: GroupKey;
  readonly from: Place;
  /** Null: it could not be moved at this moment, and `problem` says why. */
  readonly move: {
    readonly to: Place;
    readonly lagBytes: bigint;
    readonly why: string;
    readonly after: PolicyOutlook;
    readonly withoutOldIdc: PolicyOutlook | null;
  } | null;
  readonly problem: { readonly code: RefusalCode; readonly message: string } | null;
  /** What a return would wait for before it begins this group: health, a stop, a cool-down. Null: nothing. */
  readonly waitsFor: string | null;
};

export function planRow(
  group: BrokerGroup,
  target: Result<MoveTarget>,
  waitsFor: string | null,
): DrillPlanRow {
  const master = must(
    group.replicas.find(({ id }) => id === group.master),
    'a drill moves groups that have a master',
  );
  const row = { group: group.key, from: { replica: master.id, site: master.site }, waitsFor };
  if (!target.ok) {
    const { code, message } = target.refusal;
    return { ...row, move: null, problem: { code, message } };
  }
  const { to, lagBytes, why, after, withoutOldIdc } = target.value;
  const move = { to: { replica: to.id, site: to.site }, lagBytes, why, after, withoutOldIdc };
  return { ...row, move, problem: null };
}
