/** Evacuations and returns for people: the preview, the run with its groups, and one line of a list. */
import type {
  DrillDetail,
  DrillMoveAnswer,
  DrillPlanAnswer,
  DrillSummary,
  IdcAnswer,
} from '../contract/drills.ts';
import type { Paint } from './paint.ts';
import { facts, section, table } from './table.ts';
import { durationText, timeText } from './words.ts';

type Outlook = NonNullable<DrillPlanAnswer['rows'][number]['move']>['after'];

/** `evacuation of idc-a`, `return to idc-a`. */
export const drillName = ({ kind, idc }: Pick<DrillSummary, 'kind' | 'idc'>): string =>
  kind === 'evacuation' ? `evacuation of ${idc}` : `return to ${idc}`;

function paintedOutlook(paint: Paint, { state, waitCount }: Outlook): string {
  switch (state) {
    case 'met':
      return paint.good(`met, wait ${waitCount}`);
    case 'degraded':
      return paint.warning(`degraded, wait ${waitCount}`);
    case 'blocked':
      return paint.bad('blocked');
  }
}

/** `leavesIdc`: the IDC that may be switched off afterwards, where there is one. */
export function drillPlanText(
  paint: Paint,
  name: string,
  leavesIdc: string | null,
  plan: DrillPlanAnswer,
): string {
  const movable = plan.rows.filter(({ move }) => move !== null).length;
  const head = facts([
    ['plan for', `${name} (nothing was changed)`],
    ['groups', `${plan.rows.length + plan.leftOff}, ${movable} of those shown can be moved now`],
  ]);
  const rows = plan.rows.flatMap(({ cluster, group, from, move }) => {
    if (move === null) return [];
    const outlook = move.withoutOldIdc === null ? '' : paintedOutlook(paint, move.withoutOldIdc);
    return [
      [
        `${cluster}/${group}`,
        `${from.replica} (${from.site})`,
        `${move.to.replica} (${move.to.site})`,
        `${move.lagBytes} B`,
        paintedOutlook(paint, move.after),
        ...(leavesIdc === null ? [] : [outlook]),
        move.why,
      ],
    ];
  });
  const stuck = plan.rows
    .filter(({ problem }) => problem !== null)
    .map(({ cluster, group, problem }) => [
      `${cluster}/${group}`,
      problem?.code ?? '',
      problem?.message ?? '',
    ]);
  const waiting = plan.rows.flatMap(({ cluster, group, waitsFor }) =>
    waitsFor === null ? [] : [[`${cluster}/${group}`, waitsFor]],
  );
  const without = leavesIdc === null ? [] : [`WITHOUT ${leavesIdc}`];
  const headings = ['GROUP', 'FROM', 'TO', 'LAG', 'POLICY AFTERWARDS', ...without, 'WHY THIS ONE'];
  return [
    `${head}\n`,
    section(paint, 'MOVES', rows.length === 0 ? '' : table(paint, headings, rows)),
    section(paint, 'WAITS FIRST', waiting.length === 0 ? '' : table(paint, ['GROUP', 'WHY'], waiting)),
    section(paint, 'CANNOT MOVE', stuck.length === 0 ? '' : table(paint, ['GROUP', 'CODE', 'WHY'], stuck)),
    plan.leftOff === 0 ? '' : `\n${plan.leftOff} more groups are not shown\n`,
  ].join('');
}

export function paintedDrillOutcome(paint: Paint, outcome: DrillSummary['outcome']): string {
  if (outcome === 'completed') return paint.good(outcome);
  return outcome === 'incomplete' ? paint.bad(outcome) : paint.warning(outcome);
}

/** `moved 3, waiting 2`: states that no group is in are left out. */
export function countsText({ counts }: Pick<DrillSummary, 'counts'>): string {
  const shown = Object.entries(counts).filter(([, count]) => count > 0);
  return shown.map(([state, count]) => `${state} ${count}`).join(', ') || 'no groups';
}

function paintedState(paint: Paint, state: DrillMoveAnswer['state']): string {
  if (state === 'moved') return paint.good(state);
  return state === 'failed' ? paint.bad(state) : paint.warning(state);
}

export function drillText(paint: Paint, drill: DrillDetail): string {
  const endWallMs = drill.endedWallMs;
  const head = facts([
    ['drill', drill.id],
    ['what', drillName(drill)],
    ['by', drill.by],
    ['limits', `${drill.parallel} groups and ${drill.resyncs} full resyncs at once`],
    ['began', timeText(drill.startedWallMs)],
    ['took', endWallMs === null ? 'not over yet' : durationText(endWallMs - drill.startedWallMs)],
    ['outcome', paintedDrillOutcome(paint, drill.outcome)],
    ['groups', countsText(drill)],
    ...(drill.abortedBy === null ? [] : [['aborted by', drill.abortedBy] as const]),
  ]);
  const rows = drill.moves.map((move) => [
    `${move.cluster}/${move.group}`,
    paintedState(paint, move.state),
    `${move.from} -> ${move.to ?? '?'}`,
    String(move.attempts),
    move.detail,
  ]);
  const troubles = drill.troubles.map(({ cluster, group, detail }) => [`${cluster}/${group}`, detail]);
  const kept = rows.length > 0 || troubles.length === 0 ? '' : table(paint, ['GROUP', 'WHY'], troubles);
  return [
    `${head}\n`,
    section(
      paint,
      'GROUPS',
      rows.length === 0 ? '' : table(paint, ['GROUP', 'STATE', 'MOVE', 'TRIES', 'DETAIL'], rows),
    ),
    section(paint, 'NOT AS ASKED', kept),
  ].join('');
}

export const idcTable = (paint: Paint, idcs: readonly IdcAnswer[]): string =>
  table(
    paint,
    ['IDC', 'STATE', 'MASTERS'],
    idcs.map(({ name, state, masters }) => [
      name,
      state === 'active' ? paint.good(state) : paint.warning(state),
      String(masters),
    ]),
  );

export const drillLine = (paint: Paint, drill: DrillSummary): string =>
  `${drillName(drill)} by ${drill.by}: ${paintedDrillOutcome(paint, drill.outcome)}, ${countsText(drill)} (${drill.id})`;
