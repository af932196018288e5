/** The command: what it prints, how it ends, and that an interrupted run goes on where it stopped. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { repositoryRoot } from '../support/repository.ts';

const directory = await mkdtemp(path.join(tmpdir(), 'pollux-sim-'));
after(() => rm(directory, { recursive: true, force: true }));

type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

function sim(...options: readonly string[]): Promise<Ended> {
  const command = ['--import', 'tsx', path.join(repositoryRoot, 'test/simulation/run.ts'), ...options];
  const child = spawn(process.execPath, command, { cwd: repositoryRoot });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (output.stdout += String(chunk)));
  child.stderr.on('data', (chunk) => (output.stderr += String(chunk)));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...output }));
  });
}

const lastLine = ({ stdout }: Ended): Record<string, unknown> =>
  JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');

test('some seeds, as one object in the last line', async () => {
  const ended = await sim('--seeds', '3', '--json');
  assert.equal(ended.code, 0, ended.stderr);
  const { seeds, steps, violations, failedSeeds } = lastLine(ended);
  assert.deepEqual({ seeds, violations, failedSeeds }, { seeds: 3, violations: 0, failedSeeds: [] });
  assert.ok(Number(steps) > 1_000);
});

test('a run goes on from its state, and comes to what an uninterrupted one comes to', async () => {
  const state = path.join(directory, 'state.json');
  assert.equal((await sim('--seeds', '2', '--first', '5', '--state', state)).code, 0);
  const resumed = lastLine(await sim('--seeds', '4', '--first', '5', '--state', state, '--json'));
  const whole = lastLine(await sim('--seeds', '4', '--first', '5', '--json'));
  assert.deepEqual({ ...resumed, seconds: 0 }, { ...whole, seconds: 0 });
  assert.equal((await sim('--seeds', '4', '--first', '6', '--state', state)).code, 2, 'of another run');
});

test('a seed is written down and replayed', async () => {
  const file = path.join(directory, 'scenario.json');
  assert.equal((await sim('--seed', '4', '--scenario', file)).code, 0);
  assert.match(await readFile(file, 'utf8'), /leads term/);
  const [seed, replayed] = [await sim('--seed', '4'), await sim('--replay', file)];
  assert.equal(replayed.code, 0);
  assert.equal(replayed.stdout, seed.stdout);
});

test('a wrong call ends with 2 and says how it is done', async () => {
  for (const options of [[], ['--seeds', 'x'], ['--seed', '1', '--seeds', '2'], ['--profile', 'none']]) {
    const ended = await sim(...options);
    assert.equal(ended.code, 2);
    assert.match(ended.stderr, /usage: npm run -s sim/);
  }
});
