/** Lifts the stop of exactly this scope. Nothing stopped there is no error: the operator has what was asked for. */
import { z } from 'zod';
import { accepted, type Result } from '../../primitives/refusal.ts';
import { addChange } from '../changes.ts';
import type { Command } from '../command.ts';
import { stopScopeSchema, textSchema, wallMsSchema } from '../schemas.ts';
import type { MutableMetadata } from '../store.ts';
import { checkScope, isSameScope } from './stop-scope.ts';

type AutomaticResume = Extract<Command, { type: 'automatic.resume' }>;

export const automaticResumeSchema = z.strictObject({
  type: z.literal('automatic.resume'),
  scope: stopScopeSchema,
  by: textSchema,
  wallMs: wallMsSchema,
}) satisfies z.ZodType<AutomaticResume>;

export function automaticResume(
  store: MutableMetadata,
  { scope, by, wallMs }: AutomaticResume,
): Result<null> {
  const left = store.stops.filter((stop) => !isSameScope(stop.scope, scope));
  // What is stopped may be gone by now: the brokers of a set of RocketMQ that only registered, say.
  const checked = left.length < store.stops.length ? accepted(null) : checkScope(store, scope, 'scope');
  if (!checked.ok) return checked;
  if (left.length < store.stops.length)
    addChange(store, { scope, change: 'automaticResumed', by, detail: '', wallMs });
  store.stops = left;
  return accepted(null);
}
