/**
 * Making a fenced member the master of a new reign. Done again on a server that already is that master it changes
 * nothing: its members keep their links and its lineage stays.
 */
import type { SteerAction, SteerOutcome } from '../../../core/failover/steering.ts';
import type { ServerReport } from '../../../core/liveness/observation.ts';
import { startBacklog } from '../backlog.ts';
import type { Command } from '../connections.ts';
import { PING_PERIOD, setCommand, timeFenceSettings } from '../managed-settings.ts';
import { done, failed, type Step, stop, taken } from '../outcome.ts';
import type { Hand } from '../steering-hand.ts';
import {
  type ActionContext,
  blackholeAddress,
  expectIncarnation,
  grantChange,
  killStrangers,
  verifyGrants,
} from './context.ts';

type Promote = Extract<SteerAction, { kind: 'promote' }>;

/** A candidate is promoted only in the state in which it was revoked and read. */
function expectCandidate(report: ServerReport, action: Promote, blackhole: string): Step<null> {
  if (report.loading) return stop('mismatch', 'loading', 'the server is loading its data set');
  if (report.offset < action.minimumOffset) {
    return stop(
      'mismatch',
      'behind',
      `offset is ${report.offset}, at least ${action.minimumOffset} was expected`,
    );
  }
  if (report.follows !== null && report.follows.address !== blackhole) {
    return stop('mismatch', 'notFenced', `it follows ${report.follows.address} and is not fenced`);
  }
  return taken(null);
}

/** What the server has to be after the transaction. */
function expectMaster(before: ServerReport, after: ServerReport, action: Promote): Step<null> {
  if (after.role !== 'master')
    return stop('mismatch', 'notVerified', 'it is not a master after its promotion');
  if (after.incarnation !== before.incarnation) return stop('mismatch', 'otherIncarnation', 'it restarted');
  if (after.offset < action.minimumOffset) return stop('mismatch', 'behind', `offset is ${after.offset}`);
  return taken(null);
}

export function promotionCommands(
  context: ActionContext,
  action: Promote,
  users: readonly string[],
  strangers: readonly Command[],
): readonly Command[] {
  const { removals, additions } = grantChange(context.settings, users, action.members, action.producer);
  return [
    ...removals,
    ...strangers,
    ...additions,
    setCommand([...timeFenceSettings(action.producer.timeFence), ['masteruser', ''], ['masterauth', '']]),
    setCommand([['repl-ping-replica-period', PING_PERIOD.running]]),
    ['CLIENT', 'UNPAUSE'],
    ['REPLICAOF', 'NO', 'ONE'],
  ];
}

async function makeMaster(hand: Hand, context: ActionContext, action: Promote): Promise<Step<unknown>> {
  const users = await hand.askForStrings(['ACL', 'USERS']);
  if (!users.ok) return users;
  // Whoever already follows a candidate would acknowledge the first writes of the new reign.
  const strangers = await killStrangers(hand, action.members);
  if (!strangers.ok) return strangers;
  return hand.transact(promotionCommands(context, action, users.value, strangers.value));
}

export async function promote(context: ActionContext, action: Promote): Promise<SteerOutcome> {
  const opened = await context.hand();
  if (!opened.ok) return failed(opened);
  const hand = opened.value;
  const before = await expectIncarnation(hand, action.expectedIncarnation);
  if (!before.ok) return failed(before);
  const fit = expectCandidate(before.value, action, blackholeAddress(context.settings.blackhole));
  if (!fit.ok) return failed(fit);
  const promoted = await makeMaster(hand, context, action);
  if (!promoted.ok) return failed(promoted);
  const started = await startBacklog(hand, context);
  if (!started.ok) return failed(started);
  const granted = await verifyGrants(hand, action.members, action.producer);
  if (!granted.ok) return failed(granted);
  const after = await hand.report();
  if (!after.ok) return failed(after);
  const verified = expectMaster(before.value, after.value, action);
  return verified.ok ? done(after.value) : failed(verified);
}
