/**
 * The import direction, on the real tree and on a planted one in which every rule is broken once: a rule that
 * lets its planted violation pass guards nothing.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { z } from 'zod';
import { repositoryRoot, walkFiles } from '../support/repository.ts';

const config = path.join(repositoryRoot, '.dependency-cruiser.mjs');
const planted = path.join(repositoryRoot, 'test/imports/planted');
const executable = path.join(repositoryRoot, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');

/** The tree had this many modules when the number was last looked at; a parser that reads nothing reports no violation. */
const FEWEST_MODULES = 200;

const Report = z.object({
  summary: z.object({
    totalCruised: z.number(),
    violations: z.array(z.object({ from: z.string(), to: z.string(), rule: z.object({ name: z.string() }) })),
  }),
});

async function cruise(directory: string): Promise<z.infer<typeof Report>['summary']> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [executable, '--config', config, '--output-type', 'json', '--no-progress', 'src'],
    { cwd: directory, maxBuffer: 64 * 1024 * 1024 },
  );
  return Report.parse(JSON.parse(stdout)).summary;
}

test('the real tree keeps to the import direction', async () => {
  const { violations, totalCruised } = await cruise(repositoryRoot);
  const lines = violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`);
  assert.deepEqual(lines, []);
  assert.ok(totalCruised >= FEWEST_MODULES, `only ${totalCruised} modules were read`);
});

test('every rule catches its planted violation, type imports included', async () => {
  const { violations } = await cruise(planted);
  const caught = new Set(violations.map(({ rule, from }) => `${from}: ${rule.name}`));
  const filesCaught = new Set(violations.map(({ from }) => from));
  const expectedRules = new Set<string>();
  for (const file of await walkFiles(planted, 'src')) {
    const text = await readFile(path.join(planted, file), 'utf8');
    const rule = /^\/\/ caught by: (\S+)$/m.exec(text)?.[1];
    if (rule === undefined) {
      assert.ok(!filesCaught.has(file), `${file} is allowed and was caught`);
    } else {
      assert.ok(caught.has(`${file}: ${rule}`), `${file} was not caught by ${rule}`);
      expectedRules.add(rule);
    }
  }
  const Config = z.object({ default: z.object({ forbidden: z.array(z.object({ name: z.string() })) }) });
  const rules = Config.parse(await import(config)).default.forbidden.map(({ name }) => name);
  assert.deepEqual(
    rules.filter((rule) => !expectedRules.has(rule)),
    [],
    'these rules have no planted violation',
  );
});
