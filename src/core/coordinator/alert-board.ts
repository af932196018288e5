/** What needs an operator, one line per group and code; raising the same alert again changes nothing but its text. */
import type { GroupKey } from '../primitives/identifiers.ts';
import type { Instant } from '../primitives/instant.ts';
import type { AlertView } from './views.ts';

export type AlertBoard = ReturnType<typeof createAlertBoard>;

export function createAlertBoard() {
  const alerts = new Map<string, AlertView>();
  const keyOf = (group: GroupKey, code: AlertView['code']): string => `${group}#${code}`;
  return {
    /** True when this alert was not up before. */
    raise(group: GroupKey, code: AlertView['code'], message: string, now: Instant): boolean {
      const key = keyOf(group, code);
      const before = alerts.get(key);
      alerts.set(key, { group, code, message, sinceWallMs: before?.sinceWallMs ?? now.wallMs });
      return before === undefined;
    },
    /** True when the alert was up. */
    lower: (group: GroupKey, code: AlertView['code']): boolean => alerts.delete(keyOf(group, code)),
    dropGroup(group: GroupKey): void {
      for (const [key, alert] of alerts) if (alert.group === group) alerts.delete(key);
    },
    /** On a follower: what the leader shows, so that every node answers alike. */
    replace(shown: readonly AlertView[]): void {
      alerts.clear();
      for (const alert of shown) alerts.set(keyOf(alert.group, alert.code), alert);
    },
    clear: (): void => alerts.clear(),
    list: (): AlertView[] => [...alerts.values()].sort((left, right) => right.sinceWallMs - left.sinceWallMs),
  };
}
