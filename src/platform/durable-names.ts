/**
 * Names of files that outlast a power cut. Syncing a file keeps its content; POSIX promises that its *name* is kept
 * only once its directory was synced, and a file without a name is lost with everything that was synced into it.
 */
import { closeSync, fsyncSync, openSync } from 'node:fs';

export function syncDirectory(path: string): void {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
