/** A program that is missing is said to be, with the way to get it; nothing is installed by a test. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isInstalled, needPrograms } from './tools.ts';

const nowhere = 'a-program-that-nobody-has';

test('what is on the path is found, and what is not is not', () => {
  assert.equal(isInstalled('node'), true);
  assert.equal(isInstalled(nowhere), false);
});

test('a missing program is named together with the package to install', () => {
  needPrograms(['node'], false, () => assert.fail('nothing is to be told'));
  assert.throws(() => needPrograms(['node', nowhere], false, () => undefined), {
    message: /no 'a-program-that-nobody-has' on the path: install it \(Debian: apt-get install a-program/,
  });
});
