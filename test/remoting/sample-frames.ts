/** Frames that RocketMQ's own classes wrote, commands of all kinds, and frames by their numbers. */
import fc from 'fast-check';
import { must } from '../../src/core/primitives/assert.ts';
import { encodeFrame } from '../../src/remoting/frame-writer.ts';
import { LANGUAGES } from '../../src/remoting/languages.ts';
import type { RemotingCommand, SerializeType } from '../../src/remoting/remoting-command.ts';

/** A request for the route of TopicA, opaque 7, of release 5.3.3. */
export const SAMPLE_JSON = Buffer.concat([
  Buffer.from('0000008400000080', 'hex'),
  Buffer.from(
    '{"code":105,"extFields":{"topic":"TopicA"},"flag":0,"language":"JAVA","opaque":7,"serializeTypeCurrentRPC":"JSON","version":479}',
  ),
]);

/** The same with a binary header, and the body `hi`. */
export const SAMPLE_BINARY = Buffer.from(
  [
    '0000002c 01000026 0069 00 01df 00000007 00000000 00000000 00000011',
    '0005 746f706963 00000006 546f70696341 6869',
  ]
    .join('')
    .replaceAll(' ', ''),
  'hex',
);

export function bytesOf(command: RemotingCommand): Buffer {
  const frame = encodeFrame(command);
  return must(frame === 'tooLarge' ? null : frame, 'a sample fits into a frame');
}

/** The first bytes of a frame, with lengths that need not be true. */
export function headOf(length: number, serializeType: number, headerBytes: number): Buffer {
  const head = Buffer.alloc(8);
  head.writeInt32BE(length, 0);
  head.writeUInt8(serializeType, 4);
  head.writeUIntBE(headerBytes, 5, 3);
  return head;
}

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const serializeType: fc.Arbitrary<SerializeType> = fc.constantFrom('json', 'rocketmq');
// Unpaired surrogates are no UTF-8, and a binary header does not tell an empty text from none.
const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 30 });

/** Commands that both forms of a header can carry. */
export const anyCommand: fc.Arbitrary<RemotingCommand> = fc.record(
  {
    code: fc.integer({ min: 0, max: 2 ** 15 - 1 }),
    language: fc.constantFrom(...LANGUAGES),
    version: fc.integer({ min: 0, max: 2 ** 15 - 1 }),
    opaque: int32,
    isResponse: fc.boolean(),
    isOneWay: fc.boolean(),
    remark: fc.option(text),
    fields: fc.array(fc.tuple(text, text), { maxLength: 8 }).map((entries) => new Map(entries)),
    body: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    serializeType,
  },
  { noNullPrototype: true },
);
