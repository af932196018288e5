/**
 * Where a node keeps the ends of old masters' streams: the bytes in one file and what they are in another, in `tails/` of
 * its data directory. Both are synced before they get their names, the description last, so that an archive that can be
 * listed is whole. The oldest go when there are too many, or they take too much room.
 *
 * Consensus runs on the same thread and its log on the same disk: a tail is written piece by piece, one tail after the other.
 */
import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { TailNote, TailPort } from '../core/node/ports.ts';
import type { NodeName } from '../core/primitives/identifiers.ts';
import { LIMITS } from '../core/primitives/limits.ts';
import { syncDirectoryAside } from './durable-names.ts';

export type TailArchive = TailPort & {
  /** The bytes of an archive of this node; null where it has none of that name. */
  read(file: string): Promise<Buffer | null>;
};

type Bounds = { readonly tails: number; readonly bytes: number };

const PIECE_BYTES = 1024 * 1024;
/** File systems allow 255 bytes, endings included. */
const STEM_CHARACTERS = 200;

/** Answers the content's SHA-256. */
async function writeSynced(path: string, content: Uint8Array): Promise<string> {
  const unfinished = `${path}.new`;
  const hash = createHash('sha256');
  const file = await open(unfinished, 'w', 0o600);
  try {
    for (let at = 0; at < content.length; at += PIECE_BYTES) {
      const piece = content.subarray(at, at + PIECE_BYTES);
      hash.update(piece);
      await file.writeFile(piece);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(unfinished, path);
  return hash.digest('hex');
}

/** Null where it is gone meanwhile, or never was. */
async function unlessMissing<Value>(asked: Promise<Value>): Promise<Value | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/** Characters that names may have and a file's name should not; no name has a comma or a tilde. */
const inFileName = (text: string): string =>
  text.replaceAll(/[^A-Za-z0-9._-]/g, (character) => `,${character.charCodeAt(0).toString(16)}`);

/** No two tails have the same. Names together may be longer than a file's may be. */
function stemOf({ group, epoch, replica }: TailNote): string {
  const stem = [...group.split('/'), String(epoch), replica].map(inFileName).join('~');
  if (stem.length <= STEM_CHARACTERS) return stem;
  const rest = createHash('sha256').update(stem).digest('hex').slice(0, 32);
  return `${stem.slice(0, STEM_CHARACTERS - 33)}~${rest}`;
}

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
  const listed = async () => {
    const names = (await readdir(directory)).filter((name) => name.endsWith('.resp'));
    const found = await Promise.all(names.map((name) => unlessMissing(stat(join(directory, name)))));
    return names
      .flatMap((name, at) => {
        const file = found[at] ?? null;
        return file === null ? [] : [{ name, size: file.size, mtimeMs: file.mtimeMs }];
      })
      .sort((one, other) => one.mtimeMs - other.mtimeMs || (one.name < other.name ? -1 : 1));
  };

  const remove = async (name: string): Promise<void> => {
    await rm(join(directory, name.replace(/\.resp$/, '.json')), { force: true });
    await rm(join(directory, name), { force: true });
  };

  const evict = async (newest: string): Promise<void> => {
    const kept = await listed();
    let bytes = kept.reduce((sum, { size }) => sum + size, 0);
    let count = kept.length;
    for (const { name, size } of kept) {
      if (name === newest || (count <= bounds.tails && bytes <= bounds.bytes)) continue;
      await remove(name);
      count -= 1;
      bytes -= size;
    }
  };

  const write = async (note: TailNote, bytes: Uint8Array) => {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const stem = stemOf(note);
    const sha256 = await writeSynced(join(directory, `${stem}.resp`), bytes);
    await writeSynced(join(directory, `${stem}.json`), Buffer.from(describe(note, sha256, nowWallMs())));
    await syncDirectoryAside(directory);
    await syncDirectoryAside(options.dataDirectory);
    await evict(`${stem}.resp`);
    return { node: options.node, file: `tails/${stem}.resp`, sha256 };
  };

  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();

  return {
    keep: (note, bytes) => {
      if (waiting >= LIMITS.tailsWaiting)
        return Promise.reject(new Error(`${waiting} tails of old masters wait to be written`));
      waiting += 1;
      const leave = (): void => {
        waiting -= 1;
      };
      const kept = last.then(() => write(note, bytes));
      last = kept.then(leave, leave);
      return kept;
    },
    read: async (file) => {
      const name = /^tails\/([A-Za-z0-9._,~-]+\.resp)$/.exec(file)?.[1];
      return name === undefined ? null : unlessMissing(readFile(join(directory, name)));
    },
  };
}
