/** The shape of the tree: what stands at the top, a README a room, a source file behind every test. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { repositoryRoot, walkFiles } from '../support/repository.ts';

const TOP_LEVEL = [
  '.ci',
  '.dependency-cruiser.mjs',
  '.editorconfig',
  '.gitattributes',
  '.gitignore',
  '.npmrc',
  'LICENSE',
  'README.md',
  'biome.json',
  'deploy',
  'package-lock.json',
  'package.json',
  'src',
  'test',
  'tsconfig.json',
];

/** Directories under src/ that hold rooms and are none themselves. */
const HALLS = ['core', 'doors', 'drivers'];

const roomOf = (file: string): string => {
  const [, hall = '', room = ''] = file.split('/');
  return HALLS.includes(hall) ? `src/${hall}/${room}` : `src/${hall}`;
};

let files: string[] = [];
let source: string[] = [];

before(async () => {
  files = await walkFiles(repositoryRoot, '.');
  source = files.filter((file) => file.startsWith('src/'));
});

describe('the tree', () => {
  it('has nothing at the top that does not belong there', () => {
    const top = new Set(
      files.map((file) => file.split('/')[0] ?? file).filter((name) => !name.endsWith('.log')),
    );
    assert.deepEqual(
      [...top].filter((name) => !TOP_LEVEL.includes(name)),
      [],
    );
  });

  it('has a README in every room', () => {
    const rooms = new Set(source.filter((file) => file.endsWith('.ts')).map(roomOf));
    assert.ok(rooms.size > 5);
    const without = [...rooms].filter((room) => !source.includes(`${room}/README.md`));
    assert.deepEqual(without, []);
  });

  it('has a source file behind every test that mirrors one', () => {
    const mirrors = /^test\/(core|doors|drivers|platform|contract|remoting|sdk|cli|console|main)\//;
    // `a-damage.test.ts` is another test of `a.ts`.
    const orphans = files
      .filter((file) => mirrors.test(file) && file.endsWith('.test.ts'))
      .filter((file) => {
        const words = path.posix.basename(file, '.test.ts').split('-');
        const room = path.posix.dirname(file).replace(/^test\//, 'src/');
        return !words.some((_, index) =>
          source.includes(`${room}/${words.slice(0, index + 1).join('-')}.ts`),
        );
      });
    assert.deepEqual(orphans, []);
  });

  it('uses every named limit and every refusal code', async () => {
    const primitives = 'src/core/primitives';
    const textOf = (file: string): Promise<string> => readFile(path.join(repositoryRoot, file), 'utf8');
    const keysOf = (text: string): string[] =>
      [...text.matchAll(/^ {2}([A-Za-z]+): /gm)].map((match) => match[1] ?? '');
    const tablesEnd = (text: string): string => text.slice(0, text.indexOf('} as const;'));
    const users = source.filter(
      (file) =>
        file.endsWith('.ts') && file !== `${primitives}/limits.ts` && file !== `${primitives}/refusal.ts`,
    );
    const all = (await Promise.all(users.map(textOf))).join('\n');

    const limits = keysOf(tablesEnd(await textOf(`${primitives}/limits.ts`)));
    assert.ok(limits.length > 10);
    const unusedLimits = limits.filter((name) => !new RegExp(`\\blimits\\.${name}\\b`, 'i').test(all));
    assert.deepEqual(unusedLimits, [], 'limits that bound nothing');

    const codes = keysOf(tablesEnd(await textOf(`${primitives}/refusal.ts`)));
    assert.ok(codes.length > 10);
    const unusedCodes = codes.filter((code) => !all.includes(`'${code}'`));
    assert.deepEqual(unusedCodes, [], 'refusals that nobody gives');
  });
});
