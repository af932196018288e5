/** What every LogPort keeps, whatever is underneath. Each case starts on an empty log and reads it back reopened. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { LogPort } from '../../src/core/node/ports.ts';
import { InvariantError } from '../../src/core/primitives/assert.ts';
import { nodeName } from '../../src/core/primitives/identifiers.ts';
import { LIMITS } from '../../src/core/primitives/limits.ts';
import type { HardState, PersistBatch, RaftEntry, RaftSnapshot } from '../../src/core/raft/types.ts';

/** Opens the same log again and again until it is disposed of. */
export type LogHarness = { open(): Promise<LogPort>; dispose(): Promise<void> };

export const entry = (index: number, term: number, text = `entry ${index} of ${term}`): RaftEntry => ({
  index,
  term,
  kind: text === '' ? 'empty' : 'command',
  data: Buffer.from(text),
});

export const entriesOf = (from: number, to: number, term: number): RaftEntry[] =>
  Array.from({ length: to - from + 1 }, (_, position) => entry(from + position, term));

export const batchOf = (parts: Partial<PersistBatch>): PersistBatch => ({
  hardState: null,
  snapshot: null,
  truncateFrom: null,
  entries: [],
  compactBelow: null,
  ...parts,
});

export const voted = (term: number, votedFor: string | null = null, commitIndex = 0): HardState => ({
  term,
  votedFor: votedFor === null ? null : nodeName(votedFor),
  commitIndex,
});

export const snapshotAt = (index: number, term: number, bytes = 10): RaftSnapshot => ({
  index,
  term,
  data: Buffer.alloc(bytes, index),
});

const plain = (entries: readonly RaftEntry[]) =>
  entries.map(({ index, term, kind, data }) => ({ index, term, kind, text: Buffer.from(data).toString() }));

export function describeLog(name: string, makeHarness: () => Promise<LogHarness>): void {
  const withLog = (body: (log: LogPort, reopen: () => Promise<LogPort>) => Promise<void>) => async () => {
    const harness = await makeHarness();
    let log = await harness.open();
    try {
      await log.load();
      await body(log, async () => {
        await log.close();
        log = await harness.open();
        return log;
      });
    } finally {
      await log.close();
      await harness.dispose();
    }
  };

  describe(`${name}: what every log keeps`, () => {
    it(
      'starts empty, in term 0, having voted for nobody',
      withLog(async (_log, reopen) => {
        assert.deepEqual(await (await reopen()).load(), { hardState: voted(0), snapshot: null, entries: [] });
      }),
    );

    it(
      'reads back entries of both kinds, vote and term',
      withLog(async (log, reopen) => {
        const entries = [entry(1, 1, ''), entry(2, 1), { ...entry(3, 4), data: Buffer.alloc(300_000, 9) }];
        await log.persist(batchOf({ hardState: voted(4, 'idc-b', 2), entries }));
        const restored = await (await reopen()).load();
        assert.deepEqual(restored.hardState, voted(4, 'idc-b', 2));
        assert.deepEqual(plain(restored.entries), plain(entries));
      }),
    );

    it(
      'keeps the hard state over a batch without one',
      withLog(async (log, reopen) => {
        await log.persist(batchOf({ hardState: voted(3, 'idc-a') }));
        await log.persist(batchOf({ entries: entriesOf(1, 2, 3) }));
        const restored = await (await reopen()).load();
        assert.deepEqual(restored.hardState, voted(3, 'idc-a'));
        assert.equal(restored.entries.length, 2);
      }),
    );

    it(
      'writes batches in the order of the calls, without waiting between them',
      withLog(async (log, reopen) => {
        const batches = Array.from({ length: LIMITS.persistsWaiting }, (_, position) =>
          batchOf({ hardState: voted(position + 1), entries: [entry(position + 1, position + 1)] }),
        );
        await Promise.all(batches.map((batch) => log.persist(batch)));
        const restored = await (await reopen()).load();
        assert.equal(restored.hardState.term, LIMITS.persistsWaiting);
        assert.deepEqual(
          restored.entries.map(({ index }) => index),
          batches.map((_, position) => position + 1),
        );
      }),
    );

    it(
      'replaces the tail from truncateFrom on, by fewer entries or by none',
      withLog(async (log, reopen) => {
        await log.persist(batchOf({ hardState: voted(1), entries: entriesOf(1, 10, 1) }));
        await log.persist(batchOf({ hardState: voted(2), truncateFrom: 4, entries: entriesOf(4, 5, 2) }));
        const once = await (await reopen()).load();
        assert.deepEqual(plain(once.entries), plain([...entriesOf(1, 3, 1), ...entriesOf(4, 5, 2)]));
        const again = await reopen();
        await again.load();
        await again.persist(batchOf({ truncateFrom: 2 }));
        assert.deepEqual(plain((await (await reopen()).load()).entries), plain(entriesOf(1, 1, 1)));
      }),
    );

    it(
      'gives the entries behind the snapshot only',
      withLog(async (log, reopen) => {
        await log.persist(batchOf({ hardState: voted(1, null, 8), entries: entriesOf(1, 10, 1) }));
        await log.persist(batchOf({ snapshot: snapshotAt(6, 1), compactBelow: 4 }));
        await log.persist(
          batchOf({ hardState: voted(2, null, 8), truncateFrom: 10, entries: entriesOf(10, 11, 2) }),
        );
        const restored = await (await reopen()).load();
        assert.deepEqual(restored.snapshot, snapshotAt(6, 1));
        assert.deepEqual(plain(restored.entries), plain([...entriesOf(7, 9, 1), ...entriesOf(10, 11, 2)]));
      }),
    );

    it(
      'takes a snapshot from a leader that is past its log, and goes on behind it',
      withLog(async (log, reopen) => {
        await log.persist(batchOf({ hardState: voted(1), entries: entriesOf(1, 10, 1) }));
        await log.persist(batchOf({ hardState: voted(3, null, 500), snapshot: snapshotAt(500, 2) }));
        assert.deepEqual((await (await reopen()).load()).entries, []);
        const again = await reopen();
        await again.load();
        await again.persist(batchOf({ entries: entriesOf(501, 502, 3) }));
        const restored = await (await reopen()).load();
        assert.deepEqual(restored.snapshot, snapshotAt(500, 2));
        assert.deepEqual(plain(restored.entries), plain(entriesOf(501, 502, 3)));
      }),
    );

    it(
      'drops a log that does not contain the last entry of a snapshot',
      withLog(async (log, reopen) => {
        await log.persist(batchOf({ hardState: voted(1), entries: entriesOf(1, 10, 1) }));
        await log.persist(batchOf({ hardState: voted(3, null, 5), snapshot: snapshotAt(5, 3) }));
        const restored = await (await reopen()).load();
        assert.deepEqual(restored.snapshot, snapshotAt(5, 3));
        assert.deepEqual(restored.entries, []);
      }),
    );

    it(
      'replaces a large snapshot by a smaller one',
      withLog(async (log, reopen) => {
        const large = snapshotAt(5, 1, 2 * LIMITS.snapshotRecordBytes + 17);
        await log.persist(
          batchOf({ hardState: voted(1, null, 5), entries: entriesOf(1, 9, 1), snapshot: null }),
        );
        await log.persist(batchOf({ snapshot: large }));
        assert.deepEqual((await (await reopen()).load()).snapshot, large);
        const again = await reopen();
        await again.load();
        await again.persist(batchOf({ snapshot: { index: 7, term: 1, data: new Uint8Array(0) } }));
        const restored = await (await reopen()).load();
        assert.equal(restored.snapshot?.index, 7);
        assert.equal(restored.snapshot?.data.length, 0);
        assert.deepEqual(plain(restored.entries), plain(entriesOf(8, 9, 1)));
      }),
    );

    it(
      'deletes more behind a snapshot than one batch may',
      withLog(async (log, reopen) => {
        const last = LIMITS.deletesPerPersist * 2 + 100;
        await log.persist(batchOf({ hardState: voted(1, null, last), entries: entriesOf(1, last, 1) }));
        await log.persist(batchOf({ snapshot: snapshotAt(last - 1, 1), compactBelow: last }));
        await log.persist(batchOf({ entries: [entry(last + 1, 1)] }));
        const restored = await (await reopen()).load();
        assert.deepEqual(plain(restored.entries), plain(entriesOf(last, last + 1, 1)));
      }),
    );

    const bugs: readonly (readonly [string, Partial<PersistBatch>])[] = [
      ['an entry that leaves a gap', { entries: [entry(12, 2)] }],
      ['an entry that overwrites without truncateFrom', { entries: [entry(10, 2)] }],
      ['a falling term', { entries: [entry(11, 1)] }],
      ['a truncation behind the commit index', { truncateFrom: 3 }],
      ['a commit index past the last entry', { hardState: voted(2, null, 11) }],
      ['a falling term of the node', { hardState: voted(1, null, 5) }],
      ['a compaction of entries that no snapshot covers', { compactBelow: 7 }],
      ['a snapshot that goes back', { snapshot: snapshotAt(2, 2) }],
      ["an entry past the node's own term", { entries: [entry(11, 3)] }],
    ];
    for (const [what, parts] of bugs) {
      it(
        `refuses ${what} as a bug`,
        withLog(async (log) => {
          await log.persist(batchOf({ hardState: voted(2, null, 5), entries: entriesOf(1, 10, 2) }));
          await log.persist(batchOf({ snapshot: snapshotAt(4, 2) }));
          await assert.rejects(log.persist(batchOf(parts)), InvariantError);
        }),
      );
    }

    it(
      'agrees with a plain list over random histories',
      withLog(async (first, reopen) => {
        let log = first;
        let model: RaftEntry[] = [];
        let term = 1;
        let snapshotIndex = 0;
        const steps = fc.sample(
          fc.record({
            kind: fc.constantFrom('append', 'append', 'replace', 'snapshot', 'reopen'),
            size: fc.integer({ min: 1, max: 5 }),
          }),
          { numRuns: 60, seed: 7 },
        );
        for (const { kind, size } of steps) {
          const last = model.at(-1)?.index ?? snapshotIndex;
          if (kind === 'append' || kind === 'replace') {
            const from = kind === 'append' ? last + 1 : Math.max(snapshotIndex + 1, last - size);
            term += kind === 'append' ? 0 : 1;
            const entries = entriesOf(from, from + size - 1, term);
            model = [...model.filter(({ index }) => index < from), ...entries];
            const truncateFrom = from <= last ? from : null;
            await log.persist(batchOf({ hardState: voted(term), truncateFrom, entries }));
          } else if (kind === 'snapshot') {
            const covered = model[Math.min(size, model.length) - 1];
            if (covered === undefined) continue;
            snapshotIndex = covered.index;
            model = model.filter(({ index }) => index > snapshotIndex);
            await log.persist(
              batchOf({ snapshot: snapshotAt(snapshotIndex, covered.term), compactBelow: snapshotIndex - 1 }),
            );
          } else {
            log = await reopen();
            await log.load();
          }
        }
        const restored = await (await reopen()).load();
        assert.deepEqual(plain(restored.entries), plain(model));
        assert.equal(restored.hardState.term, term);
        assert.equal(restored.snapshot?.index ?? 0, snapshotIndex);
        assert.ok(model.length > 0 && snapshotIndex > 0, 'the history must have exercised something');
      }),
    );
  });
}
