/**
 * Alerts that what somebody else asked for gives rise to: a second cluster that claims a broker name, a master that would
 * let its last remote member go. They are renewed as often as it is asked again, and lowered when it is not any more.
 */
import type { BrokerSet } from '../../metadata/broker-set-state.ts';
import type { Command } from '../../metadata/command.ts';
import type { AlertCode } from '../../primitives/alert-code.ts';
import type { Instant } from '../../primitives/instant.ts';
import type { Refusal } from '../../primitives/refusal.ts';
import type { SetContext } from './set-context.ts';
import type { SetRun } from './set-run.ts';

/** Brokers register every 30 s, and masters ask for their sync state set every 5 s. */
const KEPT_MS: ReadonlyMap<AlertCode, number> = new Map([
  ['duplicateName', 90_000],
  ['shortage', 20_000],
]);

export function heedRefusal(sets: SetContext, command: Command, { code }: Refusal, now: Instant): void {
  if (!sets.context.leads(now)) return;
  if (command.type === 'brokerSet.alterSyncStateSet' && code === 'lastRemoteMember') {
    const set = sets.setOf(command.name);
    if (set !== null)
      renew(
        sets,
        set,
        'shortage',
        `Master ${set.master} of broker set ${set.name} has lost every member of its sync state set outside its IDC, which the policy does not let it drop: writes wait. Bring one back, or let them go on with pollux broker-set set ${set.name} --on-shortage degrade.`,
        now,
      );
    return;
  }
  const isClaim =
    command.type === 'registration.set' ||
    command.type === 'brokerSet.applyId' ||
    command.type === 'brokerSet.registerBroker';
  if (!isClaim || code !== 'brokerNameTaken') return;
  const set = sets.setOf(command.name);
  if (set === null) return;
  renew(
    sets,
    set,
    'duplicateName',
    `A broker at ${command.address} claims the name of broker set ${set.name} for cluster ${command.cluster}; it is refused. Broker names are unique over all clusters: rename one of them.`,
    now,
  );
}

function renew(sets: SetContext, set: BrokerSet, code: AlertCode, message: string, now: Instant): void {
  sets.run(set, now).alertedMs.set(code, now.monotonicMs);
  sets.raise(set, code, message, now);
}

export function lowerAlerts(sets: SetContext, set: BrokerSet, run: SetRun, now: Instant): void {
  for (const [code, keptMs] of KEPT_MS) {
    const atMs = run.alertedMs.get(code);
    if (atMs === undefined || now.monotonicMs - atMs < keptMs) continue;
    run.alertedMs.delete(code);
    sets.lower(set, code);
  }
}
