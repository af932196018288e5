/**
 * Takes bytes in any pieces and hands out whole commands. A frame is its length (4 bytes, what follows), one byte that
 * says how the header is written, the length of the header (3 bytes), the header, and the body.
 *
 * Invariant: where `next` is called until it has no more, what is kept never exceeds one frame of the limit and one
 * piece, and what is reserved never exceeds twice of what arrived, whatever a frame promises. After `broken` the reader
 * is of no more use: nobody knows where the next frame would begin.
 */
import { decodeBinaryHeader } from './binary-header.ts';
import { type Damage, damaged, type Read } from './damage.ts';
import type { Header } from './header.ts';
import { decodeJsonHeader } from './json-header.ts';
import { REMOTING_LIMITS } from './limits.ts';
import type { RemotingCommand, SerializeType } from './remoting-command.ts';

export type FrameOutcome =
  /** The body shares its memory with the pieces that it came in; it is never written over. */
  | { readonly kind: 'command'; readonly command: RemotingCommand }
  /** More bytes are needed. */
  | { readonly kind: 'incomplete' }
  /** The connection has to be closed. */
  | { readonly kind: 'broken'; readonly damage: Damage };

const INCOMPLETE: FrameOutcome = { kind: 'incomplete' };
export const LENGTH_BYTES = 4;
/** The byte that says how the header is written, and the header's length. */
export const HEAD_BYTES = 4;
const HEADER_AT = LENGTH_BYTES + HEAD_BYTES;
const EMPTY = Buffer.alloc(0);

export const SERIALIZE_TYPES: readonly SerializeType[] = ['json', 'rocketmq'];

type Head = {
  readonly frameBytes: number;
  readonly serializeType: SerializeType;
  readonly headerEnd: number;
};

export class FrameReader {
  readonly #limitBytes: number;
  #bytes: Buffer = EMPTY;
  #at = 0;
  #end = 0;
  /** Whether the memory is our own, so that behind `#end` there is room. A piece of the socket's has none. */
  #isOwn = false;
  #broken: FrameOutcome | null = null;

  /** `limitBytes`: longest frame that is taken, where less than the protocol allows is enough. */
  constructor(limitBytes: number = REMOTING_LIMITS.frameBytes) {
    this.#limitBytes = Math.min(limitBytes, REMOTING_LIMITS.frameBytes);
  }

  /** Bytes that arrived and were not handed out yet. */
  get waitingBytes(): number {
    return this.#end - this.#at;
  }

  push(piece: Buffer): void {
    if (this.#broken !== null || piece.length === 0) return;
    if (this.waitingBytes === 0) {
      this.#bytes = piece;
      this.#at = 0;
      this.#end = piece.length;
      this.#isOwn = false;
      return;
    }
    if (!this.#isOwn || this.#bytes.length - this.#end < piece.length) this.#grow(piece.length);
    piece.copy(this.#bytes, this.#end);
    this.#end += piece.length;
  }

  /** Moves what waits into memory with room for more, twice as much each time, so that a long frame in many pieces is copied about twice. */
  #grow(pieceBytes: number): void {
    const grown = Buffer.allocUnsafe(2 * (this.waitingBytes + pieceBytes));
    this.#end = this.#bytes.copy(grown, 0, this.#at, this.#end);
    this.#bytes = grown;
    this.#at = 0;
    this.#isOwn = true;
  }

  next(): FrameOutcome {
    if (this.#broken !== null) return this.#broken;
    if (this.waitingBytes < LENGTH_BYTES) return INCOMPLETE;
    const head = this.#readHead();
    if (head === null) return INCOMPLETE;
    if (head.kind === 'damaged') return this.#breakBy(head.damage);
    const { frameBytes, serializeType, headerEnd } = head.value;
    if (this.waitingBytes < frameBytes) return INCOMPLETE;
    const header = readHeader(
      this.#bytes.subarray(this.#at + HEADER_AT, this.#at + headerEnd),
      serializeType,
    );
    if (header.kind === 'damaged') return this.#breakBy(header.damage);
    const body = this.#bytes.subarray(this.#at + headerEnd, this.#at + frameBytes);
    this.#at += frameBytes;
    if (this.waitingBytes === 0) this.#release();
    return { kind: 'command', command: { ...header.value, body, serializeType } };
  }

  /** Null: it has not arrived. What is wrong is told as soon as it can be seen, without waiting for the rest. */
  #readHead(): Read<Head> | null {
    const length = this.#bytes.readInt32BE(this.#at);
    if (length < HEAD_BYTES || length > this.#limitBytes) {
      return damaged(`a frame of ${HEAD_BYTES} to ${this.#limitBytes} bytes`, `${length}`);
    }
    if (this.waitingBytes <= LENGTH_BYTES) return null;
    const typeByte = this.#bytes[this.#at + LENGTH_BYTES] ?? 0;
    const serializeType = SERIALIZE_TYPES[typeByte];
    if (serializeType === undefined) return damaged('a header of type 0 or 1', `${typeByte}`);
    if (this.waitingBytes < HEADER_AT) return null;
    const headerBytes = this.#bytes.readUIntBE(this.#at + LENGTH_BYTES + 1, 3);
    const mostBytes = Math.min(length - HEAD_BYTES, REMOTING_LIMITS.headerBytes);
    if (headerBytes > mostBytes) return damaged(`a header of at most ${mostBytes} bytes`, `${headerBytes}`);
    const value = { frameBytes: LENGTH_BYTES + length, serializeType, headerEnd: HEADER_AT + headerBytes };
    return { kind: 'read', value };
  }

  #breakBy(damage: Damage): FrameOutcome {
    this.#broken = { kind: 'broken', damage };
    this.#release();
    return this.#broken;
  }

  /** A connection that is quiet keeps nothing. */
  #release(): void {
    this.#bytes = EMPTY;
    this.#at = 0;
    this.#end = 0;
    this.#isOwn = false;
  }
}

const readHeader = (bytes: Buffer, serializeType: SerializeType): Read<Header> =>
  serializeType === 'rocketmq' ? decodeBinaryHeader(bytes) : decodeJsonHeader(bytes);
