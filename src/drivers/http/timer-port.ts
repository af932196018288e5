/** Timers as a port, so that tests move time by hand. */
export type TimerPort = {
  /** Runs `action` once after `delayMs`; the returned function takes that back. */
  after(delayMs: number, action: () => void): () => void;
};

/** The process's own timers; none of them keeps it alive. */
export const systemTimers: TimerPort = {
  after(delayMs, action) {
    const timer = setTimeout(action, delayMs).unref();
    return () => clearTimeout(timer);
  },
};
