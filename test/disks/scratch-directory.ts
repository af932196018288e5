/** A directory for states that are made, opened and thrown away: in memory where there is room for it. */
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const IN_MEMORY = '/dev/shm';

export function scratchDirectory(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(isWritable(IN_MEMORY) ? IN_MEMORY : tmpdir(), 'pollux-disks-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
