/** The real clock. Monotonic time keeps its fractions: answer times are shorter than a millisecond. */
import type { ClockPort } from '../core/node/ports.ts';

const NANOSECONDS_PER_MILLISECOND = 1e6;

export const systemClock = (): ClockPort => ({
  now: () => ({
    monotonicMs: Number(process.hrtime.bigint()) / NANOSECONDS_PER_MILLISECOND,
    wallMs: Date.now(),
  }),
});
