/**
 * A stop of automatic action that was set for a while has come to its end. The time is committed, so that every node
 * agrees on it; and it ends the very stop that was set until then, not a newer one of the same scope.
 */
import { z } from 'zod';
import { accepted, type Result } from '../../primitives/refusal.ts';
import { addChange } from '../changes.ts';
import type { Command } from '../command.ts';
import { stopScopeSchema, wallMsSchema } from '../schemas.ts';
import type { MutableMetadata } from '../store.ts';
import { isSameScope } from './stop-scope.ts';

type AutomaticExpire = Extract<Command, { type: 'automatic.expire' }>;

export const automaticExpireSchema = z.strictObject({
  type: z.literal('automatic.expire'),
  scope: stopScopeSchema,
  untilWallMs: wallMsSchema,
  wallMs: wallMsSchema,
}) satisfies z.ZodType<AutomaticExpire>;

export function automaticExpire(
  store: MutableMetadata,
  { scope, untilWallMs, wallMs }: AutomaticExpire,
): Result<null> {
  const ended = store.stops.find(
    (stop) => isSameScope(stop.scope, scope) && stop.untilWallMs === untilWallMs,
  );
  if (ended === undefined) return accepted(null);
  store.stops = store.stops.filter((stop) => stop !== ended);
  const detail = `the time that ${ended.by} had set is over`;
  addChange(store, { scope, change: 'stopExpired', by: 'pollux', detail, wallMs });
  return accepted(null);
}
