/** The benchmarks as a command; whether they run is tried in test/real, how fast is for whoever asks. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { repositoryRoot } from '../support/repository.ts';
import { BENCHMARKS } from './catalogue.ts';

const names = Object.keys(BENCHMARKS);

type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

async function run(...words: readonly string[]): Promise<Ended> {
  const file = path.join(repositoryRoot, 'test/bench/run.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', file, ...words], { cwd: repositoryRoot });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => (stdout += String(chunk)));
  child.stderr.on('data', (chunk) => (stderr += String(chunk)));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

test('what is no benchmark ends with 2 and the names of those that are', async () => {
  for (const words of [['constructor'], [], ['routes', 'commits'], ['routes', '--jsno']]) {
    const { code, stdout, stderr } = await run(...words);
    assert.equal(code, 2, words.join(' '));
    assert.equal(stdout, '');
    for (const name of names) assert.match(stderr, new RegExp(`^ {2}${name} `, 'm'));
  }
});

test('with --json the last line is one object with figure, peer, ratio, unit and met', async () => {
  const { code, stdout } = await run('allocation', '--tiny', '--json');
  assert.equal(code, 0);
  const result: unknown = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
  assert.ok(typeof result === 'object' && result !== null);
  const kinds = new Map(Object.entries(result).map(([key, value]) => [key, typeof value]));
  for (const key of ['figure', 'peer', 'ratio']) assert.equal(kinds.get(key), 'number', key);
  assert.equal(kinds.get('unit'), 'string');
  assert.equal(kinds.get('met'), 'boolean');
});

test('the README has a section for each benchmark and for nothing else', async () => {
  const text = await readFile(path.join(repositoryRoot, 'test/bench/README.md'), 'utf8');
  const sections = [...text.matchAll(/^## `(.+)`$/gm)].map((match) => match[1]);
  assert.deepEqual(sections.sort(), [...names].sort());
});
