/**
 * Messages between nodes as payloads of frames. The three of consensus that carry the load are binary; entries'
 * bytes go out as they came in and are read as views of the received frame. Everything else is JSON with bigints.
 *
 * All numbers are 8 bytes big-endian and safe integers. Grammar:
 *
 *   append         17 term previousIndex previousTerm commitIndex round count:4 (term:8 kind:1 bytes:4)* data*
 *   appendReply    18 term round accepted:1 matchIndex|rejectedIndex hintIndex hintTerm
 *   snapshotChunk  19 term index snapshotTerm offset totalBytes round data
 *   json           16 the PeerMessage
 *
 * Entry i of an append has the index previousIndex + 1 + i, which is therefore not sent.
 */

import { parseTaggedJson, taggedJson } from '../core/metadata/tagged-json.ts';
import type { PeerMessage } from '../core/node/peer-message.ts';
import { assert } from '../core/primitives/assert.ts';
import { LIMITS } from '../core/primitives/limits.ts';
import type { RaftEntry, RaftMessage } from '../core/raft/types.ts';
import { FRAME } from './peer-frames.ts';
import { checkPeerMessage } from './peer-schemas.ts';

/** Rises whenever two releases could misunderstand each other; nodes of different versions refuse each other. */
export const PROTOCOL_VERSION = 1;

export type Decoded =
  | { readonly ok: true; readonly message: PeerMessage }
  /** One line for the log: what is wrong with the payload. */
  | { readonly ok: false; readonly problem: string };

type RaftOf<Type extends RaftMessage['type']> = Extract<RaftMessage, { type: Type }>;

const UINT32 = 0x1_0000_0000;
const APPEND_HEADER_BYTES = 1 + 5 * 8 + 4;
const ENTRY_HEADER_BYTES = 8 + 1 + 4;
const APPEND_REPLY_BYTES = 1 + 2 * 8 + 1 + 3 * 8;
const CHUNK_HEADER_BYTES = 1 + 6 * 8;

function writeNumbers(into: Buffer, at: number, numbers: readonly number[]): number {
  let position = at;
  for (const number of numbers) {
    into.writeUInt32BE(Math.floor(number / UINT32), position);
    into.writeUInt32BE(number % UINT32, position + 4);
    position += 8;
  }
  return position;
}

type Numbers<Count extends number, Read extends number[] = []> = Read['length'] extends Count
  ? Read
  : Numbers<Count, [...Read, number]>;

/** Null where one of them is not a safe integer, or where the payload is too short. */
function readNumbers<Count extends number>(from: Buffer, at: number, count: Count): Numbers<Count> | null {
  if (at + count * 8 > from.length) return null;
  const numbers: number[] = [];
  for (let position = at; position < at + count * 8; position += 8) {
    const number = from.readUInt32BE(position) * UINT32 + from.readUInt32BE(position + 4);
    if (!Number.isSafeInteger(number)) return null;
    numbers.push(number);
  }
  return numbers as Numbers<Count>;
}

/** The payload in parts, to be written one after the other. Data of the message must not change afterwards. */
export function encodePeerMessage(message: PeerMessage): readonly Uint8Array[] {
  if (message.kind === 'raft') {
    if (message.message.type === 'append') return encodeAppend(message.message);
    if (message.message.type === 'appendReply') return [encodeAppendReply(message.message)];
    if (message.message.type === 'snapshotChunk') return encodeSnapshotChunk(message.message);
  }
  return [Buffer.from([FRAME.json]), Buffer.from(taggedJson(message))];
}

/** Never throws, whatever the bytes are. Data of the message are views of `payload`. */
export function decodePeerMessage(payload: Buffer): Decoded {
  const message = decodeBody(payload);
  if (message === null) return { ok: false, problem: `a malformed message of type ${payload[0]}` };
  if (typeof message === 'string') return { ok: false, problem: message };
  return { ok: true, message };
}

function decodeBody(payload: Buffer): PeerMessage | string | null {
  switch (payload[0]) {
    case FRAME.json:
      return decodeJson(payload);
    case FRAME.append:
      return inEnvelope(decodeAppend(payload));
    case FRAME.appendReply:
      return inEnvelope(decodeAppendReply(payload));
    case FRAME.snapshotChunk:
      return inEnvelope(decodeSnapshotChunk(payload));
    default:
      return `an unknown type of message, ${payload[0]}`;
  }
}

const inEnvelope = (message: RaftMessage | null): PeerMessage | null =>
  message === null ? null : { kind: 'raft', message };

function decodeJson(payload: Buffer): PeerMessage | string {
  let value: unknown;
  try {
    value = parseTaggedJson(payload.toString('utf8', 1));
  } catch {
    return 'a message that is no JSON';
  }
  const checked = checkPeerMessage(value);
  return checked.ok ? checked.message : checked.problem;
}

function encodeAppend(message: RaftOf<'append'>): readonly Uint8Array[] {
  const { entries, term, previousIndex, previousTerm, commitIndex, round } = message;
  const header = Buffer.allocUnsafe(APPEND_HEADER_BYTES + entries.length * ENTRY_HEADER_BYTES);
  header[0] = FRAME.append;
  let at = writeNumbers(header, 1, [term, previousIndex, previousTerm, commitIndex, round]);
  at = header.writeUInt32BE(entries.length, at);
  entries.forEach((entry, position) => {
    assert(
      entry.index === previousIndex + 1 + position,
      `entry ${entry.index} does not follow in its append`,
    );
    at = writeNumbers(header, at, [entry.term]);
    at = header.writeUInt8(entry.kind === 'command' ? 1 : 0, at);
    at = header.writeUInt32BE(entry.data.length, at);
  });
  return [header, ...entries.map(({ data }) => data)];
}

function decodeAppend(payload: Buffer): RaftMessage | null {
  if (payload.length < APPEND_HEADER_BYTES) return null;
  const numbers = readNumbers(payload, 1, 5);
  const count = payload.readUInt32BE(APPEND_HEADER_BYTES - 4);
  if (numbers === null || count > LIMITS.entriesPerAppend) return null;
  const [term, previousIndex, previousTerm, commitIndex, round] = numbers;
  let at = APPEND_HEADER_BYTES;
  let dataAt = at + count * ENTRY_HEADER_BYTES;
  if (dataAt > payload.length) return null;
  const entries: RaftEntry[] = [];
  for (let position = 0; position < count; position += 1) {
    const entryTerm = readNumbers(payload, at, 1);
    const kind = payload[at + 8];
    const end = dataAt + payload.readUInt32BE(at + 9);
    if (entryTerm === null || kind === undefined || kind > 1 || end > payload.length) return null;
    entries.push({
      index: previousIndex + 1 + position,
      term: entryTerm[0],
      kind: kind === 1 ? 'command' : 'empty',
      data: payload.subarray(dataAt, end),
    });
    at += ENTRY_HEADER_BYTES;
    dataAt = end;
  }
  if (dataAt !== payload.length) return null;
  return { type: 'append', term, previousIndex, previousTerm, commitIndex, round, entries };
}

function encodeAppendReply({ term, round, outcome }: RaftOf<'appendReply'>): Buffer {
  const payload = Buffer.alloc(APPEND_REPLY_BYTES);
  payload[0] = FRAME.appendReply;
  const at = writeNumbers(payload, 1, [term, round]);
  payload[at] = outcome.accepted ? 1 : 0;
  const numbers = outcome.accepted
    ? [outcome.matchIndex]
    : [outcome.rejectedIndex, outcome.hintIndex, outcome.hintTerm];
  writeNumbers(payload, at + 1, numbers);
  return payload;
}

function decodeAppendReply(payload: Buffer): RaftMessage | null {
  if (payload.length !== APPEND_REPLY_BYTES) return null;
  const head = readNumbers(payload, 1, 2);
  const accepted = payload[17];
  const numbers = readNumbers(payload, 18, 3);
  if (head === null || numbers === null || accepted === undefined || accepted > 1) return null;
  const [term, round] = head;
  const [first, hintIndex, hintTerm] = numbers;
  return {
    type: 'appendReply',
    term,
    round,
    outcome:
      accepted === 1
        ? { accepted: true, matchIndex: first }
        : { accepted: false, rejectedIndex: first, hintIndex, hintTerm },
  };
}

function encodeSnapshotChunk(message: RaftOf<'snapshotChunk'>): readonly Uint8Array[] {
  const { term, snapshot, offset, totalBytes, round, data } = message;
  const header = Buffer.allocUnsafe(CHUNK_HEADER_BYTES);
  header[0] = FRAME.snapshotChunk;
  writeNumbers(header, 1, [term, snapshot.index, snapshot.term, offset, totalBytes, round]);
  return data.length === 0 ? [header] : [header, data];
}

function decodeSnapshotChunk(payload: Buffer): RaftMessage | null {
  if (payload.length < CHUNK_HEADER_BYTES) return null;
  const numbers = readNumbers(payload, 1, 6);
  if (numbers === null) return null;
  const [term, index, snapshotTerm, offset, totalBytes, round] = numbers;
  const data = payload.subarray(CHUNK_HEADER_BYTES);
  if (offset + data.length > totalBytes) return null;
  return {
    type: 'snapshotChunk',
    term,
    snapshot: { index, term: snapshotTerm },
    offset,
    totalBytes,
    round,
    data,
  };
}
