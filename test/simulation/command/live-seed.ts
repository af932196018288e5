/** One life, and what came of it: whatever is thrown in it is a failure with the name of the broken promise. */
import type { LifeReport, OnNote, PreparedLife } from '../profiles/profile.ts';
import { Violation } from '../world/violation.ts';

export type Outcome =
  | { readonly ok: true; readonly report: LifeReport }
  | { readonly ok: false; readonly property: string; readonly detail: string };

export async function outcomeOf(life: PreparedLife, onNote?: OnNote): Promise<Outcome> {
  try {
    return { ok: true, report: await life.live(onNote) };
  } catch (error) {
    if (error instanceof Violation) {
      const cause = error.cause instanceof Error ? `\n${error.cause.stack}` : '';
      onNote?.(`violated: ${error.message}`);
      return { ok: false, property: error.property, detail: `${error.message}${cause}` };
    }
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    onNote?.(`failed: ${detail}`);
    return { ok: false, property: 'the simulation itself', detail };
  }
}
