/** Holding writes back on a master for a planned move, and letting them go again. */
import type { SteerOutcome } from '../../../core/failover/steering.ts';
import type { Command } from '../connections.ts';
import { done, failed } from '../outcome.ts';
import type { ActionContext } from './context.ts';

/** The report is read after the order took effect: an offset read after a pause is final until it ends. */
async function orderAndReport(context: ActionContext, command: Command): Promise<SteerOutcome> {
  const hand = await context.hand();
  if (!hand.ok) return failed(hand);
  const ordered = await hand.value.ask(command);
  if (!ordered.ok) return failed(ordered);
  const report = await hand.value.report();
  return report.ok ? done(report.value) : failed(report);
}

/** Held writes wait and are neither refused nor lost; the server lets them go by itself after `forMs`. */
export const pauseWrites = (context: ActionContext, forMs: number): Promise<SteerOutcome> =>
  orderAndReport(context, ['CLIENT', 'PAUSE', String(Math.max(1, Math.round(forMs))), 'WRITE']);

export const resumeWrites = (context: ActionContext): Promise<SteerOutcome> =>
  orderAndReport(context, ['CLIENT', 'UNPAUSE']);
