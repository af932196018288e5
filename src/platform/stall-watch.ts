/**
 * Notices when this process stood still (a stopped virtual machine, a long pause of the collector, a blocked event
 * loop) or when its clocks come apart (somebody set the time, the machine slept). Whatever this node then believes
 * to have heard too late, it may only have read too late: it has to abstain instead of accusing.
 */
import type { ClockPort } from '../core/node/ports.ts';
import type { Instant } from '../core/primitives/instant.ts';
import { systemClock } from './system-clock.ts';

export type StallLimits = {
  /** How often the clocks are read. */
  readonly intervalMs: number;
  /** Lateness of a reading from which on the process counts as stalled. */
  readonly stallMs: number;
  /** Distance that wall and monotonic time may move apart between two readings. */
  readonly jumpMs: number;
};

/** Well below the shortest silence that makes a replica suspect, well above the pauses of a busy machine. */
export const STALL_LIMITS: StallLimits = { intervalMs: 50, stallMs: 300, jumpMs: 500 };

/** Fed with one reading after the other; answers for how long time was lost since the last, 0 when none was. */
export function createStallDetector(limits: StallLimits): (now: Instant) => number {
  let last: Instant | null = null;
  return (now) => {
    const before = last;
    last = now;
    if (before === null) return 0;
    const passedMs = now.monotonicMs - before.monotonicMs;
    const lateMs = passedMs - limits.intervalMs;
    const apartMs = Math.abs(now.wallMs - before.wallMs - passedMs);
    return Math.max(lateMs > limits.stallMs ? lateMs : 0, apartMs > limits.jumpMs ? apartMs : 0);
  };
}

export type StallWatchOptions = {
  readonly onStall: (stalledMs: number) => void;
  readonly clock?: ClockPort;
  readonly limits?: StallLimits;
};

/** Calls `onStall` right after a stall. Does not keep the process alive. */
export function startStallWatch(options: StallWatchOptions): { stop(): void } {
  const { onStall, clock = systemClock(), limits = STALL_LIMITS } = options;
  const detect = createStallDetector(limits);
  detect(clock.now());
  const timer = setInterval(() => {
    const stalledMs = detect(clock.now());
    if (stalledMs > 0) onStall(stalledMs);
  }, limits.intervalMs);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
