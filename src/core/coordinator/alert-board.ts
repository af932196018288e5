/**
 * What needs an operator, one line per group, code and server concerned; raising the same alert again changes nothing
 * but its text.
 */
import type { AlertCode } from '../primitives/alert-code.ts';
import type { GroupKey, ReplicaId } from '../primitives/identifiers.ts';
import type { Instant } from '../primitives/instant.ts';
import type { AlertView } from './views.ts';

export type AlertSubject = {
  readonly group: GroupKey;
  readonly code: AlertCode;
  readonly replica: ReplicaId | null;
};

export type AlertBoard = ReturnType<typeof createAlertBoard>;

const keyOf = ({ group, code, replica }: AlertSubject): string => `${group}#${code}#${replica ?? ''}`;

export function createAlertBoard() {
  const alerts = new Map<string, AlertView>();
  return {
    /** True when this alert was not up before. */
    raise(subject: AlertSubject, message: string, now: Instant): boolean {
      const { group, code, replica } = subject;
      const before = alerts.get(keyOf(subject));
      const sinceWallMs = before?.sinceWallMs ?? now.wallMs;
      alerts.set(keyOf(subject), { group, code, replica, message, sinceWallMs });
      return before === undefined;
    },
    /** True when the alert was up. */
    lower: (subject: AlertSubject): boolean => alerts.delete(keyOf(subject)),
    dropGroup(group: GroupKey): void {
      for (const [key, alert] of alerts) if (alert.group === group) alerts.delete(key);
    },
    /** On a follower: what the leader shows, so that every node answers alike. */
    replace(shown: readonly AlertView[]): void {
      alerts.clear();
      for (const alert of shown) alerts.set(keyOf(alert), alert);
    },
    clear: (): void => alerts.clear(),
    list: (): AlertView[] => [...alerts.values()].sort((left, right) => right.sinceWallMs - left.sinceWallMs),
  };
}
