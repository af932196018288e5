/** A command as the bytes of its frame. */
import { encodeBinaryHeader } from './binary-header.ts';
import { HEAD_BYTES, LENGTH_BYTES, SERIALIZE_TYPES } from './frame-reader.ts';
import { encodeJsonHeader } from './json-header.ts';
import { REMOTING_LIMITS } from './limits.ts';
import type { RemotingCommand } from './remoting-command.ts';

/** `tooLarge`: Java's peers would close the connection; the sender answers with an error instead. */
export function encodeFrame(command: RemotingCommand): Buffer | 'tooLarge' {
  const { body, serializeType } = command;
  const header =
    serializeType === 'json' ? Buffer.from(encodeJsonHeader(command)) : encodeBinaryHeader(command);
  const length = HEAD_BYTES + header.length + body.length;
  if (length > REMOTING_LIMITS.frameBytes) return 'tooLarge';
  const head = Buffer.allocUnsafe(LENGTH_BYTES + HEAD_BYTES);
  head.writeInt32BE(length, 0);
  head.writeUInt8(SERIALIZE_TYPES.indexOf(serializeType), LENGTH_BYTES);
  head.writeUIntBE(header.length, LENGTH_BYTES + 1, HEAD_BYTES - 1);
  return Buffer.concat([head, header, body], LENGTH_BYTES + length);
}
