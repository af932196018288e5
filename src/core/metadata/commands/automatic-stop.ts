/**
 * Stops automatic action for a scope. There is one stop a scope: said again, the newer word (who, why, since when)
 * stands, which also bounds their number by that of IDCs and groups.
 */
import { z } from 'zod';
import { accepted, type Result } from '../../primitives/refusal.ts';
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
  store.stops = [...store.stops.filter((other) => !isSameScope(other.scope, stop.scope)), stop];
  const until = stop.untilWallMs === null ? '' : ' until its time is over';
  const detail = `${stop.reason}${until}`;
  const { scope, by, sinceWallMs: wallMs } = stop;
  addChange(store, { scope, change: 'automaticStopped', by, detail, wallMs });
  return accepted(null);
}
