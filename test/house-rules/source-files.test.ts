/**
 * What no source file may be or contain. The patterns are put together out of halves, so that this file does not
 * contain what it looks for.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { repositoryRoot, walkFiles } from '../support/repository.ts';
import { findForbidden, isForeignHost } from './forbidden-text.ts';

type SourceFile = { readonly file: string; readonly text: string };

const MOST_LINES = 400;
/** A walk that finds fewer has lost its way. */
const FEWEST_FILES = 40;

let code: SourceFile[] = [];
let texts: SourceFile[] = [];

const read = async (file: string): Promise<SourceFile> => ({
  file,
  text: await readFile(path.join(repositoryRoot, file), 'utf8'),
});

before(async () => {
  const files = (await walkFiles(repositoryRoot, '.')).filter((file) => !file.endsWith('package-lock.json'));
  texts = await Promise.all(
    files
      .filter((file) => /\.(ts|mjs|js|json|md|sh|ya?ml|html|css|conf|service)$|^\.ci\/run$/.test(file))
      .map(read),
  );
  code = texts.filter(({ file }) => /^(src|test|deploy)\/.*\.(ts|mjs|js|sh)$/.test(file));
});

describe('source files', () => {
  it('are found', () => {
    assert.ok(code.length >= FEWEST_FILES, `only ${code.length} files`);
  });

  it(`have fewer than ${MOST_LINES} lines`, () => {
    const tooLong = code
      .map(({ file, text }) => ({ file, lines: text.split('\n').length - 1 }))
      .filter(({ lines }) => lines >= MOST_LINES)
      .map(({ file, lines }) => `${file}: ${lines} lines`);
    assert.deepEqual(tooLong, []);
  });

  it('contain nothing loose, left out or unfinished', () => {
    assert.deepEqual(
      code.flatMap(({ file, text }) => findForbidden('code', file, text)),
      [],
    );
  });

  it('of the core touch no clock, timer, randomness or environment', () => {
    const core = code.filter(({ file }) => file.startsWith('src/core/'));
    assert.ok(core.length > 0);
    assert.deepEqual(
      core.flatMap(({ file, text }) => findForbidden('core', file, text)),
      [],
    );
  });

  it('name no place, machine or task outside the project', () => {
    assert.deepEqual(
      texts.flatMap(({ file, text }) => findForbidden('anywhere', file, text)),
      [],
    );
    const hosts = texts.flatMap(({ file, text }) =>
      [...text.matchAll(/\bhttps?:\/\/([A-Za-z0-9.-]+)/g)]
        .map((match) => match[1] ?? '')
        .filter(isForeignHost)
        .map((host) => `${file}: ${host}`),
    );
    assert.deepEqual(hosts, []);
  });

  it('are locked without the address of a registry', async () => {
    const { text } = await read('package-lock.json');
    assert.doesNotMatch(text, /"resolved":/);
  });
});
