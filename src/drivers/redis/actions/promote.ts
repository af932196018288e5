/**
 * Making a fenced member the master of a new reign. Done again on a server that already is that master it changes
 * nothing: its members keep their links and its lineage stays.
 */
import type { SteerAction, SteerOutcome } from '../../../core/failover/steering.ts';
import type { ServerReport } from '../../../core/liveness/observation.ts';
import { startBacklog } from '../backlog.ts';
import type { Command } from '../connections.ts';
import { hasBacklog } from '../info-report.ts';
import { PING_PERIOD, setCommand, timeFenceSettings } from '../managed-settings.ts';
import { done, failed, type Step, stop, taken } from '../outcome.ts';
import { type Hand, reportFrom } from '../steering-hand.ts';
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

/** What is asked before the transaction, and has to be answered by the process that was revoked and read. */
async function look(hand: Hand, action: Promote): Promise<Step<Looked>> {
  const [before, users, strangers] = await Promise.all([
    expectIncarnation(hand, action.expectedIncarnation),
    hand.askForStrings(['ACL', 'USERS']),
    // Whoever already follows a candidate would acknowledge the first writes of the new reign.
    killStrangers(hand, action.members),
  ]);
  if (!before.ok) return before;
  if (!users.ok) return users;
  return strangers.ok
    ? taken({ before: before.value, users: users.value, strangers: strangers.value })
    : strangers;
}

type Looked = {
  readonly before: ServerReport;
  readonly users: readonly string[];
  readonly strangers: readonly Command[];
};

/**
 * Everything that is read after the transaction goes out together with it: clients wait for a master meanwhile. Only a
 * server without a backlog has to be asked again, once its stream has begun.
 */
async function makeMaster(
  hand: Hand,
  context: ActionContext,
  action: Promote,
  { users, strangers }: Looked,
): Promise<Step<ServerReport>> {
  const [promoted, granted, fields] = await Promise.all([
    hand.transact(promotionCommands(context, action, users, strangers)),
    verifyGrants(hand, action.members, action.producer),
    hand.reportFields(),
  ]);
  if (!promoted.ok) return promoted;
  if (!fields.ok) return fields;
  if (hasBacklog(fields.value)) return granted.ok ? reportFrom(fields.value) : granted;
  const started = await startBacklog(hand, context);
  if (!started.ok) return started;
  const grantedStill = await verifyGrants(hand, action.members, action.producer);
  return grantedStill.ok ? hand.report() : grantedStill;
}

export async function promote(context: ActionContext, action: Promote): Promise<SteerOutcome> {
  const opened = await context.hand();
  if (!opened.ok) return failed(opened);
  const hand = opened.value;
  const looked = await look(hand, action);
  if (!looked.ok) return failed(looked);
  const { before } = looked.value;
  const fit = expectCandidate(before, action, blackholeAddress(context.settings.blackhole));
  if (!fit.ok) return failed(fit);
  const after = await makeMaster(hand, context, action, looked.value);
  if (!after.ok) return failed(after);
  const verified = expectMaster(before, after.value, action);
  return verified.ok ? done(after.value) : failed(verified);
}
