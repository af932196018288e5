import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { damageText } from '../../src/remoting/damage.ts';
import { FrameReader } from '../../src/remoting/frame-reader.ts';
import { encodeFrame } from '../../src/remoting/frame-writer.ts';
import { REMOTING_LIMITS } from '../../src/remoting/limits.ts';
import type { RemotingCommand } from '../../src/remoting/remoting-command.ts';
import { createRequest, createResponse, fieldsOf } from '../../src/remoting/remoting-command.ts';
import { REQUEST } from '../../src/remoting/request-codes.ts';
import { anyCommand, bytesOf, headOf, SAMPLE_BINARY, SAMPLE_JSON } from './sample-frames.ts';

/** Everything that comes out of the pieces; `broken` is the reason why no more does. */
function readAll(pieces: readonly Buffer[], reader = new FrameReader()) {
  const commands: RemotingCommand[] = [];
  for (const piece of pieces) {
    reader.push(piece);
    for (;;) {
      const outcome = reader.next();
      if (outcome.kind === 'incomplete') break;
      if (outcome.kind === 'broken') return { commands, broken: damageText(outcome.damage) };
      commands.push(outcome.command);
    }
  }
  return { commands, broken: null };
}

const routeRequest = createRequest({
  code: REQUEST.getRouteInfoByTopic,
  opaque: 7,
  fields: fieldsOf({ topic: 'TopicA' }),
});

describe('FrameReader', () => {
  it('reads the sample request with a JSON header, as Java wrote it', () => {
    assert.deepEqual(readAll([SAMPLE_JSON]), { commands: [routeRequest], broken: null });
  });

  it('reads the sample request with a binary header, as Java wrote it', () => {
    const expected = { ...routeRequest, serializeType: 'rocketmq', body: Buffer.from('hi') };
    assert.deepEqual(readAll([SAMPLE_BINARY]), { commands: [expected], broken: null });
  });

  it('reads the same commands at every split point', () => {
    const bytes = Buffer.concat([SAMPLE_JSON, SAMPLE_BINARY, SAMPLE_JSON]);
    const whole = readAll([bytes]);
    assert.equal(whole.commands.length, 3);
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      assert.deepEqual(readAll([bytes.subarray(0, cut), bytes.subarray(cut)]), whole, `cut at ${cut}`);
    }
    assert.deepEqual(readAll([...bytes].map((byte) => Buffer.from([byte]))), whole, 'byte by byte');
  });

  it('reads back what was written, however it is split', () => {
    fc.assert(
      fc.property(
        fc.array(anyCommand, { minLength: 1, maxLength: 5 }),
        fc.array(fc.nat(2_000)),
        (commands, cuts) => {
          const bytes = Buffer.concat(commands.map(bytesOf));
          const edges = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
          const pieces = [0, ...edges].map((from, at) => bytes.subarray(from, edges[at] ?? bytes.length));
          assert.deepEqual(readAll(pieces), { commands, broken: null });
        },
      ),
      { seed: 20_261_126 },
    );
  });

  it('hands out bodies that later bytes do not change', () => {
    const reader = new FrameReader();
    const frames = [Buffer.alloc(3_000, 1), Buffer.alloc(3_000, 2), Buffer.alloc(3_000, 3)].map((body) =>
      bytesOf({ ...routeRequest, body }),
    );
    const bytes = Buffer.concat(frames);
    const pieces: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += 700) pieces.push(bytes.subarray(at, at + 700));
    const { commands } = readAll(pieces, reader);
    assert.deepEqual(
      commands.map(({ body }) => [...new Set(body)]),
      [[1], [2], [3]],
    );
    assert.equal(reader.waitingBytes, 0);
  });

  const longest = REMOTING_LIMITS.frameBytes;
  const broken: readonly (readonly [what: string, bytes: Buffer, text: string])[] = [
    ['a length below that of a head', headOf(3, 0, 0), `expected a frame of 4 to ${longest} bytes, found 3`],
    ['a negative length', headOf(-1, 0, 0), `expected a frame of 4 to ${longest} bytes, found -1`],
    [
      'a frame that is too long',
      headOf(longest + 1, 0, 0),
      `expected a frame of 4 to ${longest} bytes, found ${longest + 1}`,
    ],
    ['a header of another type', headOf(40, 2, 30), 'expected a header of type 0 or 1, found 2'],
    ['a header longer than its frame', headOf(40, 0, 37), 'expected a header of at most 36 bytes, found 37'],
    [
      'a header that is too long',
      headOf(longest, 1, REMOTING_LIMITS.headerBytes + 1),
      `expected a header of at most ${REMOTING_LIMITS.headerBytes} bytes, found ${REMOTING_LIMITS.headerBytes + 1}`,
    ],
    [
      'a header that is no JSON',
      Buffer.concat([headOf(8, 0, 4), Buffer.from('nope')]),
      'expected a JSON header with code, opaque and flag, found nope',
    ],
    [
      'a header that is no UTF-8',
      Buffer.concat([headOf(6, 0, 2), Buffer.from([0xc3, 0x28])]),
      'expected a JSON header with code, opaque and flag, found \ufffd(',
    ],
    [
      'a TLS hello',
      Buffer.from('160301020001', 'hex'),
      `expected a frame of 4 to ${longest} bytes, found 369295618`,
    ],
  ];
  for (const [what, bytes, text] of broken) {
    it(`gives up at ${what}, and stays so`, () => {
      const reader = new FrameReader();
      assert.deepEqual(readAll([SAMPLE_JSON, bytes], reader), { commands: [routeRequest], broken: text });
      assert.equal(readAll([SAMPLE_JSON], reader).broken, text);
      assert.equal(reader.waitingBytes, 0);
    });
  }

  it('tells what is wrong as soon as it can be seen', () => {
    const whole = headOf(40, 0, 37);
    for (let bytes = 0; bytes < whole.length; bytes += 1) {
      assert.equal(readAll([whole.subarray(0, bytes)]).broken, null, `${bytes} bytes`);
    }
    assert.notEqual(readAll([headOf(40, 2, 0).subarray(0, 5)]).broken, null);
    assert.notEqual(readAll([headOf(-1, 0, 0).subarray(0, 4)]).broken, null);
  });

  it('takes the longest frame, and a lower limit where it has one', () => {
    const empty = bytesOf(routeRequest);
    const command = { ...routeRequest, body: Buffer.alloc(longest + 4 - empty.length, 7) };
    const frame = bytesOf(command);
    assert.equal(frame.length, longest + 4);
    assert.equal(readAll([frame.subarray(0, 5), frame.subarray(5)]).commands.length, 1);
    assert.equal(
      encodeFrame({ ...command, body: Buffer.concat([command.body, Buffer.alloc(1)]) }),
      'tooLarge',
    );
    const strict = new FrameReader(1_024);
    assert.equal(readAll([frame], strict).broken, `expected a frame of 4 to 1024 bytes, found ${longest}`);
  });

  it('reserves memory for what arrived, not for what is promised', () => {
    const before = process.memoryUsage().arrayBuffers;
    const readers = Array.from({ length: 64 }, () => {
      const reader = new FrameReader();
      readAll([headOf(longest, 0, 100), Buffer.alloc(10)], reader);
      return reader;
    });
    const taken = process.memoryUsage().arrayBuffers - before;
    assert.equal(readers.length, 64);
    assert.ok(taken < longest, `${taken} bytes for 64 promises`);
  });
});

describe('FrameReader, of bodies that nobody needs', () => {
  const body = Buffer.from(Array.from({ length: 200_000 }, (_, at) => (at * 7) % 251));
  const long = { ...routeRequest, opaque: 8, body };
  const passedOver = {
    ...long,
    body: body.subarray(0, 1_024),
    passedOver: { checksum: crc32(body) },
  };
  const split = (bytes: Buffer, pieceBytes: number): readonly Buffer[] =>
    Array.from({ length: Math.ceil(bytes.length / pieceBytes) }, (_, nth) =>
      bytes.subarray(nth * pieceBytes, (nth + 1) * pieceBytes),
    );

  it('passes them over as they arrive, and nothing else', () => {
    const bytes = Buffer.concat([SAMPLE_JSON, bytesOf(long), SAMPLE_JSON, bytesOf(long), SAMPLE_BINARY]);
    for (const pieceBytes of [700, 1_460, 65_536, 130_000, 199_999]) {
      const asked: RemotingCommand[] = [];
      const reader = new FrameReader(undefined, (begun) => {
        asked.push(begun);
        return asked.length === 2;
      });
      const { commands, broken } = readAll(split(bytes, pieceBytes), reader);
      assert.equal(broken, null);
      assert.deepEqual(
        commands.map(({ opaque }) => opaque),
        [7, 8, 7, 8, 7],
      );
      assert.deepEqual(commands[1], passedOver, `in pieces of ${pieceBytes}`);
      assert.deepEqual(commands[3], long, `in pieces of ${pieceBytes}`);
      assert.deepEqual(
        asked.map((begun) => [begun.opaque, begun.body.length]),
        [
          [8, 1_024],
          [8, 1_024],
        ],
        'once for each, with the beginning of its body',
      );
    }
  });

  it('keeps no more than a beginning of them', () => {
    const reader = new FrameReader(undefined, () => false);
    const frame = bytesOf(long);
    for (const piece of split(frame.subarray(0, frame.length - 1), 1_000)) {
      reader.push(piece);
      assert.equal(reader.next().kind, 'incomplete');
      assert.ok(reader.waitingBytes <= 3_000, String(reader.waitingBytes));
    }
    reader.push(frame.subarray(frame.length - 1));
    assert.deepEqual(reader.next(), { kind: 'command', command: passedOver });
  });

  it('does not ask about what has arrived at once, or about a header that is none', () => {
    const reader = new FrameReader(undefined, () => assert.fail('it was asked'));
    assert.deepEqual(readAll([bytesOf(long)], reader), { commands: [long], broken: null });
    const nonsense = Buffer.concat([headOf(100_000, 0, 4), Buffer.from('nope'), Buffer.alloc(5_000)]);
    assert.match(readAll([nonsense], reader).broken ?? '', /found nope/);
  });
});

describe('createResponse', () => {
  it('carries the opaque and the form of its request', () => {
    const response = createResponse({ ...routeRequest, opaque: -5, serializeType: 'rocketmq' }, { code: 0 });
    const { commands } = readAll([bytesOf(response)]);
    assert.deepEqual(commands, [response]);
    assert.deepEqual([response.opaque, response.serializeType, response.isResponse], [-5, 'rocketmq', true]);
  });
});
