/**
 * A quarter of all faults on real processes, and every one that was not survived once. Which quarter follows from the
 * commit, so that the same one can be tried again, and so that all have their turn.
 */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { repositoryRoot } from '../support/repository.ts';
import { whyNoSites } from '../support/sites.ts';

const run = promisify(execFile);
const ENTRY = path.join(repositoryRoot, 'dist/test/faults/run.js');
const SHARDS = 4;
const LANES = 2;

/** From the commit where there is one, else from the day. */
async function shard(): Promise<number> {
  const commit = await run('git', ['-C', repositoryRoot, 'rev-parse', 'HEAD']).then(
    ({ stdout }) => Number.parseInt(stdout.slice(0, 8), 16),
    () => Math.floor(Date.now() / 86_400_000),
  );
  return 1 + (commit % SHARDS);
}

const why = await whyNoSites();
const inIntegration = process.env['CI'] !== undefined;
if (why !== null) process.stdout.write(`LEFT OUT: faults on real processes, because ${why}\n`);

const named = why === null ? '' : ' (LEFT OUT, see above)';

test(`faults on real processes: no acknowledged write is lost, every group comes back${named}`, async () => {
  if (why !== null && !inIntegration) return;
  assert.equal(why, null, 'continuous integration has to be where faults can be tried');
  const position = `${await shard()}/${SHARDS}`;
  process.stdout.write(`faults: shard ${position}, and those that failed once\n`);
  const child = spawn(
    process.execPath,
    [ENTRY, '--shard', position, '--ever-failed', '--lanes', String(LANES)],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const [code] = await once(child, 'exit');
  assert.equal(code, 0, `rows that are not green: npm run -s faults -- --shard ${position}`);
});

test(`a loss and an outage that are planted are called so${named}`, async () => {
  if (why !== null) return;
  const planted = ['--only', 'planted-loss', '--only', 'planted-outage', '--lanes', String(LANES), '--json'];
  const failed = run(process.execPath, [ENTRY, ...planted]);
  await assert.rejects(failed, (error: unknown) => {
    assert.ok(error instanceof Error && 'code' in error && 'stderr' in error);
    assert.equal(error.code, 1);
    assert.match(String(error.stderr), /planted-loss: acknowledged and lost: /);
    assert.match(String(error.stderr), /planted-outage: waited \d+ ms in vain/);
    return true;
  });
});
