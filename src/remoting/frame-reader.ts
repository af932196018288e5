/**
 * Takes bytes in any pieces and hands out whole commands. A frame is its length (4 bytes, what follows), one byte that
 * says how the header is written, the length of the header (3 bytes), the header, and the body. The body of a long
 * command may be passed over while it arrives, where whoever serves it says by its beginning that it needs no more.
 *
 * Invariant: where `next` is called until it has no more, what is kept never exceeds one frame of the limit and one
 * piece, and what is reserved never exceeds twice of what arrived, whatever a frame promises. After `broken` the reader
 * is of no more use: nobody knows where the next frame would begin.
 */
import { crc32 } from 'node:zlib';
import { decodeBinaryHeader } from './binary-header.ts';
import { type Damage, damaged, type Read, read } from './damage.ts';
import { decodeJsonHeader } from './json-header.ts';
import { REMOTING_LIMITS } from './limits.ts';
import { Pieces } from './pieces.ts';
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
/** So much of a body is shown to whoever may need no more of it. */
const BEGINNING_BYTES = 1_024;

export const SERIALIZE_TYPES: readonly SerializeType[] = ['json', 'rocketmq'];

type Head = {
  readonly frameBytes: number;
  readonly serializeType: SerializeType;
  readonly headerEnd: number;
};

/** The command with the beginning of its body: whether the rest of that is needed, too. */
export type NeedsRest = (begun: RemotingCommand) => boolean;

/** A command whose body is passed over: what came by so far. */
type Passing = { readonly begun: RemotingCommand; checksum: number; missingBytes: number };

export class FrameReader {
  readonly #limitBytes: number;
  readonly #needsRest: NeedsRest;
  readonly #pieces = new Pieces();
  #passing: Passing | null = null;
  /** Nobody has said yet whether the rest of the frame that is arriving is needed. */
  #isUndecided = true;
  #broken: FrameOutcome | null = null;

  /** `limitBytes`: longest frame that is taken, where less than the protocol allows is enough. */
  constructor(limitBytes: number = REMOTING_LIMITS.frameBytes, needsRest: NeedsRest = () => true) {
    this.#limitBytes = Math.min(limitBytes, REMOTING_LIMITS.frameBytes);
    this.#needsRest = needsRest;
  }

  /** Bytes that arrived and were neither handed out nor passed over yet. */
  get waitingBytes(): number {
    return this.#pieces.bytes;
  }

  push(piece: Buffer): void {
    if (this.#broken !== null) return;
    const isPassing = this.#passing !== null && this.#passing.missingBytes > 0;
    this.#pieces.push(isPassing ? piece.subarray(this.#passOver(piece)) : piece);
  }

  next(): FrameOutcome {
    if (this.#broken !== null) return this.#broken;
    if (this.#passing !== null) return this.#passedBy(this.#passing);
    if (this.waitingBytes < LENGTH_BYTES) return INCOMPLETE;
    const head = this.#readHead();
    if (head === null) return INCOMPLETE;
    if (head.kind === 'damaged') return this.#breakBy(head.damage);
    const { frameBytes } = head.value;
    if (this.waitingBytes < frameBytes) return this.#begin(head.value);
    this.#isUndecided = true;
    const command = readCommand(this.#pieces.take(frameBytes), head.value);
    return command.kind === 'damaged'
      ? this.#breakBy(command.damage)
      : { kind: 'command', command: command.value };
  }

  /** Asks once for each frame whether the rest is needed, as soon as there is enough to tell. */
  #begin(head: Head): FrameOutcome {
    const { frameBytes, headerEnd } = head;
    const seenBytes = headerEnd + BEGINNING_BYTES;
    if (!this.#isUndecided || this.waitingBytes < seenBytes) return INCOMPLETE;
    this.#isUndecided = false;
    // A copy, so that the pieces are free as soon as they were passed over.
    const seen = Buffer.from(this.#pieces.peek(seenBytes).subarray(0, seenBytes));
    const begun = readCommand(seen, head);
    if (begun.kind === 'damaged') return this.#breakBy(begun.damage);
    if (this.#needsRest(begun.value)) return INCOMPLETE;
    const arrived = this.#pieces.take(this.waitingBytes);
    this.#passing = { begun: begun.value, checksum: 0, missingBytes: frameBytes - headerEnd };
    this.#passOver(arrived.subarray(headerEnd));
    return INCOMPLETE;
  }

  /** How many bytes of the piece belong to what is passed over. */
  #passOver(piece: Buffer): number {
    if (this.#passing === null) return 0;
    const passed = piece.subarray(0, this.#passing.missingBytes);
    this.#passing.checksum = crc32(passed, this.#passing.checksum);
    this.#passing.missingBytes -= passed.length;
    return passed.length;
  }

  #passedBy({ begun, checksum, missingBytes }: Passing): FrameOutcome {
    if (missingBytes > 0) return INCOMPLETE;
    this.#passing = null;
    this.#isUndecided = true;
    return { kind: 'command', command: { ...begun, passedOver: { checksum } } };
  }

  /** Null: it has not arrived. What is wrong is told as soon as it can be seen, without waiting for the rest. */
  #readHead(): Read<Head> | null {
    const bytes = this.#pieces.peek(Math.min(HEADER_AT, this.waitingBytes));
    const length = bytes.readInt32BE(0);
    if (length < HEAD_BYTES || length > this.#limitBytes) {
      return damaged(`a frame of ${HEAD_BYTES} to ${this.#limitBytes} bytes`, `${length}`);
    }
    if (this.waitingBytes <= LENGTH_BYTES) return null;
    const typeByte = bytes[LENGTH_BYTES] ?? 0;
    const serializeType = SERIALIZE_TYPES[typeByte];
    if (serializeType === undefined) return damaged('a header of type 0 or 1', `${typeByte}`);
    if (this.waitingBytes < HEADER_AT) return null;
    const headerBytes = bytes.readUIntBE(LENGTH_BYTES + 1, 3);
    const mostBytes = Math.min(length - HEAD_BYTES, REMOTING_LIMITS.headerBytes);
    if (headerBytes > mostBytes) return damaged(`a header of at most ${mostBytes} bytes`, `${headerBytes}`);
    const value = { frameBytes: LENGTH_BYTES + length, serializeType, headerEnd: HEADER_AT + headerBytes };
    return { kind: 'read', value };
  }

  #breakBy(damage: Damage): FrameOutcome {
    this.#broken = { kind: 'broken', damage };
    this.#pieces.clear();
    return this.#broken;
  }
}

/** `frame`: all of it, or as much as is shown. */
function readCommand(frame: Buffer, { serializeType, headerEnd }: Head): Read<RemotingCommand> {
  const bytes = frame.subarray(HEADER_AT, headerEnd);
  const header = serializeType === 'rocketmq' ? decodeBinaryHeader(bytes) : decodeJsonHeader(bytes);
  if (header.kind === 'damaged') return header;
  const { code, language, version, opaque, isResponse, isOneWay, remark, fields } = header.value;
  const body = frame.subarray(headerEnd);
  // Member by member: the engine makes a new shape for each object that is spread into one with more members.
  return read({ code, language, version, opaque, isResponse, isOneWay, remark, fields, body, serializeType });
}
