/**
 * Power cuts within a recorded run of the real disk log. Here the power goes away after a seeded choice of operations;
 * `npm run -s disks -- power` goes through all of them, for as many histories as one likes.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { seededRandom } from '../../src/core/primitives/seeded-random.ts';
import { DiskModel } from '../disks/disk-model.ts';
import { historyOf } from '../disks/log-history.ts';
import { cutEverywhere } from '../disks/power-cuts.ts';
import { type RecordedStep, type Recording, recordHistory } from '../disks/recording.ts';
import { scratchDirectory } from '../disks/scratch-directory.ts';
import { whyNoTracing } from '../support/disk-fault.ts';

const HISTORY = { seed: 1, batches: 14, snapshotBytes: 3_000_000 };
/** Beside those right behind each acknowledgement. */
const CUTS = 50;

const isAcknowledgement = (step: RecordedStep | undefined): boolean =>
  step?.kind === 'said' && step.text.startsWith('acknowledged');

const scratch = scratchDirectory();
const missing = await whyNoTracing();
let recording: Recording | null = null;

before(async () => {
  if (missing === null) recording = await recordHistory(scratch.path, HISTORY);
});
after(() => scratch.remove());

if (missing !== null) {
  const covered =
    'test/platform/disk-log-damage.test.ts cuts and flips finished files, and nothing else is tried';
  process.stdout.write(`LEFT OUT: power cuts within a recorded run, because ${missing}; ${covered}\n`);
}

test(`a log that was cut off from power loads what it acknowledged${missing === null ? '' : ' (LEFT OUT, see above)'}`, async () => {
  if (recording === null) return;
  const { steps } = recording;
  const random = seededRandom(HISTORY.seed);
  const chosen = new Set(Array.from({ length: CUTS }, () => random.integer(0, steps.length)));
  const report = await cutEverywhere(recording, historyOf(HISTORY), {
    seed: HISTORY.seed,
    tornStates: 2,
    cutsAfter: (at) => chosen.has(at) || isAcknowledgement(steps[at]),
    scratch: scratch.path,
  });
  assert.deepEqual(report.wrong, []);
  assert.deepEqual(report.refused, []);
  assert.ok(report.loaded > CUTS && report.ahead > 0, JSON.stringify(report));
});

test('the recording shows the log at work: files that come and go, syncs, and words of the writer', () => {
  if (recording === null) return;
  const { steps, root } = recording;
  const count = (kind: string): number => steps.filter((step) => step.kind === kind).length;
  const logs = new Set(steps.flatMap((step) => (step.kind === 'open' && step.create ? [step.path] : [])));
  assert.ok([...logs].filter((path) => path.endsWith('.log')).length > 3, 'the log begins new files');
  assert.ok(
    [...logs].some((path) => path.endsWith('.ldb')),
    'and moves records into tables',
  );
  assert.ok(count('sync') >= HISTORY.batches && count('rename') > 4 && count('remove') > 4);
  assert.equal(steps.filter(isAcknowledgement).length, HISTORY.batches);
  // All of it was understood: no operation names a file that the model does not know.
  const model = new DiskModel('letter', root);
  for (const step of steps) if (step.kind !== 'said') model.apply(step);
});
