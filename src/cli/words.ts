/** How values are worded for people. Times are UTC, so that the pages of two operators agree. */
import type { AlertAnswer } from '../contract/alerts.ts';
import type { ProbeOutcomeAnswer } from '../contract/evidence.ts';
import type { GroupPhaseAnswer, GroupSummary } from '../contract/groups.ts';
import type { StopAnswer } from '../contract/stops.ts';
import { unreachable } from '../core/primitives/assert.ts';
import type { Paint } from './paint.ts';
import { section, table } from './table.ts';

export const timeText = (wallMs: number): string => new Date(wallMs).toISOString().replace('T', ' ');

export const yesNo = (value: boolean): string => (value ? 'yes' : 'no');

export const countText = (count: number | null): string => (count === null ? '-' : String(count));

/** Milliseconds as an operator reads them. */
export function durationText(durationMs: number): string {
  if (durationMs < 1_000) return `${Number(durationMs.toFixed(durationMs < 10 ? 2 : 0))} ms`;
  return durationMs < 120_000
    ? `${(durationMs / 1_000).toFixed(1)} s`
    : `${Math.round(durationMs / 60_000)} min`;
}

export const timeFenceText = (seconds: number): string => (seconds === 0 ? 'off' : `${seconds} s`);

export function phaseText(phase: GroupPhaseAnswer): string {
  switch (phase.kind) {
    case 'active':
      return 'active';
    case 'fencing':
      return `fencing, epoch ${phase.epoch} (${phase.reason})`;
    case 'promoting':
      return `promoting ${phase.candidate}, epoch ${phase.epoch} (${phase.reason})`;
    default:
      return unreachable(phase);
  }
}

/** A group before its first reign has an active phase and no master: nothing can be written to it. */
export const isServing = (group: Pick<GroupSummary, 'phase' | 'master'>): boolean =>
  group.phase.kind === 'active' && group.master !== null;

export function paintedPhase(
  paint: Paint,
  group: Pick<GroupSummary, 'phase' | 'master' | 'watchOnly'>,
): string {
  if (group.watchOnly) return paint.warning(isServing(group) ? 'watched' : 'waiting to see its master');
  if (isServing(group)) return paint.good('active');
  return paint.warning(group.phase.kind === 'active' ? 'waiting to be taken in' : phaseText(group.phase));
}

/** Whether pollux acts on the group by itself. */
export function automaticText(
  paint: Paint,
  { watchOnly, automaticStopped }: Pick<GroupSummary, 'watchOnly' | 'automaticStopped'>,
): string {
  if (watchOnly) return paint.warning('watch-only');
  return automaticStopped ? paint.warning('stopped') : 'on';
}

export function masterText({ master }: Pick<GroupSummary, 'master'>): string {
  return master === null ? 'none yet' : `${master.replica} (${master.site}, ${master.address})`;
}

export function outcomeText(outcome: ProbeOutcomeAnswer): string {
  switch (outcome.kind) {
    case 'answered': {
      const { report } = outcome;
      if (report.loading) return 'loading its data';
      if (report.follows === null) return `${report.role}, ${report.connectedSlaves} attached`;
      const link = report.follows.syncing ? 'syncing' : report.follows.linkUp ? 'up' : 'down';
      return `${report.role} of ${report.follows.address}, link ${link}`;
    }
    case 'answeredError':
      return `answered an error: ${outcome.error}`;
    case 'disconnected':
      return `connection lost: ${outcome.error}`;
    case 'refused':
      return `refused: ${outcome.error}`;
    case 'silent':
      return `silent for ${durationText(outcome.waitedMs)}`;
    default:
      return unreachable(outcome);
  }
}

export function scopeText(scope: StopAnswer['scope']): string {
  switch (scope.kind) {
    case 'all':
      return 'everywhere';
    case 'idc':
      return `IDC ${scope.site}`;
    case 'group':
      return `group ${scope.cluster}/${scope.group}`;
    default:
      return unreachable(scope);
  }
}

export function alertSection(paint: Paint, alerts: readonly AlertAnswer[]): string {
  const lines = alerts.map(
    ({ cluster, group, code, message, sinceWallMs }) =>
      `${paint.bad('!')} ${cluster}/${group} ${paint.bad(code)} since ${timeText(sinceWallMs)}\n  ${message}`,
  );
  return section(paint, 'NEEDS AN OPERATOR', lines.join('\n'));
}

export function stopTable(paint: Paint, stops: readonly StopAnswer[]): string {
  return table(
    paint,
    ['STOPPED', 'SINCE', 'UNTIL', 'BY', 'REASON'],
    stops.map(({ scope, sinceWallMs, untilWallMs, by, reason }) => [
      scopeText(scope),
      timeText(sinceWallMs),
      untilWallMs === null ? 'until lifted' : timeText(untilWallMs),
      by,
      reason,
    ]),
  );
}

export function groupTable(paint: Paint, groups: readonly GroupSummary[]): string {
  return table(
    paint,
    ['GROUP', 'KIND', 'PHASE', 'EPOCH', 'MASTER', 'POLICY', 'ON SHORTAGE', 'WAIT', 'REPLICAS', 'AUTOMATIC'],
    groups.map((group) => [
      `${group.cluster}/${group.name}`,
      group.kind,
      paintedPhase(paint, group),
      String(group.epoch),
      masterText(group),
      group.degraded ? paint.warning(`${group.policy}, degraded`) : group.policy,
      group.onShortage,
      countText(group.waitCount),
      String(group.replicas),
      automaticText(paint, group),
    ]),
  );
}
