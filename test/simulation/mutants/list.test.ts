/** The list follows the code: every bug can be planted, which the hunt itself would only find out after minutes. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { repositoryRoot } from '../../support/repository.ts';
import { MUTANTS } from './list.ts';
import { changesOf, objectionTo } from './plant.ts';

test('every planted bug finds its one place in the code', () => {
  const objections = MUTANTS.flatMap((mutant) =>
    changesOf(mutant).flatMap((change) => {
      const objection = objectionTo(change, readFileSync(path.join(repositoryRoot, change.file), 'utf8'));
      return objection === null ? [] : [`${mutant.name}: ${objection}`];
    }),
  );
  assert.deepEqual(objections, []);
  assert.equal(new Set(MUTANTS.map(({ name }) => name)).size, MUTANTS.length);
  assert.ok(MUTANTS.length >= 40);
});

test('no bug has two places in one file: only the last of them would be planted', () => {
  const doubled = MUTANTS.filter((mutant) => {
    const files = changesOf(mutant).map(({ file }) => file);
    return new Set(files).size < files.length;
  });
  assert.deepEqual(
    doubled.map(({ name }) => name),
    [],
  );
});

test('a bug that has no place, two, or changes nothing is refused', () => {
  const mutant = { name: 'm', file: 'f', find: 'a', replace: 'b', profile: 'consensus' } as const;
  assert.equal(objectionTo(mutant, 'xay'), null);
  assert.match(String(objectionTo(mutant, 'xy')), /0 times/);
  assert.match(String(objectionTo(mutant, 'xaya')), /2 times/);
  assert.match(String(objectionTo({ ...mutant, replace: 'a' }, 'xay')), /nothing/);
});
