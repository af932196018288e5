/** A seeded choice of damages; `npm run -s disks -- damage` tries every byte of the small files and more of the others. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { damageEverywhere } from './file-damage.ts';
import { scratchDirectory } from './scratch-directory.ts';

test('a log with one damaged file loads exactly what it held, or refuses and says why', async () => {
  const scratch = scratchDirectory();
  try {
    const report = await damageEverywhere({
      seed: 3,
      batches: 30,
      snapshotBytes: 20_000,
      placesPerFile: 24,
      everyByteUpTo: 20,
      scratch: scratch.path,
    });
    assert.deepEqual(report.wrong, []);
    assert.ok(report.refused > 50 && report.harmless > 5, JSON.stringify(report));
    assert.ok(Object.keys(report.records).length > 3, JSON.stringify(report.records));
  } finally {
    scratch.remove();
  }
});
