/** The process's own timers. None of them keeps it alive. */
import type { TimerPort } from '../core/node/ports.ts';

export const systemTimers: TimerPort = {
  after(delayMs, action) {
    const timer = setTimeout(action, delayMs).unref();
    return () => clearTimeout(timer);
  },
};
