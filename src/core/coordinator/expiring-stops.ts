/** Ends stops of automatic action whose time is over. The leader's wall clock decides, and what it decides is committed. */
import type { Instant } from '../primitives/instant.ts';
import type { Context } from './context.ts';

/** An end that was proposed and is not committed is proposed again after this time. */
const AGAIN_MS = 2_000;

export type ExpiringStops = { proceed(now: Instant): void; clear(): void };

export function createExpiringStops(context: Context): ExpiringStops {
  let proposedMs = Number.NEGATIVE_INFINITY;
  return {
    proceed(now) {
      if (now.monotonicMs - proposedMs < AGAIN_MS || !context.leads(now)) return;
      for (const { scope, untilWallMs } of context.state().stops) {
        if (untilWallMs === null || now.wallMs < untilWallMs) continue;
        proposedMs = now.monotonicMs;
        const command = { type: 'automatic.expire', scope, untilWallMs, wallMs: now.wallMs } as const;
        context.log('info', 'automaticStop.expired', { scope, untilWallMs });
        context.emit({ kind: 'propose', command, asker: null });
      }
    },
    clear() {
      proposedMs = Number.NEGATIVE_INFINITY;
    },
  };
}
