/**
 * Where a node keeps the ends of old masters' streams: the bytes in one file and what they are in another, in `tails/` of
 * its data directory. Both are synced before they get their names, the description last, so that an archive that can be
 * listed is whole. The oldest go when there are too many, or they take too much room.
 */
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { TailNote, TailPort } from '../core/node/ports.ts';
import type { NodeName } from '../core/primitives/identifiers.ts';
import { LIMITS } from '../core/primitives/limits.ts';
import { syncDirectory } from './durable-names.ts';

export type TailArchive = TailPort & {
  /** The bytes of an archive of this node; null where it has none of that name. */
  read(file: string): Buffer | null;
};

type Bounds = { readonly tails: number; readonly bytes: number };

function writeSynced(path: string, content: Uint8Array | string): void {
  const unfinished = `${path}.new`;
  const file = openSync(unfinished, 'w', 0o600);
  try {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(unfinished, path);
}

/** Characters that a group's or replica's name may have and a file's name should not. */
const inFileName = (text: string): string => text.replaceAll(/[^A-Za-z0-9._-]/g, '-');

const describe = (note: TailNote, sha256: string, keptWallMs: number): string =>
  `${JSON.stringify(
    { ...note, cut: String(note.cut), offset: String(note.offset), sha256, kept: new Date(keptWallMs) },
    null,
    2,
  )}\n`;

export function openTailArchive(
  options: { readonly dataDirectory: string; readonly node: NodeName; readonly bounds?: Bounds },
  nowWallMs: () => number,
): TailArchive {
  const directory = join(options.dataDirectory, 'tails');
  const bounds = options.bounds ?? { tails: LIMITS.tailsKept, bytes: LIMITS.tailBytesKept };

  /** Oldest first. */
  const listed = () =>
    readdirSync(directory)
      .filter((name) => name.endsWith('.resp'))
      .map((name) => ({ name, ...statSync(join(directory, name)) }))
      .sort((one, other) => one.mtimeMs - other.mtimeMs || (one.name < other.name ? -1 : 1));

  const remove = (name: string): void => {
    rmSync(join(directory, name.replace(/\.resp$/, '.json')), { force: true });
    rmSync(join(directory, name), { force: true });
  };

  const evict = (newest: string): void => {
    const kept = listed();
    let bytes = kept.reduce((sum, { size }) => sum + size, 0);
    let count = kept.length;
    for (const { name, size } of kept) {
      if (name === newest || (count <= bounds.tails && bytes <= bounds.bytes)) continue;
      remove(name);
      count -= 1;
      bytes -= size;
    }
  };

  return {
    keep: async (note, bytes) => {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      const stem = inFileName(`${note.group}-${note.epoch}-${note.replica}`);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      writeSynced(join(directory, `${stem}.resp`), bytes);
      writeSynced(join(directory, `${stem}.json`), describe(note, sha256, nowWallMs()));
      syncDirectory(directory);
      syncDirectory(options.dataDirectory);
      evict(`${stem}.resp`);
      return { node: options.node, file: `tails/${stem}.resp`, sha256 };
    },
    read: (file) => {
      const name = /^tails\/([A-Za-z0-9._-]+\.resp)$/.exec(file)?.[1];
      if (name === undefined || !existsSync(join(directory, name))) return null;
      return readFileSync(join(directory, name));
    },
  };
}
