/** The preview of an evacuation or a return: what would be refused is refused, the rest is asked group by group. */
import { planRow } from '../drills/drill-plan.ts';
import { checkDrillBegin, groupsOfDrill } from '../metadata/commands/drill-begin.ts';
import type { BrokerGroup } from '../metadata/state.ts';
import type { Instant } from '../primitives/instant.ts';
import { LIMITS } from '../primitives/limits.ts';
import { accepted } from '../primitives/refusal.ts';
import type { Context } from './context.ts';
import type { Asker } from './effects.ts';
import { planMove } from './planned-move.ts';
import type { ClientReply, ClientRequest } from './requests.ts';
import type { ReturnWatch } from './return-watch.ts';

export type DrillPlan = Extract<ClientRequest, { type: 'drillPlan' }>;

/** The state in which the run would choose: the IDC of an evacuation counts as draining, that of a return as open. */
function stateInRun(
  context: Context,
  { kind, idc }: DrillPlan,
): Pick<ReturnType<Context['state']>, 'idcStates'> {
  const idcStates = new Map(context.state().idcStates);
  if (kind === 'evacuation') idcStates.set(idc, 'draining');
  else idcStates.delete(idc);
  return { idcStates };
}

export function planDrill(
  context: Context,
  watch: ReturnWatch,
  asker: Asker,
  request: DrillPlan,
  now: Instant,
): void {
  const reply = (answer: ClientReply): void => context.emit({ kind: 'reply', asker, reply: answer });
  const { kind, idc, groups } = request;
  const checked = checkDrillBegin(context.state(), { kind, idc, groups });
  if (!checked.ok) {
    reply(checked);
    return;
  }
  const wish = { to: null, into: kind === 'return' ? idc : null };
  const inRun = stateInRun(context, request);
  const row = (group: BrokerGroup) => {
    const waitsFor = kind === 'return' ? watch.whyNotYet(group, idc, 0, now) : null;
    return planRow(group, planMove(context, group, wish, now, inRun), waitsFor);
  };
  const concerned = groupsOfDrill(context.state(), request);
  const rows = concerned.slice(0, LIMITS.drillPlanRows).map(row);
  reply(accepted({ kind: 'drillPlan', rows, leftOff: concerned.length - rows.length }));
}
