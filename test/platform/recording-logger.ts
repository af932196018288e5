/** A logger that a test can read and wait for. */
import assert from 'node:assert/strict';
import type { Logger } from '../../src/platform/logger.ts';

const PATIENCE_MS = 30_000;

export type RecordingLogger = Logger & {
  readonly lines: readonly string[];
  /** Resolves once a line, past or to come, matches. */
  says(pattern: RegExp): Promise<void>;
};

export function recordingLogger(): RecordingLogger {
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  const write = (level: string) => (_fields: object, message: string) => {
    lines.push(`${level}: ${message}`);
    for (const look of waiting) look();
  };
  return {
    lines,
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    says: (pattern) =>
      new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(look);
          reject(new assert.AssertionError({ message: `no line matches ${pattern}:\n${lines.join('\n')}` }));
        }, PATIENCE_MS);
        const look = (): void => {
          if (!lines.some((line) => pattern.test(line))) return;
          clearTimeout(timer);
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };
}
