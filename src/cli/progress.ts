/**
 * Says on standard error what is being waited for, once that takes longer than a second. A terminal gets one line
 * that is rewritten; a file gets a line now and then.
 */
import type { CliIo } from './cli-io.ts';

const PATIENCE_MS = 1_000;
const TERMINAL_INTERVAL_MS = 1_000;
const FILE_INTERVAL_MS = 10_000;

export type Progress = {
  /** Runs `work`, and says `what` for as long as it takes too long. */
  during<Value>(what: string, work: Promise<Value>): Promise<Value>;
  /** A line that stays. */
  note(line: string): void;
};

export function progressOn(io: Pick<CliIo, 'stderr' | 'isTTY'>): Progress {
  const clear = io.isTTY ? '\r\u001b[2K' : '';
  return {
    note: (line) => {
      io.stderr.write(`${clear}${line}\n`);
    },
    during: async (what, work) => {
      let waitedMs = 0;
      let timer: NodeJS.Timeout | null = null;
      const say = (intervalMs: number): void => {
        waitedMs += intervalMs;
        io.stderr.write(`${clear}${what}, ${waitedMs / 1_000} s ...${io.isTTY ? '' : '\n'}`);
        const next = io.isTTY ? TERMINAL_INTERVAL_MS : FILE_INTERVAL_MS;
        timer = setTimeout(() => say(next), next);
      };
      timer = setTimeout(() => say(PATIENCE_MS), PATIENCE_MS);
      try {
        return await work;
      } finally {
        clearTimeout(timer);
        if (waitedMs > 0 && io.isTTY) io.stderr.write(clear);
      }
    },
  };
}
