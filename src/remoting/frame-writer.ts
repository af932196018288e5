/** A command as the bytes of its frame. */
import { encodeBinaryHeader } from './binary-header.ts';
import { HEAD_BYTES, LENGTH_BYTES, SERIALIZE_TYPES } from './frame-reader.ts';
import { encodeJsonHeader } from './json-header.ts';
import { REMOTING_LIMITS } from './limits.ts';
import type { RemotingCommand } from './remoting-command.ts';

const HEADER_AT = LENGTH_BYTES + HEAD_BYTES;

/** `tooLarge`: Java's peers would close the connection; the sender answers with an error instead. */
export function encodeFrame(command: RemotingCommand): Buffer | 'tooLarge' {
  return command.serializeType === 'json' ? jsonFrame(command) : binaryFrame(command);
}

function jsonFrame(command: RemotingCommand): Buffer | 'tooLarge' {
  const header = encodeJsonHeader(command);
  // Without what others chose, it is numbers and names of ours: a byte each.
  const isPlain = command.remark === null && command.fields.size === 0;
  const encoding = isPlain ? 'latin1' : 'utf8';
  const headerBytes = isPlain ? header.length : Buffer.byteLength(header);
  const frame = frameFor(command, headerBytes);
  if (frame !== 'tooLarge') frame.write(header, HEADER_AT, headerBytes, encoding);
  return frame;
}

function binaryFrame(command: RemotingCommand): Buffer | 'tooLarge' {
  const header = encodeBinaryHeader(command);
  const frame = frameFor(command, header.length);
  if (frame !== 'tooLarge') header.copy(frame, HEADER_AT);
  return frame;
}

/** The frame but for its header: one piece of memory, and the body copied once. */
function frameFor({ body, serializeType }: RemotingCommand, headerBytes: number): Buffer | 'tooLarge' {
  const length = HEAD_BYTES + headerBytes + body.length;
  if (length > REMOTING_LIMITS.frameBytes) return 'tooLarge';
  const frame = Buffer.allocUnsafe(LENGTH_BYTES + length);
  frame.writeInt32BE(length, 0);
  frame.writeUInt8(SERIALIZE_TYPES.indexOf(serializeType), LENGTH_BYTES);
  frame.writeUIntBE(headerBytes, LENGTH_BYTES + 1, HEAD_BYTES - 1);
  body.copy(frame, HEADER_AT + headerBytes);
  return frame;
}
