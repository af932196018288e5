/** What operators changed: stops of automatic action and settings of groups, newest first. */
import { z } from 'zod';
import { LIMITS } from '../core/primitives/limits.ts';
import { countText, wallMsSchema } from './scalars.ts';
import { shownScopeSchema } from './stops.ts';

export const changesQuerySchema = z.strictObject({ limit: countText(1, LIMITS.historyChanges).default(20) });

export const changeListAnswerSchema = z.object({
  changes: z.array(
    z.object({
      /** What it applies to. */
      scope: shownScopeSchema,
      change: z.enum([
        'automaticStopped',
        'automaticResumed',
        'stopExpired',
        'groupSet',
        'acknowledged',
        'returnRuleSet',
      ]),
      by: z.string(),
      detail: z.string(),
      wallMs: wallMsSchema,
    }),
  ),
});
