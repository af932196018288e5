/** Waiting that can be cut short, and pauses that grow with the count of attempts. */
import { SDK_LIMITS } from './limits.ts';

/** Resolves after `durationMs`, or as soon as `signal` is aborted. Never rejects. */
export function pause(durationMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve();
      return;
    }
    const finish = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, durationMs);
    signal?.addEventListener('abort', finish, { once: true });
  });
}

/** Pause before attempt `attempt + 1`: doubling, bounded, and spread by half so that clients do not march in step. */
export function backoffMs(attempt: number): number {
  const doubled = SDK_LIMITS.backoffFirstMs * 2 ** Math.min(attempt - 1, 16);
  return Math.min(doubled, SDK_LIMITS.backoffLongestMs) * (0.5 + Math.random() / 2);
}
