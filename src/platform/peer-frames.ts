/**
 * Frames on a connection between nodes: 4 bytes of length, then the payload, whose first byte is its type. The
 * reader copies nothing that lies in one piece; a frame over several pieces is put together once.
 */
import { assert } from '../core/primitives/assert.ts';
import { LIMITS } from '../core/primitives/limits.ts';

const LENGTH_BYTES = 4;
const EMPTY = Buffer.alloc(0);

/** First byte of a payload. Numbers are never given a new meaning. */
export const FRAME = {
  hello: 1,
  proof: 2,
  welcome: 3,
  refused: 4,
  ping: 5,
  pong: 6,
  json: 16,
  append: 17,
  appendReply: 18,
  snapshotChunk: 19,
} as const;

export type FrameReader = {
  push(piece: Buffer): void;
  /** The next whole payload; null until more arrives; `bad` for a length that is not allowed, after which nothing follows. */
  next(): Buffer | null | 'bad';
  /** Frames up to so many bytes from now on. */
  setLimit(bytes: number): void;
};

export function createFrameReader(initialLimitBytes: number): FrameReader {
  let limitBytes = initialLimitBytes;
  let rest: Buffer = EMPTY;
  /** A payload that spans several pieces, and how much of it has arrived. */
  let partial: Buffer | null = null;
  let filled = 0;
  let isBad = false;

  const fill = (payload: Buffer): Buffer | null => {
    const taken = rest.copy(payload, filled);
    filled += taken;
    rest = rest.subarray(taken);
    if (filled < payload.length) return null;
    partial = null;
    return payload;
  };

  return {
    push: (piece) => {
      rest = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    },
    next: () => {
      if (isBad) return 'bad';
      if (partial !== null) return fill(partial);
      if (rest.length < LENGTH_BYTES) return null;
      const length = rest.readUInt32BE(0);
      if (length === 0 || length > limitBytes) {
        isBad = true;
        return 'bad';
      }
      const end = LENGTH_BYTES + length;
      if (rest.length >= end) {
        const payload = rest.subarray(LENGTH_BYTES, end);
        rest = rest.subarray(end);
        return payload;
      }
      rest = rest.subarray(LENGTH_BYTES);
      partial = Buffer.allocUnsafe(length);
      filled = 0;
      return fill(partial);
    },
    setLimit: (bytes) => {
      limitBytes = bytes;
    },
  };
}

export type Frame = { readonly parts: readonly Uint8Array[]; readonly bytes: number };

/** Parts below this are copied together: one write of many small buffers costs more than copying them. */
const JOINED_PART_BYTES = 4 * 1024;

/** The bytes of the frames, in order: neighbours that are small are joined, large ones are left as they are. */
export function joinSmallParts(frames: readonly Frame[]): readonly Uint8Array[] {
  const joined: Uint8Array[] = [];
  let small: Uint8Array[] = [];
  const flush = (): void => {
    const [only] = small;
    if (only !== undefined) joined.push(small.length === 1 ? only : Buffer.concat(small));
    small = [];
  };
  for (const { parts } of frames) {
    for (const part of parts) {
      if (part.length < JOINED_PART_BYTES) small.push(part);
      else {
        flush();
        joined.push(part);
      }
    }
  }
  flush();
  return joined;
}

/** A payload with its length in front; its parts are not joined, so that large ones are never copied. */
export function frameOf(payload: readonly Uint8Array[]): Frame {
  const length = payload.reduce((sum, part) => sum + part.length, 0);
  assert(length > 0 && length <= 0xffff_ffff, 'a frame has a type at least');
  const header = Buffer.allocUnsafe(LENGTH_BYTES);
  header.writeUInt32BE(length, 0);
  return { parts: [header, ...payload], bytes: LENGTH_BYTES + length };
}

/** One small frame with a JSON body. */
export const jsonFrame = (type: number, body: unknown): Frame =>
  frameOf([Buffer.from([type]), Buffer.from(JSON.stringify(body))]);

export const bareFrame = (type: number): Frame => frameOf([Buffer.from([type])]);

export const fitsIntoFrame = (frame: Frame): boolean => frame.bytes - LENGTH_BYTES <= LIMITS.peerFrameBytes;
