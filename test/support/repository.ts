/** Where the repository is, and its files by name, for tests that read the source tree itself. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the source tree, also when this file runs from dist/. */
export const repositoryRoot = path.resolve(
  fileURLToPath(new URL('.', import.meta.url)).replace(`${path.sep}dist${path.sep}test`, `${path.sep}test`),
  '../..',
);

const GENERATED = new Set(['node_modules', 'dist', '.git', 'tmp']);

/** Every file below `root/directory`, as a path from `root` with forward slashes, sorted. Generated directories are left out. */
export async function walkFiles(root: string, directory: string): Promise<string[]> {
  const found: string[] = [];
  const entries = await readdir(path.join(root, directory), { withFileTypes: true });
  for (const entry of entries) {
    const file = path.posix.join(directory, entry.name);
    if (entry.isDirectory() && !GENERATED.has(entry.name)) found.push(...(await walkFiles(root, file)));
    if (entry.isFile()) found.push(file);
  }
  return found.sort();
}
