/** A directory that is gone after the test, also after one that failed. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type TemporaryDirectory = { readonly path: string; remove(): void };

export function temporaryDirectory(): TemporaryDirectory {
  const path = mkdtempSync(join(tmpdir(), 'pollux-platform-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
