/** Who may replicate from a running server, and which producers' user may write to it. */
import type { SteerAction, SteerOutcome } from '../../../core/failover/steering.ts';
import { PING_PERIOD, setCommand, timeFenceSettings } from '../managed-settings.ts';
import { done, failed } from '../outcome.ts';
import {
  type ActionContext,
  expectIncarnation,
  grantChange,
  killStrangers,
  verifyGrants,
} from './context.ts';

type Grant = Extract<SteerAction, { kind: 'grant' }>;

export async function grant(context: ActionContext, action: Grant): Promise<SteerOutcome> {
  const opened = await context.hand();
  if (!opened.ok) return failed(opened);
  const hand = opened.value;
  const expected = await expectIncarnation(hand, action.expectedIncarnation);
  if (!expected.ok) return failed(expected);
  const users = await hand.askForStrings(['ACL', 'USERS']);
  if (!users.ok) return failed(users);
  const strangers = await killStrangers(hand, action.members);
  if (!strangers.ok) return failed(strangers);
  const { removals, additions } = grantChange(context.settings, users.value, action.members, action.producer);
  // A leader that died in the middle of a planned move left the master without pings.
  const settings: (readonly [string, string])[] = [['repl-ping-replica-period', PING_PERIOD.running]];
  if (action.producer !== null) settings.push(...timeFenceSettings(action.producer.timeFence));
  const changed = await hand.transact([...removals, ...strangers.value, ...additions, setCommand(settings)]);
  if (!changed.ok) return failed(changed);
  const granted = await verifyGrants(hand, action.members, action.producer);
  if (!granted.ok) return failed(granted);
  const report = await hand.report();
  return report.ok ? done(report.value) : failed(report);
}
