import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ownIdc } from '../../src/sdk/own-idc.ts';

const directory = mkdtempSync(join(tmpdir(), 'pollux-idc-'));
after(() => rmSync(directory, { recursive: true, force: true }));

const file = (text: string): string => {
  const path = join(directory, 'idc');
  writeFileSync(path, text);
  return path;
};

const shown = (option: string | undefined, environment: string | undefined, path: string): string | null => {
  const result = ownIdc({ option, environment, file: path });
  return result.ok ? result.value : result.refusal.code;
};

test('option before environment before file before nobody', () => {
  const path = file('idc-f\n');
  assert.equal(shown('idc-o', 'idc-e', path), 'idc-o');
  assert.equal(shown(undefined, 'idc-e', path), 'idc-e');
  assert.equal(shown(undefined, '', path), 'idc-f');
  assert.equal(shown(undefined, undefined, path), 'idc-f');
  assert.equal(shown(undefined, undefined, file('  \n')), null);
  assert.equal(shown(undefined, undefined, join(directory, 'missing')), null);
});

test('what is said and is no name is refused, not passed over', () => {
  assert.equal(shown('', 'idc-e', file('idc-f')), 'invalidRequest');
  assert.equal(shown(undefined, 'idc e', file('idc-f')), 'invalidRequest');
  assert.equal(shown(undefined, undefined, file('idc-a idc-b')), 'invalidRequest');
});
