/**
 * Stops automatic action for a scope. There is one stop a scope: said again, the newer word (who, why, since when)
 * stands. A stop may outlive what it is about, a set of RocketMQ whose brokers are all stopped, so their number is bounded.
 */
import { z } from 'zod';
import { LIMITS } from '../../primitives/limits.ts';
import { accepted, type Result, refused } from '../../primitives/refusal.ts';
import { addChange } from '../changes.ts';
import type { Command } from '../command.ts';
import { automaticStopSchema } from '../schemas.ts';
import type { MutableMetadata } from '../store.ts';
import { checkScope, isSameScope } from './stop-scope.ts';

type AutomaticStopCommand = Extract<Command, { type: 'automatic.stop' }>;

export const automaticStopCommandSchema = z.strictObject({
  type: z.literal('automatic.stop'),
  stop: automaticStopSchema,
}) satisfies z.ZodType<AutomaticStopCommand>;

export function automaticStop(store: MutableMetadata, { stop }: AutomaticStopCommand): Result<null> {
  const checked = checkScope(store, stop.scope, 'stop.scope');
  if (!checked.ok) return checked;
  const others = store.stops.filter((other) => !isSameScope(other.scope, stop.scope));
  if (others.length >= LIMITS.automaticStops)
    return refused('limitReached', `There are ${LIMITS.automaticStops} stops already; lift one.`);
  store.stops = [...others, stop];
  const until = stop.untilWallMs === null ? '' : ' until its time is over';
  const detail = `${stop.reason}${until}`;
  const { scope, by, sinceWallMs: wallMs } = stop;
  addChange(store, { scope, change: 'automaticStopped', by, detail, wallMs });
  return accepted(null);
}
