/** Puts a leader's snapshot together from its chunks, in order; one at a time, the newest wins. */
import type { NodeName } from '../primitives/identifiers.ts';
import type { RaftMessage, RaftSnapshot, SnapshotMeta } from './types.ts';

type Chunk = Extract<RaftMessage, { type: 'snapshotChunk' }>;

type Partial = {
  readonly from: NodeName;
  readonly leaderTerm: number;
  readonly meta: SnapshotMeta;
  readonly totalBytes: number;
  readonly chunks: Uint8Array[];
  receivedBytes: number;
};

export class SnapshotAssembly {
  readonly #largestBytes: number;
  #partial: Partial | null = null;

  constructor(largestBytes: number) {
    this.#largestBytes = largestBytes;
  }

  /**
   * Takes a chunk if it is the next one. Returns how many bytes are held, and the snapshot once that is all; null
   * for a snapshot that is too large or contradicts itself, which is not answered.
   */
  take(
    from: NodeName,
    chunk: Chunk,
  ): { readonly receivedBytes: number; readonly snapshot: RaftSnapshot | null } | null {
    if (chunk.totalBytes > this.#largestBytes) return null;
    if (chunk.offset + chunk.data.byteLength > chunk.totalBytes) return null;
    const partial = this.#partialFor(from, chunk);
    if (chunk.offset === partial.receivedBytes) {
      partial.chunks.push(chunk.data);
      partial.receivedBytes += chunk.data.byteLength;
    }
    const { receivedBytes, totalBytes, meta } = partial;
    if (receivedBytes < totalBytes) return { receivedBytes, snapshot: null };
    this.#partial = null;
    return { receivedBytes, snapshot: { index: meta.index, term: meta.term, data: joined(partial) } };
  }

  drop(): void {
    this.#partial = null;
  }

  /** Bytes of two leaders are never mixed: the same state may be encoded differently by each. */
  #partialFor(from: NodeName, chunk: Chunk): Partial {
    const held = this.#partial;
    if (
      held !== null &&
      held.from === from &&
      held.leaderTerm === chunk.term &&
      held.meta.index === chunk.snapshot.index &&
      held.meta.term === chunk.snapshot.term &&
      held.totalBytes === chunk.totalBytes
    )
      return held;
    const fresh: Partial = {
      from,
      leaderTerm: chunk.term,
      meta: chunk.snapshot,
      totalBytes: chunk.totalBytes,
      chunks: [],
      receivedBytes: 0,
    };
    this.#partial = fresh;
    return fresh;
  }
}

function joined({ chunks, totalBytes }: Partial): Uint8Array {
  const data = new Uint8Array(totalBytes);
  let offset = 0;
  for (const chunk of chunks) {
    data.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return data;
}
