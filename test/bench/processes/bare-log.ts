/**
 * The peer of the commit benchmark: LevelDB alone. It writes batches of the sizes that a node wrote, each synced, one
 * after the other, with one small record more a batch, as every batch of a log has its head. Entries are a record each,
 * or packed into one, as a node packs them. Nothing is sent, checked, encoded, applied or answered.
 */
import { ClassicLevel } from 'classic-level';
import { type Batch, bareLogQuestion } from './commit-messages.ts';
import { answerQuestions } from './forked.ts';

const KEY_BYTES = 9;
const HEAD_KEY = Buffer.from('h');
const HEAD = Buffer.alloc(80, 1);

let database: ClassicLevel<Buffer, Buffer> | null = null;
let prepared: readonly Batch[] = [];
let written = 0;

function keyOf(position: number): Buffer {
  const key = Buffer.alloc(KEY_BYTES, 'e');
  key.writeUInt32BE(position, KEY_BYTES - 4);
  return key;
}

async function write(
  into: ClassicLevel<Buffer, Buffer>,
  packed: boolean,
): Promise<{ readonly elapsedMs: number }> {
  const startedMs = performance.now();
  for (const { entries, bytes } of prepared) {
    const batch = into.batch();
    const records = packed ? Math.min(entries, 1) : entries;
    const value = Buffer.alloc(records === 0 ? 0 : Math.round(bytes / records), 1);
    for (let record = 0; record < records; record += 1) {
      written += 1;
      batch.put(keyOf(written), value);
    }
    batch.put(HEAD_KEY, HEAD);
    await batch.write({ sync: true });
  }
  return { elapsedMs: performance.now() - startedMs };
}

answerQuestions(bareLogQuestion, async (question) => {
  switch (question.kind) {
    case 'open': {
      const encodings = { keyEncoding: 'buffer', valueEncoding: 'buffer' } as const;
      database = new ClassicLevel(question.directory, { ...encodings, compression: false });
      await database.open();
      return {};
    }
    case 'prepare':
      prepared = question.batches;
      return {};
    case 'write':
      if (database === null) throw new Error('asked to write before it was opened');
      return write(database, question.packed);
  }
});
