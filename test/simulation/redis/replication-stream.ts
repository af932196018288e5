/**
 * The stream that a server replicates and keeps: its ids, its offset, and as much of it as the backlog holds. Bytes are
 * counted as Redis writes them, so that offsets of the model and of a real server can be compared.
 */
import { assert } from '../../../src/core/primitives/assert.ts';
import type { SeededRandom } from '../../../src/core/primitives/seeded-random.ts';

export type Write = { readonly key: string; readonly value: string };

export type StreamEntry = {
  readonly kind: 'write' | 'ping' | 'getAck' | 'select';
  readonly bytes: bigint;
  readonly write: Write | null;
  /** Offset of the stream behind it. */
  readonly end: bigint;
};

export const NO_ID = '0'.repeat(40);

/** A command as it goes over the wire. */
export const wireWords = (...words: readonly string[]): string =>
  `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;

/** Length of a command on the wire. */
export const wireBytes = (...words: readonly string[]): bigint => BigInt(wireWords(...words).length);

const BYTES = {
  ping: wireBytes('PING'),
  getAck: wireBytes('REPLCONF', 'GETACK', '*'),
  select: wireBytes('SELECT', '0'),
} as const;

const DIGITS = '0123456789abcdef';

/** Forty hexadecimal characters, as run ids and replication ids are. */
export function randomId(random: SeededRandom): string {
  let id = '';
  while (id.length < 40) {
    let bits = random.integer(0, 2 ** 28);
    for (let digit = 0; digit < 7 && id.length < 40; digit += 1) {
      id += DIGITS[bits & 15];
      bits >>= 4;
    }
  }
  return id;
}

export class ReplicationStream {
  replicationId: string;
  secondId = NO_ID;
  /** First byte that is no longer shared with the second id; -1 without one. */
  secondOffset = -1n;
  offset = 0n;
  /** Null where nothing is kept: a master that never had a replica. */
  #backlog: StreamEntry[] | null = null;
  #backlogBytes = 0n;
  #needsSelect = true;
  readonly #random: SeededRandom;

  constructor(random: SeededRandom) {
    this.#random = random;
    this.replicationId = randomId(random);
  }

  get hasBacklog(): boolean {
    return this.#backlog !== null;
  }

  get backlogBytes(): bigint {
    return this.#backlogBytes;
  }

  /** The byte that the backlog begins with. */
  get backlogFirst(): bigint {
    return this.#backlog === null ? 0n : this.offset - this.#backlogBytes + 1n;
  }

  createBacklog(): void {
    this.#backlog ??= [];
  }

  freeBacklog(): void {
    this.#backlog = null;
    this.#backlogBytes = 0n;
  }

  /** A new history that nobody shares. */
  newHistory(): void {
    this.replicationId = randomId(this.#random);
    this.secondId = NO_ID;
    this.secondOffset = -1n;
  }

  /** A new id that continues the old one from here on. */
  shiftHistory(): void {
    this.secondId = this.replicationId;
    this.secondOffset = this.offset + 1n;
    this.replicationId = randomId(this.#random);
    this.selectAgain();
  }

  /** The master's id changed while this server was away and shares everything that it has. */
  followHistory(replicationId: string): void {
    if (replicationId === this.replicationId) return;
    this.secondId = this.replicationId;
    this.secondOffset = this.offset + 1n;
    this.replicationId = replicationId;
  }

  /** Everything as a master's snapshot says. */
  adopt(replicationId: string, offset: bigint): void {
    this.freeBacklog();
    this.replicationId = replicationId;
    this.secondId = NO_ID;
    this.secondOffset = -1n;
    this.offset = offset;
    this.createBacklog();
  }

  /** The next write names its database again: a snapshot or a new reign begins. */
  selectAgain(): void {
    this.#needsSelect = true;
  }

  /** Bytes of a master's own stream. */
  produce(
    kind: 'write' | 'ping' | 'getAck',
    write: Write | null,
    limitBytes: bigint,
  ): readonly StreamEntry[] {
    if (this.#backlog === null) return [];
    const entries: StreamEntry[] = [];
    const add = (entryKind: StreamEntry['kind'], bytes: bigint, content: Write | null): void => {
      const entry = { kind: entryKind, bytes, write: content, end: this.offset + bytes };
      entries.push(entry);
      this.append(entry, limitBytes);
    };
    if (kind === 'write') {
      if (this.#needsSelect) add('select', BYTES.select, null);
      this.#needsSelect = false;
      add('write', wireBytes('SET', write?.key ?? '', write?.value ?? ''), write);
    } else add(kind, BYTES[kind], null);
    return entries;
  }

  /** Bytes of whatever stream this server is on. */
  append(entry: StreamEntry, limitBytes: bigint): void {
    assert(
      entry.end === this.offset + entry.bytes,
      `${entry.kind} of ${entry.bytes} bytes up to ${entry.end} follows ${this.offset}`,
    );
    this.offset = entry.end;
    if (this.#backlog === null) return;
    this.#backlog.push(entry);
    this.#backlogBytes += entry.bytes;
    while (this.#backlogBytes > limitBytes) {
      const oldest = this.#backlog.shift();
      if (oldest === undefined) return;
      this.#backlogBytes -= oldest.bytes;
    }
  }

  /** What somebody lacks who has `replicationId` and asks for the byte `wanted`; null where that is not known here. */
  entriesFrom(replicationId: string, wanted: bigint): readonly StreamEntry[] | null {
    const shared =
      replicationId === this.replicationId ||
      (replicationId === this.secondId && wanted <= this.secondOffset);
    if (!shared || this.#backlog === null) return null;
    if (wanted < this.backlogFirst || wanted > this.offset + 1n) return null;
    return this.#backlog.filter((entry) => entry.end >= wanted);
  }
}
