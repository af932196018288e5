import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { PeerMessage } from '../../src/core/node/peer-message.ts';
import { nodeName, parseGroupKey, replicaId, term } from '../../src/core/primitives/identifiers.ts';
import { LIMITS } from '../../src/core/primitives/limits.ts';
import { decodePeerMessage, encodePeerMessage } from '../../src/platform/peer-codec.ts';
import { fitsIntoFrame, frameOf } from '../../src/platform/peer-frames.ts';
import { appendOf, comparable, entries, peerMessageSamples } from './peer-message-samples.ts';

const payloadOf = (message: PeerMessage): Buffer => Buffer.concat(encodePeerMessage(message));

const nameOf = (message: PeerMessage): string =>
  'message' in message ? `${message.kind} ${message.message.type}` : message.kind;

describe('peer codec', () => {
  peerMessageSamples.forEach((message, position) => {
    it(`reads back what it wrote: ${nameOf(message)} (${position})`, () => {
      const decoded = decodePeerMessage(payloadOf(message));
      assert.ok(decoded.ok, decoded.ok ? '' : decoded.problem);
      assert.deepEqual(comparable(decoded.message), comparable(message));
    });
  });

  it('passes large entries on without copying them, and reads all of them as views', () => {
    const message = appendOf(entries(3, 100_000));
    const parts = encodePeerMessage(message);
    assert.ok(message.kind === 'raft' && message.message.type === 'append');
    assert.ok(parts.includes(message.message.entries[1]?.data ?? Buffer.alloc(0)));
    const payload = Buffer.concat(parts);
    const decoded = decodePeerMessage(payload);
    assert.ok(decoded.ok && decoded.message.kind === 'raft' && decoded.message.message.type === 'append');
    for (const { data } of decoded.message.message.entries) assert.equal(data.buffer, payload.buffer);
  });

  it('fits the largest append and the largest snapshot chunk into a frame', () => {
    const bytes = Math.floor(LIMITS.bytesPerAppend / LIMITS.entriesPerAppend);
    const append = encodePeerMessage(appendOf(entries(LIMITS.entriesPerAppend, bytes)));
    assert.ok(fitsIntoFrame(frameOf(append)));
    assert.ok(fitsIntoFrame(frameOf([Buffer.alloc(LIMITS.peerFrameBytes)])));
    assert.ok(!fitsIntoFrame(frameOf([Buffer.alloc(LIMITS.peerFrameBytes + 1)])));
  });

  it('refuses a look at a server that names more than its bounds', () => {
    const finding = { what: 'w', expected: 'e', found: 'f', mended: false, advice: 'a' };
    const isRead = (findings: number, administrators: number): boolean => {
      const check = {
        findings: Array.from({ length: findings }, () => finding),
        administrators: Array.from({ length: administrators }, () => 'operator'),
        fileWrites: 0,
        fileWritten: false,
      };
      const ref = { group: parseGroupKey('main/orders'), replica: replicaId('a') };
      const result = { steerId: 1, term: term(1), ref, outcome: { kind: 'checked', check } } as const;
      const message: PeerMessage = { kind: 'coordinator', message: { type: 'steered', result } };
      return decodePeerMessage(payloadOf(message)).ok;
    };
    const { findingsPerCheck, administratorsPerCheck } = LIMITS;
    assert.ok(isRead(findingsPerCheck, administratorsPerCheck));
    assert.ok(!isRead(findingsPerCheck + 1, 0));
    assert.ok(!isRead(0, administratorsPerCheck + 1));
  });

  it('keeps appends of any shape', () => {
    const content = fc.array(
      fc.record({
        term: fc.nat(),
        kind: fc.constantFrom('empty' as const, 'command' as const),
        data: fc.uint8Array({ maxLength: 9_000 }),
      }),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(fc.nat(), content, (previousIndex, made) => {
        const message: PeerMessage = {
          kind: 'raft',
          message: {
            type: 'append',
            term: 1,
            previousIndex,
            previousTerm: 0,
            commitIndex: 0,
            round: 0,
            entries: made.map((entry, position) => ({ ...entry, index: previousIndex + 1 + position })),
          },
        };
        const decoded = decodePeerMessage(payloadOf(message));
        assert.ok(decoded.ok);
        assert.deepEqual(comparable(decoded.message), comparable(message));
      }),
      { numRuns: 100 },
    );
  });

  it('never throws and never takes random bytes for a message of consensus', () => {
    const type = fc.constantFrom(0, 1, 7, 16, 17, 18, 19, 255);
    fc.assert(
      fc.property(type, fc.uint8Array({ maxLength: 200 }), (first, rest) => {
        const decoded = decodePeerMessage(Buffer.from([first, ...rest]));
        if (decoded.ok) assert.ok(first === 18 || first === 17 || first === 19, 'only binary could be lucky');
        else assert.ok(decoded.problem.length > 0);
      }),
      { numRuns: 2_000 },
    );
  });

  it('refuses every payload that was cut, or that carries bytes too many', () => {
    for (const message of peerMessageSamples) {
      const payload = payloadOf(message);
      const isChunk = message.kind === 'raft' && message.message.type === 'snapshotChunk';
      for (const length of [1, 2, 17, 44, payload.length - 1]) {
        // A chunk is as long as its frame: one that is cut is a shorter chunk, which the length of the frame rules out.
        if (length >= payload.length || isChunk) continue;
        assert.equal(
          decodePeerMessage(payload.subarray(0, length)).ok,
          false,
          `${nameOf(message)} cut to ${length}`,
        );
      }
      const longer = Buffer.concat([payload, Buffer.from([0])]);
      assert.equal(decodePeerMessage(longer).ok, false, `${nameOf(message)} and a byte more`);
    }
  });

  const strange: readonly (readonly [string, unknown])[] = [
    ['an unknown kind', { kind: 'gossip' }],
    ['an unknown type of consensus', { kind: 'raft', message: { type: 'elect', term: 1 } }],
    ['an append as JSON', { kind: 'raft', message: { type: 'append', term: 1, entries: [] } }],
    ['a term that is no integer', { kind: 'raft', message: { type: 'timeoutNow', term: 1.5 } }],
    ['a negative term', { kind: 'raft', message: { type: 'timeoutNow', term: -1 } }],
    [
      'an offset that is no bigint',
      {
        kind: 'coordinator',
        message: {
          type: 'steer',
          broker: 'redis',
          request: {
            steerId: 1,
            path: 0,
            term: 1,
            target: { group: 'a/b', replica: 'c', address: 'd:1' },
            action: { kind: 'promote', minimumOffset: 12 },
          },
        },
      },
    ],
    [
      'an unknown action',
      {
        kind: 'coordinator',
        message: {
          type: 'steer',
          broker: 'redis',
          request: {
            steerId: 1,
            path: 0,
            term: 1,
            target: { group: 'a/b', replica: 'c', address: 'd:1' },
            action: { kind: 'explode' },
          },
        },
      },
    ],
    ['an unknown request', { kind: 'forward', forwardId: 1, request: { type: 'dropEverything' } }],
    [
      'a command that is none',
      { kind: 'forward', forwardId: 1, request: { type: 'propose', command: { type: 'keyValue.set' } } },
    ],
    [
      'a command with a field of another',
      {
        kind: 'forward',
        forwardId: 1,
        request: { type: 'propose', command: { type: 'keyValue.remove', key: 'a', value: 'b' } },
      },
    ],
    ['no object', 12],
    ['null', null],
  ];
  for (const [what, value] of strange) {
    it(`refuses ${what}, and says what is wrong`, () => {
      const decoded = decodePeerMessage(
        Buffer.concat([Buffer.from([16]), Buffer.from(JSON.stringify(value))]),
      );
      assert.ok(!decoded.ok);
      assert.match(decoded.problem, /^a message whose \S+ is wrong: .+/);
    });
  }

  it('is not led astray by names that objects inherit', () => {
    const text = '{"kind":"raft","message":{"type":"timeoutNow","term":3,"__proto__":{"granted":true}}}';
    const decoded = decodePeerMessage(Buffer.concat([Buffer.from([16]), Buffer.from(text)]));
    assert.ok(decoded.ok && decoded.message.kind === 'raft');
    assert.equal(Object.getPrototypeOf(decoded.message.message), Object.prototype);
    assert.equal('granted' in decoded.message.message, false);
    assert.equal(nodeName('x') in decoded.message, false);
  });
});
