/**
 * Bytes that arrived in pieces and wait until somebody takes them. A long piece is kept as it came and joined with the
 * others once, when all of a frame is there; short ones are gathered in blocks, so that many of them are not many things
 * to keep. Invariant: what is reserved never exceeds twice of what arrived, and nothing that was handed out is written
 * over.
 */
const LARGEST_BLOCK_BYTES = 64 * 1024;
/** From this size on a piece is worth an object of its own. */
const LONG_BYTES = 16 * 1024;

export class Pieces {
  #pieces: Buffer[] = [];
  #bytes = 0;
  /** Memory of the last piece, where it is our own, and how much of it that piece has filled. */
  #block: Buffer | null = null;
  #filled = 0;

  get bytes(): number {
    return this.#bytes;
  }

  push(piece: Buffer): void {
    if (piece.length === 0) return;
    if (this.#bytes === 0 || piece.length >= LONG_BYTES) {
      this.#pieces.push(piece);
      this.#block = null;
    } else this.#gather(piece);
    this.#bytes += piece.length;
  }

  #gather(piece: Buffer): void {
    if (this.#block === null || this.#block.length - this.#filled < piece.length) {
      const bytes = Math.min(LARGEST_BLOCK_BYTES, 2 * (this.#bytes + piece.length));
      this.#block = Buffer.allocUnsafe(Math.max(bytes, piece.length));
      this.#filled = 0;
      this.#pieces.push(this.#block.subarray(0, 0));
    }
    const last = this.#pieces.length - 1;
    const begin = this.#filled - (this.#pieces[last]?.length ?? 0);
    this.#filled += piece.copy(this.#block, this.#filled);
    this.#pieces[last] = this.#block.subarray(begin, this.#filled);
  }

  /** The first so many bytes, or more, in one piece. There have to be as many. */
  peek(bytes: number): Buffer {
    const [first] = this.#pieces;
    if (first !== undefined && first.length >= bytes) return first;
    const { joined, whole } = this.#join(bytes);
    this.#pieces.splice(0, whole, joined);
    if (this.#pieces.length === 1) this.#block = null;
    return joined;
  }

  /** Takes the first so many bytes; there have to be as many. */
  take(bytes: number): Buffer {
    const taken = this.peek(bytes).subarray(0, bytes);
    this.drop(bytes);
    return taken;
  }

  drop(bytes: number): void {
    this.#bytes -= bytes;
    let left = bytes;
    let whole = 0;
    for (const piece of this.#pieces) {
      if (piece.length > left) break;
      left -= piece.length;
      whole += 1;
    }
    this.#pieces.splice(0, whole);
    const [first] = this.#pieces;
    if (first === undefined) this.#block = null;
    else if (left > 0) this.#pieces[0] = first.subarray(left);
  }

  clear(): void {
    this.#pieces = [];
    this.#bytes = 0;
    this.#block = null;
  }

  #join(bytes: number): { readonly joined: Buffer; readonly whole: number } {
    let found = 0;
    let whole = 0;
    for (const piece of this.#pieces) {
      if (found >= bytes) break;
      found += piece.length;
      whole += 1;
    }
    return { joined: Buffer.concat(this.#pieces.slice(0, whole), found), whole };
  }
}
