/** Holding writes back on a master for a planned move, and letting them go again. */
import type { SteerOutcome } from '../../../core/failover/steering.ts';
import type { Command } from '../connections.ts';
import { PING_PERIOD } from '../managed-settings.ts';
import { done, failed } from '../outcome.ts';
import { type ActionContext, transactAndReport } from './context.ts';

/** The report is read after the order took effect: an offset read after a pause is final until it ends. */
async function orderAndReport(context: ActionContext, commands: readonly Command[]): Promise<SteerOutcome> {
  const hand = await context.hand();
  if (!hand.ok) return failed(hand);
  const report = await transactAndReport(hand.value, commands);
  return report.ok ? done(report.value) : failed(report);
}

const setPingPeriod = (period: string): Command => ['CONFIG', 'SET', 'repl-ping-replica-period', period];

/**
 * Held writes wait and are neither refused nor lost; the server lets them go by itself after `forMs`. Its pings to
 * the slaves are held back as well: each would move the offset that the chosen slave has to reach. Whatever ends the
 * move (resume, revoke, promote, or the next leader's grant) lets them go on.
 */
export const pauseWrites = (context: ActionContext, forMs: number): Promise<SteerOutcome> =>
  orderAndReport(context, [
    setPingPeriod(PING_PERIOD.heldBack),
    ['CLIENT', 'PAUSE', String(Math.max(1, Math.round(forMs))), 'WRITE'],
  ]);

export const resumeWrites = (context: ActionContext): Promise<SteerOutcome> =>
  orderAndReport(context, [['CLIENT', 'UNPAUSE'], setPingPeriod(PING_PERIOD.running)]);
