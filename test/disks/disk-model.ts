/**
 * A disk as a power cut leaves it. Operations of a recording go in; at any moment `afterCut` tells what files may be
 * there if the power went away now: what was synced for certain, and of everything else as much as `fate` says.
 *
 * Two kinds of file system are modelled, for they differ in when a *name* lasts:
 *  - `journal` (ext4, XFS): name changes last in the order in which they were made, and syncing any file takes all
 *    earlier ones along;
 *  - `letter` (what POSIX promises, and no more): a name lasts once its directory was synced.
 *
 * In both, changes of one directory last in the order in which they were made. LevelDB itself leans on that: it deletes
 * old files right behind the renaming that replaces them.
 */
import { must } from '../../src/core/primitives/assert.ts';
import type { SeededRandom } from '../../src/core/primitives/seeded-random.ts';
import type { FileOperation } from './traced-calls.ts';

export type FileSystem = 'journal' | 'letter';
type Share = 'lost' | 'kept' | 'torn';
/** What becomes of everything that was not synced; `random` decides how it is torn. */
export type Fate = { readonly names: Share; readonly content: Share; readonly random: SeededRandom };

/** Path to content; null for a directory. */
export type FileTree = ReadonlyMap<string, Buffer | null>;

/** Parts of a sector are never written alone. */
const SECTOR_BYTES = 512;

type ContentChange =
  | { readonly kind: 'write'; readonly offset: number; readonly data: Buffer }
  | { readonly kind: 'resize'; readonly length: number };
type Inode = { durable: Content; pending: ContentChange[]; length: number };
type Node = Inode | 'directory';
type NameChange =
  | { readonly kind: 'link'; readonly path: string; readonly node: Node }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string; readonly node: Node }
  | { readonly kind: 'remove'; readonly path: string };
type Handle = { readonly path: string; readonly node: Node; position: number; readonly append: boolean };

export class DiskModel {
  readonly #fileSystem: FileSystem;
  readonly #root: string;
  readonly #handles = new Map<number, Handle>();
  readonly #names = new Map<string, Node>();
  readonly #durableNames = new Map<string, Node>();
  readonly #inodes = new Set<Inode>();
  #pendingNames: NameChange[] = [];

  /** `root` is a directory that has always been there. */
  constructor(fileSystem: FileSystem, root: string) {
    this.#fileSystem = fileSystem;
    this.#root = root;
    this.#names.set(root, 'directory');
    this.#durableNames.set(root, 'directory');
  }

  apply(operation: FileOperation): void {
    switch (operation.kind) {
      case 'makeDirectory':
        this.#changeName({ kind: 'link', path: operation.path, node: 'directory' });
        return;
      case 'open':
        this.#open(operation);
        return;
      case 'write': {
        const handle = this.#handle(operation.handle);
        const inode = fileOf(handle);
        const offset = operation.offset ?? (handle.append ? inode.length : handle.position);
        inode.pending.push({ kind: 'write', offset, data: operation.data });
        inode.length = Math.max(inode.length, offset + operation.data.length);
        if (operation.offset === null) handle.position = offset + operation.data.length;
        return;
      }
      case 'resize':
        this.#resize(fileOf(this.#handle(operation.handle)), operation.length);
        return;
      case 'sync':
        this.#sync(this.#handle(operation.handle));
        return;
      case 'close':
        this.#handles.delete(operation.handle);
        return;
      case 'rename': {
        const node = must(this.#names.get(operation.from), `${operation.from} is there`);
        this.#changeName({ kind: 'rename', from: operation.from, to: operation.to, node });
        return;
      }
      case 'remove':
        this.#changeName({ kind: 'remove', path: operation.path });
        return;
    }
  }

  /** True where a cut could lose something. */
  hasPending(): boolean {
    return this.#pendingNames.length > 0 || [...this.#inodes].some(({ pending }) => pending.length > 0);
  }

  afterCut(fate: Fate): FileTree {
    const names = new Map(this.#durableNames);
    for (const change of this.#survivingNames(fate)) applyName(names, change);
    const tree = new Map<string, Buffer | null>();
    for (const [path, node] of names) {
      // A name in a directory that did not last is gone with it.
      if (!hasParents(path, this.#root, names)) continue;
      tree.set(path, node === 'directory' ? null : contentAfter(node, fate));
    }
    return tree;
  }

  #survivingNames(fate: Fate): readonly NameChange[] {
    const pending = this.#pendingNames;
    if (fate.names === 'kept') return pending;
    if (fate.names === 'lost') return [];
    const { random } = fate;
    if (this.#fileSystem === 'journal') return pending.slice(0, random.integer(0, pending.length + 1));
    const keptOf = new Map<string, number>();
    for (const directory of new Set(pending.map(directoryOf))) {
      const count = pending.filter((change) => directoryOf(change) === directory).length;
      keptOf.set(directory, random.integer(0, count + 1));
    }
    return pending.filter((change) => {
      const directory = directoryOf(change);
      const left = keptOf.get(directory) ?? 0;
      keptOf.set(directory, left - 1);
      return left > 0;
    });
  }

  #handle(handle: number): Handle {
    return must(this.#handles.get(handle), `handle ${handle} is open`);
  }

  #open({ handle, path, create, truncate, append }: Extract<FileOperation, { kind: 'open' }>): void {
    let node = this.#names.get(path);
    if (node === undefined && create) {
      node = { durable: new Content(), pending: [], length: 0 };
      this.#inodes.add(node);
      this.#changeName({ kind: 'link', path, node });
    }
    const opened = must(node, `${path} is there`);
    if (truncate && opened !== 'directory' && opened.length > 0) this.#resize(opened, 0);
    this.#handles.set(handle, { path, node: opened, position: 0, append });
  }

  #resize(inode: Inode, length: number): void {
    inode.pending.push({ kind: 'resize', length });
    inode.length = length;
  }

  #changeName(change: NameChange): void {
    applyName(this.#names, change);
    this.#pendingNames.push(change);
  }

  #sync({ path, node }: Handle): void {
    if (node !== 'directory') {
      for (const change of node.pending) node.durable.apply(change);
      node.pending = [];
    }
    const lasts = (change: NameChange): boolean =>
      this.#fileSystem === 'journal' || (node === 'directory' && directoryOf(change) === path);
    for (const change of this.#pendingNames.filter(lasts)) applyName(this.#durableNames, change);
    this.#pendingNames = this.#pendingNames.filter((change) => !lasts(change));
  }
}

function fileOf({ path, node }: Handle): Inode {
  if (node === 'directory') throw new Error(`${path} is a directory`);
  return node;
}

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));
const directoryOf = (change: NameChange): string =>
  parentOf(change.kind === 'rename' ? change.to : change.path);

function hasParents(path: string, root: string, names: ReadonlyMap<string, Node>): boolean {
  for (let at = path; at !== root; at = parentOf(at)) if (!names.has(at)) return false;
  return true;
}

function applyName(names: Map<string, Node>, change: NameChange): void {
  if (change.kind === 'remove') names.delete(change.path);
  else if (change.kind === 'link') names.set(change.path, change.node);
  else {
    names.delete(change.from);
    names.set(change.to, change.node);
    if (change.node !== 'directory') return;
    for (const [path, node] of [...names].filter(([path]) => path.startsWith(`${change.from}/`))) {
      names.delete(path);
      names.set(change.to + path.slice(change.from.length), node);
    }
  }
}

function contentAfter(inode: Inode, fate: Fate): Buffer {
  const content = inode.durable.copy();
  if (fate.content === 'kept') for (const change of inode.pending) content.apply(change);
  if (fate.content === 'torn') tear(content, inode.pending, fate.random);
  return content.bytes();
}

/** Each change is kept, lost, cut in the middle, or leaves the length that it would have made and zeros in it. */
function tear(content: Content, pending: readonly ContentChange[], random: SeededRandom): void {
  for (const change of pending) {
    const lot = random.integer(0, 4);
    if (lot === 0) content.apply(change);
    if (change.kind === 'resize' || lot === 0) continue;
    const { offset, data } = change;
    if (lot === 1)
      content.apply({ ...change, data: data.subarray(0, cutOf(change, content.length, random)) });
    if (lot === 2 && offset + data.length > content.length) content.extend(offset + data.length);
  }
}

/** What overwrites is written by whole sectors; what is appended may end anywhere. */
function cutOf(
  { offset, data }: { offset: number; data: Buffer },
  length: number,
  random: SeededRandom,
): number {
  const cut = random.integer(0, data.length + 1);
  if (offset >= length) return cut;
  const sectorEnd = Math.floor((offset + cut) / SECTOR_BYTES) * SECTOR_BYTES;
  return Math.max(0, sectorEnd - offset);
}

/** Bytes that grow, without a copy for each write. */
class Content {
  #room = Buffer.alloc(0);
  length = 0;

  apply(change: ContentChange): void {
    if (change.kind === 'resize') {
      if (change.length > this.length) this.extend(change.length);
      this.#room.fill(0, change.length, this.length);
      this.length = change.length;
      return;
    }
    const end = change.offset + change.data.length;
    if (end > this.length) this.extend(end);
    this.#room.set(change.data, change.offset);
  }

  extend(length: number): void {
    if (length > this.#room.length) {
      const larger = Buffer.alloc(Math.max(length, this.#room.length * 2));
      this.#room.copy(larger, 0, 0, this.length);
      this.#room = larger;
    }
    this.length = length;
  }

  copy(): Content {
    const copy = new Content();
    copy.apply({ kind: 'write', offset: 0, data: this.bytes() });
    return copy;
  }

  bytes(): Buffer {
    return this.#room.subarray(0, this.length);
  }
}
