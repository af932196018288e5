/**
 * The linter's rules that the design leans on, each with a file that it has to catch. The real configuration runs
 * over a planted tree outside the repository.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { repositoryRoot } from '../support/repository.ts';

const biome = path.join(repositoryRoot, 'node_modules/@biomejs/biome/bin/biome');

const longFunction = `export function long(): number {\n  let sum = 0;\n${'  sum += 1;\n'.repeat(80)}  return sum;\n}\n`;

const planted: readonly (readonly [rule: string, file: string, text: string])[] = [
  ['noRestrictedGlobals', 'src/core/failover/clock.ts', 'export const now = () => Date.now();\n'],
  [
    'noRestrictedGlobals',
    'src/core/failover/timer.ts',
    'export const wait = (f: () => void) => setTimeout(f, 1);\n',
  ],
  ['noRestrictedGlobals', 'src/core/failover/environment.ts', 'export const env = () => process.env;\n'],
  ['noRestrictedGlobals', 'src/core/failover/talk.ts', "export const talk = () => console.log('x');\n"],
  ['noNodejsModules', 'src/core/failover/files.ts', "import * as fs from 'node:fs';\nexport const x = fs;\n"],
  ['noExcessiveLinesPerFunction', 'src/cli/long.ts', longFunction],
  ['noExplicitAny', 'src/cli/loose.ts', `export const f = (value: ${'an'}y) => value;\n`],
  ['noNonNullAssertion', 'src/cli/bang.ts', 'export const f = (value: string | null) => value!.length;\n'],
  ['noReExportAll', 'src/cli/barrel.ts', "export * from './long.ts';\n"],
  ['noUnusedImports', 'src/cli/unused.ts', "import { long } from './long.ts';\nexport const x = 1;\n"],
  ['useFilenamingConvention', 'src/cli/camelCase.ts', 'export const x = 1;\n'],
  ['noImportCycles', 'src/cli/one.ts', "import { two } from './two.ts';\nexport const one = () => two();\n"],
];
const innocent: readonly (readonly [file: string, text: string])[] = [
  ['src/core/failover/pure.ts', 'export const next = (nowMs: number) => nowMs + 1;\n'],
  ['src/platform/clock.ts', 'export const now = () => Date.now();\n'],
];

let root = '';
let output = '';
let code: number | null = null;

before(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'pollux-lint-'));
  const twin = [
    'src/cli/two.ts',
    "import { one } from './one.ts';\nexport const two = () => one();\n",
  ] as const;
  for (const [file, text] of [...planted.map(([, ...rest]) => rest), ...innocent, twin]) {
    await mkdir(path.join(root, path.dirname(file)), { recursive: true });
    await writeFile(path.join(root, file), text);
  }
  await copyFile(path.join(repositoryRoot, 'biome.json'), path.join(root, 'biome.json'));
  const child = spawn(
    process.execPath,
    [biome, 'lint', '--colors=off', '--reporter=github', '--vcs-enabled=false', 'src'],
    {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  child.stdout.on('data', (chunk) => {
    output += String(chunk);
  });
  code = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
});
after(async () => {
  await rm(root, { recursive: true, force: true });
});

describe('the linter', () => {
  it('fails on the planted tree', () => {
    assert.equal(code, 1, output);
  });
  for (const [rule, file] of planted) {
    it(`catches ${file} by ${rule}`, () => {
      const lines = output.split('\n').filter((line) => line.startsWith('::error'));
      assert.ok(
        lines.some((line) => line.includes(file) && line.includes(`/${rule},`)),
        output,
      );
    });
  }
  for (const [file] of innocent) {
    it(`lets ${file} pass`, () => {
      assert.ok(!output.includes(file), output);
    });
  }
});
