/**
 * Writes a history to a disk log, and says in a file what it has begun and what was acknowledged: one synchronous
 * write a word, so that both stand at their place in a recording of the process.
 *
 * `log-writer DATA-DIRECTORY SAID-FILE SEED BATCHES SNAPSHOT-BYTES`
 */
import { openSync, writeSync } from 'node:fs';
import { openDiskLog } from '../../../src/platform/disk-log.ts';
import { HISTORY_NODE, HISTORY_TIER, historyOf } from '../log-history.ts';

const [, , directory = '', saidFile = '', seed, batches, snapshotBytes] = process.argv;
const said = openSync(saidFile, 'w');
const say = (word: string): void => {
  writeSync(said, `${word}\n`);
};
const open = async () => {
  const log = await openDiskLog({ directory, node: HISTORY_NODE });
  await log.load();
  say(`opened ${log.identity().directoryId}`);
  return log;
};

const { steps } = historyOf({
  seed: Number(seed),
  batches: Number(batches),
  snapshotBytes: Number(snapshotBytes),
});
let log = await open();
let begun = 0;
for (const step of steps) {
  if (step.kind === 'persist') {
    const written = step.batches.map((batch) => {
      begun += 1;
      const number = begun;
      say(`begun ${number}`);
      return log.persist(batch).then(() => say(`acknowledged ${number}`));
    });
    await Promise.all(written);
  } else if (step.kind === 'bindTier') {
    await log.bindTier(HISTORY_TIER);
    say('bound');
  } else {
    await log.close();
    log = await open();
  }
}
await log.close();
