/**
 * Giving a server back to its operator. `default` gets all commands again and every user of pollux goes. A
 * server that follows the blackhole is left following it: pollux never makes a master while it lets go.
 *
 * Its file is written as it then runs, so that a restart keeps its role, whoever steers it from now on. Where that fails
 * the operator is told; until it is done (`CONFIG REWRITE`, which `default` may run again) a restart boots it fenced.
 */
import type { SteerOutcome } from '../../../core/failover/steering.ts';
import { isGrant, isPolluxUser, KEEPER_USER } from '../access-rules.ts';
import type { Command } from '../connections.ts';
import { done, failed, type Step, stop, taken } from '../outcome.ts';
import { readSettings } from '../prepare.ts';
import { type Hand, openOwner } from '../steering-hand.ts';
import type { ActionContext } from './context.ts';

/** A replica goes on following its master as `default`, with the applications' password. */
async function openUp(context: ActionContext, hand: Hand): Promise<Step<unknown>> {
  const users = await hand.askForStrings(['ACL', 'USERS']);
  if (!users.ok) return users;
  const grants = users.value.filter(isGrant);
  const { applicationPassword } = context.settings;
  return hand.transact([
    ['ACL', 'SETUSER', 'default', '+@all'],
    ...(grants.length === 0 ? [] : [['ACL', 'DELUSER', ...grants]]),
    [
      'CONFIG',
      'SET',
      'min-replicas-to-write',
      '0',
      'masteruser',
      '',
      'masterauth',
      applicationPassword ?? '',
    ],
    ['CLIENT', 'UNPAUSE'],
  ]);
}

async function rewriteFile(owner: Hand): Promise<Step<unknown>> {
  const settings = await readSettings(owner, ['aclfile']);
  if (!settings.ok) return settings;
  const commands: Command[] = [['CONFIG', 'REWRITE']];
  if ((settings.value.get('aclfile') ?? '') !== '') commands.push(['ACL', 'SAVE']);
  return owner.transact(commands);
}

/** With the operator's account, because the users of pollux can't delete themselves and then go on. */
async function removeUsers(owner: Hand): Promise<Step<null>> {
  const users = await owner.askForStrings(['ACL', 'USERS']);
  if (!users.ok) return users;
  const ours = users.value.filter(isPolluxUser);
  if (ours.length === 0) return taken(null);
  const deleted = await owner.ask(['ACL', 'DELUSER', ...ours]);
  return deleted.ok ? taken(null) : deleted;
}

/** A server without the keeper was released before, unless another secret rules it. */
async function isReleased(owner: Hand): Promise<Step<null>> {
  const users = await owner.askForStrings(['ACL', 'USERS']);
  if (!users.ok) return users;
  return users.value.includes(KEEPER_USER)
    ? stop('refused', 'otherSecret', 'the server is managed with another steering secret')
    : taken(null);
}

async function letGo(context: ActionContext, owner: Hand, wasManaged: boolean): Promise<SteerOutcome> {
  if (!wasManaged) {
    const released = await isReleased(owner);
    if (!released.ok) return failed(released);
  }
  const removed = await removeUsers(owner);
  if (!removed.ok) return failed(removed);
  const report = await owner.report();
  if (!report.ok) return failed(report);
  if (wasManaged) {
    const written = await rewriteFile(owner);
    if (!written.ok) return failed(written);
  }
  return context.target.isCurrent()
    ? done(report.value)
    : failed(stop('superseded', 'superseded', 'newer term'));
}

export async function release(context: ActionContext): Promise<SteerOutcome> {
  const hand = await context.hand();
  if (!hand.ok && hand.code !== 'notPrepared') return failed(hand);
  if (hand.ok) {
    const opened = await openUp(context, hand.value);
    if (!opened.ok) return failed(opened);
  }
  const owner = await openOwner(context.settings, context.target);
  if (!owner.ok) return failed(owner);
  try {
    return await letGo(context, owner.value, hand.ok);
  } finally {
    owner.value.close();
  }
}
