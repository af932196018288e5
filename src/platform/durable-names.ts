/**
 * Names of files that outlast a power cut. Syncing a file keeps its content; POSIX promises that its *name* is kept
 * only once its directory was synced, and a file without a name is lost with everything that was synced into it.
 * LevelDB begins a new write-ahead log every few megabytes and does not sync the directory for it.
 */
import { closeSync, fsyncSync, openSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';

/** File systems stamp changes with a clock of ticks this long at most: two changes in one tick look like one. */
const CLOCK_TICK_MS = 20;

export function syncDirectory(path: string): void {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

/** The same beside other work. */
export async function syncDirectoryAside(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** Returns what makes all names in the directory last; it costs microseconds where none has changed since. */
export function nameKeeper(directory: string): () => Promise<void> {
  let settledMs: number | null = null;
  return async () => {
    const changedMs = statSync(directory).mtimeMs;
    if (changedMs === settledMs) return;
    const lookedMs = Date.now();
    await syncDirectoryAside(directory);
    if (Math.abs(lookedMs - changedMs) > CLOCK_TICK_MS) settledMs = changedMs;
  };
}
