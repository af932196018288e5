/**
 * Revoking: after it this server acknowledges nothing and helps nobody to acknowledge. One transaction, so
 * that no moment exists in which half of it holds; the report is read after it, because an offset read before
 * may still grow.
 */
import type { SteerAction, SteerOutcome } from '../../../core/failover/steering.ts';
import type { ServerReport } from '../../../core/liveness/observation.ts';
import { closeOtherDoors, isGrant, isPolluxUser, restrictedRules } from '../access-rules.ts';
import type { Command } from '../connections.ts';
import { FENCED_SETTINGS, PING_PERIOD, setCommand } from '../managed-settings.ts';
import { done, failed, type Step } from '../outcome.ts';
import { keptCommands, makeFileSafe, takeOnServer } from '../prepare.ts';
import type { Hand } from '../steering-hand.ts';
import { type ActionContext, type DriverSettings, transactAndReport } from './context.ts';

type Revoke = Extract<SteerAction, { kind: 'revoke' }>;

export type FenceOptions = {
  readonly users: readonly string[];
  readonly killClients: boolean;
  /** Commands that `default` keeps; null leaves `default` alone, because the file restricts it already. */
  readonly restrictDefaultTo: readonly (readonly string[])[] | null;
};

/**
 * `min-replicas-to-write` out of reach is a second lock: it refuses writes also when somebody makes this
 * server a master by hand. Inbound connections are killed by type as well, because one that logged in as
 * `default` before that lost its rights would go on replicating.
 */
export function fenceCommands(settings: DriverSettings, options: FenceOptions): readonly Command[] {
  const grants = options.users.filter(isGrant);
  const applications = options.users.filter((name) => !isPolluxUser(name) && name !== settings.adminUsername);
  const { host, port } = settings.blackhole;
  const commands: Command[] = [];
  if (options.restrictDefaultTo !== null) {
    commands.push(['ACL', 'SETUSER', 'default', ...restrictedRules(options.restrictDefaultTo)]);
    commands.push(...closeOtherDoors(options.users));
    // A delayed CONFIG REWRITE of an older leader's preparation dies with its connection.
    if (settings.adminUsername !== null) commands.push(['CLIENT', 'KILL', 'USER', settings.adminUsername]);
  }
  if (grants.length > 0) commands.push(['ACL', 'DELUSER', ...grants]);
  commands.push(
    setCommand([...FENCED_SETTINGS, ['masteruser', ''], ['masterauth', '']]),
    setCommand([['repl-ping-replica-period', PING_PERIOD.running]]),
    ['REPLICAOF', host, String(port)],
    ['CLIENT', 'KILL', 'TYPE', 'replica'],
    ['CLIENT', 'UNPAUSE'],
  );
  if (options.killClients) commands.push(...applications.map((name) => ['CLIENT', 'KILL', 'USER', name]));
  return commands;
}

async function handFor(context: ActionContext, prepare: boolean): Promise<Step<Hand>> {
  const hand = await context.hand();
  if (hand.ok || !prepare || hand.code !== 'notPrepared') return hand;
  const taken = await takeOnServer(context);
  return taken.ok ? await context.hand() : taken;
}

async function fence(hand: Hand, context: ActionContext, action: Revoke): Promise<Step<ServerReport>> {
  const users = await hand.askForStrings(['ACL', 'USERS']);
  if (!users.ok) return users;
  const kept = action.prepare ? await keptCommands(hand) : null;
  if (kept !== null && !kept.ok) return kept;
  return transactAndReport(
    hand,
    fenceCommands(context.settings, {
      users: users.value,
      killClients: action.killClients,
      restrictDefaultTo: kept === null ? null : kept.value,
    }),
  );
}

export async function revoke(context: ActionContext, action: Revoke): Promise<SteerOutcome> {
  let hand = await handFor(context, action.prepare);
  if (!hand.ok) return failed(hand);
  const fenced = await fence(hand.value, context, action);
  if (!fenced.ok) return failed(fenced);
  if (!action.prepare) return done(fenced.value);
  const safe = await makeFileSafe(context, hand.value);
  if (!safe.ok) return failed(safe);
  hand = await context.hand();
  if (!hand.ok) return failed(hand);
  const report = await hand.value.report();
  return report.ok ? done(report.value) : failed(report);
}
