/** The runner itself, on small trees: it must never call a run green in which something was not executed. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { access, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { repositoryRoot } from '../support/repository.ts';
import { ALONE } from './test-group.ts';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'pollux-run-'));
  await mkdir(path.join(root, 'test/real'), { recursive: true });
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

type Ended = { readonly code: number | null; readonly output: string };

async function runGroup(group: string, ...files: readonly string[]): Promise<Ended> {
  const { NODE_TEST_CONTEXT: _inherited, ...env } = process.env;
  const arguments_ = [
    '--import',
    'tsx',
    path.join(repositoryRoot, 'test/run.ts'),
    group,
    '--root',
    root,
    ...files,
  ];
  const child = spawn(process.execPath, arguments_, { cwd: repositoryRoot, env });
  let output = '';
  child.stdout.on('data', (chunk) => (output += String(chunk)));
  child.stderr.on('data', (chunk) => (output += String(chunk)));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}

const plant = (file: string, body: string): Promise<void> =>
  writeFile(path.join(root, 'test', file), `import { test } from 'node:test';\n${body}\n`);

describe('test/run.ts', () => {
  it('passes when everything passed, and says how much that was', async () => {
    await plant('a.test.ts', "test('one', () => {}); test('two', () => {});");
    await plant('real/b.test.ts', "test('not of this group', () => { throw new Error('must not run'); });");
    const { code, output } = await runGroup('unit');
    assert.equal(code, 0, output);
    assert.match(output, /unit: 2 passed, 0 failed in 1 files/);
  });

  it('runs the real group apart', async () => {
    await plant('real/b.test.ts', "test('broken', () => { throw new Error('broken on purpose'); });");
    const { code, output } = await runGroup('real');
    assert.equal(code, 1, output);
    assert.match(output, /broken on purpose/);
    assert.match(output, /real: 0 passed, 1 failed/);
  });

  it('says at the end, after all other output, what failed, where and why', async () => {
    await plant('a.test.ts', "test('broken', () => { throw new Error('broken on purpose'); });");
    await plant('b.test.ts', "test('whole', () => {});");
    const { output } = await runGroup('unit');
    const summary = output.slice(output.lastIndexOf('duration_ms'));
    assert.match(summary, /unit: FAILED: broken \(.*a\.test\.ts\)\nError: broken on purpose/);
    assert.doesNotMatch(summary, /FAILED: whole/);
  });

  it('runs two files of the real group at once, and what needs the machine alone after them', async () => {
    const meets = (own: string, other: string): string => `
      import { existsSync, writeFileSync } from 'node:fs';
      const mark = (name) => new URL(name, import.meta.url);
      test('meets the other file', async () => {
        writeFileSync(mark('${own}.began'), '');
        while (!existsSync(mark('${other}.began'))) await new Promise((done) => setTimeout(done, 20));
        await new Promise((done) => setTimeout(done, 200));
        writeFileSync(mark('${own}.ended'), '');
      });`;
    await plant('real/a.test.ts', meets('a', 'b'));
    await plant('real/b.test.ts', meets('b', 'a'));
    await plant(
      'real/faults.test.ts',
      `import { existsSync } from 'node:fs';
      test('comes last', () => {
        for (const name of ['a.ended', 'b.ended'])
          if (!existsSync(new URL(name, import.meta.url))) throw new Error('not alone');
      });`,
    );
    const { code, output } = await runGroup('real');
    assert.equal(code, 0, output);
    assert.match(output, /real: 3 passed, 0 failed in 3 files/);
  });

  it('knows no file that is not there as one that needs the machine alone', async () => {
    for (const file of ALONE) await access(path.join(repositoryRoot, file));
  });

  it('fails on a tree without test files', async () => {
    const { code, output } = await runGroup('unit');
    assert.equal(code, 1, output);
    assert.match(output, /nothing was tested/);
  });

  it('fails when one file executes no test, though others do', async () => {
    await plant('a.test.ts', "test('one', () => {});");
    await plant('empty.test.ts', 'void test;');
    const { code, output } = await runGroup('unit');
    assert.equal(code, 1, output);
    assert.match(output, /no test was executed in .*empty\.test\.ts/);
  });

  it('fails when a file cannot be loaded', async () => {
    await plant('a.test.ts', "test('one', () => {});");
    await plant('broken.test.ts', "import './absent.ts'; void test;");
    const { code, output } = await runGroup('unit');
    assert.equal(code, 1, output);
  });

  it('fails when a test was left out', async () => {
    await plant('a.test.ts', "test('one', () => {}); test('later', { ['sk' + 'ip']: true }, () => {});");
    const { code, output } = await runGroup('unit');
    assert.equal(code, 1, output);
    assert.match(output, /left out: later/);
  });

  it('refuses a group and a file that it does not know', async () => {
    assert.equal((await runGroup('everything')).code, 2);
    assert.equal((await runGroup('unit', path.join(root, 'test/none.test.ts'))).code, 2);
  });
});
