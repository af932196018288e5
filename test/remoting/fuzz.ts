/**
 * Frames that are nonsense in every way that one could think of, through the reader and everything that reads what is
 * in them. Nothing may throw, nothing may grow, and what was read and written must be read the same.
 */
import assert from 'node:assert/strict';
import { deflateSync } from 'node:zlib';
import type { SeededRandom } from '../../src/core/primitives/seeded-random.ts';
import { seededRandom } from '../../src/core/primitives/seeded-random.ts';
import { damageText } from '../../src/remoting/damage.ts';
import { FrameReader } from '../../src/remoting/frame-reader.ts';
import { REMOTING_LIMITS } from '../../src/remoting/limits.ts';
import { bodyChecksum } from '../../src/remoting/messages/register-broker.ts';
import type { RemotingCommand } from '../../src/remoting/remoting-command.ts';
import { READERS, SAMPLES } from './every-message.ts';
import { bytesOf } from './sample-frames.ts';

/** Put into bodies and headers at any place. */
const TOKENS = [
  '{',
  '}',
  '[',
  ']',
  '[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[',
  '{"a":{"a":{"a":{"a":',
  ',',
  ':',
  '"',
  '\\',
  '\\u00',
  '-',
  '-1',
  '0',
  '1e999',
  '2147483648',
  '9223372036854775807',
  '99999999999999999999999999999999999999999',
  'null',
  'true',
  '{"$ref":"$"}',
  '{"$ref":"$.topicConfigSerializeWrapper.topicConfigTable"}',
  '{"$ref":".."}',
  '"__proto__":{"x":1},',
  '0:"x",',
  '\0',
  '\xff\xfe',
  '\xed\xa0\x80',
  '\n',
  '=',
  ' ',
] as const;

/** 32 bits that lengths are mistaken for. */
const LENGTHS = [
  -1,
  0,
  1,
  3,
  4,
  0xff,
  0x7fff,
  0xffff,
  0x7fffffff,
  -(2 ** 31),
  REMOTING_LIMITS.frameBytes + 1,
] as const;

/** Readers that take short frames only soon see the next one; the others have to wait for long ones. */
const SHORT_FRAME_BYTES = 4 * 1024;

type Tally = {
  frames: number;
  commands: number;
  broken: number;
  read: number;
  damaged: number;
  mostWaitingBytes: number;
};

const one = <Item>(random: SeededRandom, items: readonly Item[]): Item | undefined =>
  items[random.integer(0, items.length)];

function spliced(random: SeededRandom, bytes: Buffer, token: string): Buffer {
  const at = random.integer(0, bytes.length + 1);
  const left = Math.min(bytes.length, at + random.integer(0, 4));
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(token, 'latin1'), bytes.subarray(left)]);
}

function anyBody(random: SeededRandom): Buffer {
  let body: Buffer = Buffer.from(one(random, SAMPLES)?.body ?? '');
  for (let count = random.integer(0, 3); count > 0; count -= 1) {
    body = spliced(random, body, one(random, TOKENS) ?? '');
  }
  const kind = random.integer(0, 16);
  if (kind === 0) return deflateSync(body);
  if (kind === 1) return deflateSync(Buffer.alloc(random.integer(0, 65_536)));
  return body;
}

function anyCommand(random: SeededRandom): RemotingCommand {
  const body = anyBody(random);
  const fields = new Map(one(random, SAMPLES)?.fields ?? []);
  const name = one(random, [...fields.keys()]);
  if (name !== undefined && random.integer(0, 3) === 0) fields.set(name, one(random, TOKENS) ?? '');
  if (random.integer(0, 4) === 0)
    fields.set('bodyCrc32', String(bodyChecksum({ body }) + random.integer(0, 2)));
  return {
    code: random.integer(0, 1_100),
    language: 'JAVA',
    version: random.integer(0, 600),
    opaque: random.integer(0, 2 ** 31),
    isResponse: random.integer(0, 2) === 0,
    isOneWay: random.integer(0, 4) === 0,
    remark: random.integer(0, 4) === 0 ? 'a remark' : null,
    fields,
    body,
    serializeType: random.integer(0, 2) === 0 ? 'json' : 'rocketmq',
  };
}

/** A frame that was one, and is most often none any more. */
function anyFrame(random: SeededRandom): Buffer {
  const frame = bytesOf(anyCommand(random));
  switch (random.integer(0, 8)) {
    case 0:
      frame[random.integer(0, frame.length)] = random.integer(0, 256);
      return frame;
    case 1:
      frame.writeInt32BE(one(random, LENGTHS) ?? 0, 4 * random.integer(0, Math.floor(frame.length / 4)));
      return frame;
    case 2:
      return spliced(random, frame, one(random, TOKENS) ?? '');
    case 3:
      return frame.subarray(0, random.integer(0, frame.length));
    case 4:
      return Buffer.from(Array.from({ length: random.integer(0, 64) }, () => random.integer(0, 256)));
    default:
      return frame;
  }
}

function readEverything(command: RemotingCommand, tally: Tally): void {
  for (const read of READERS) {
    const [first, again] = read(command);
    if (first === undefined) continue;
    if (again !== undefined) assert.deepEqual(again, first, 'written and read back');
    if (first.kind === 'read') {
      tally.read += 1;
      continue;
    }
    tally.damaged += 1;
    const text = damageText(first.damage);
    assert.ok(text.length > 0 && text.length < 2_000, text);
  }
}

/** All the reader's commands; false where it is of no more use. */
function drain(reader: FrameReader, tally: Tally): boolean {
  for (;;) {
    const outcome = reader.next();
    if (outcome.kind === 'incomplete') return true;
    if (outcome.kind === 'broken') {
      assert.equal(reader.waitingBytes, 0, 'nothing is kept of what is broken');
      tally.broken += 1;
      return false;
    }
    tally.commands += 1;
    readEverything(outcome.command, tally);
    bytesOf(outcome.command);
  }
}

/** So many frames in pieces of any size. Throws where something does not hold. */
export function fuzz(frames: number, seed: number): Tally {
  const random = seededRandom(seed);
  const tally: Tally = { frames, commands: 0, broken: 0, read: 0, damaged: 0, mostWaitingBytes: 0 };
  const fresh = (): FrameReader =>
    new FrameReader(
      random.integer(0, 8) === 0 ? REMOTING_LIMITS.frameBytes : SHORT_FRAME_BYTES * 64,
      () => random.integer(0, 2) === 0,
    );
  let reader = fresh();
  for (let count = 0; count < frames; count += 1) {
    const frame = anyFrame(random);
    const cut = random.integer(0, frame.length + 1);
    for (const piece of [frame.subarray(0, cut), frame.subarray(cut)]) {
      reader.push(piece);
      if (!drain(reader, tally)) reader = fresh();
      tally.mostWaitingBytes = Math.max(tally.mostWaitingBytes, reader.waitingBytes);
    }
    // A length that promises much swallows all that follows, which is no nonsense any more.
    if (random.integer(0, 64) === 0) reader = fresh();
  }
  assert.ok(
    tally.mostWaitingBytes <= REMOTING_LIMITS.frameBytes + 65_536,
    `${tally.mostWaitingBytes} bytes kept`,
  );
  return tally;
}
