import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { readSecret } from '../../src/platform/secrets.ts';
import { type TemporaryDirectory, temporaryDirectory } from './temporary-directory.ts';

let directory: TemporaryDirectory;
before(() => {
  directory = temporaryDirectory();
});
after(() => directory.remove());

function fileWith(content: string, mode = 0o600): string {
  const path = join(directory.path, `secret-${Math.random().toString(36).slice(2)}`);
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

describe('secrets', () => {
  it('reads a file without the white space around its content', () => {
    const file = fileWith('  s3cret with space \n\n');
    assert.deepEqual(readSecret({ file }), { ok: true, secret: 's3cret with space', warning: null });
  });

  it('reads what an environment variable holds', () => {
    const reading = readSecret({ environment: 'POLLUX_SECRET', value: ' s3cret\n' });
    assert.deepEqual(reading, { ok: true, secret: 's3cret', warning: null });
  });

  it('warns of a file that everybody may read, and says what to do', () => {
    const file = fileWith('s3cret', 0o644);
    const reading = readSecret({ file });
    assert.ok(reading.ok);
    assert.equal(reading.secret, 's3cret');
    assert.match(reading.warning ?? '', /everybody on this machine may read .*: run chmod 600/);
    assert.ok(readSecret({ file: fileWith('s3cret', 0o640) }).ok);
  });

  const refusals: readonly (readonly [string, () => Parameters<typeof readSecret>[0], RegExp])[] = [
    ['an empty file', () => ({ file: fileWith('') }), /^the file .* is empty$/],
    ['a file of white space', () => ({ file: fileWith(' \n\t\n') }), /is empty$/],
    [
      'a file that is not there',
      () => ({ file: join(directory.path, 'absent') }),
      /cannot be read \(ENOENT\)$/,
    ],
    [
      'a directory',
      () => {
        const path = join(directory.path, 'directory');
        mkdirSync(path);
        return { file: path };
      },
      /is not a file$/,
    ],
    ['a file that is far too long', () => ({ file: fileWith('x'.repeat(4_097)) }), /longer than 4096 bytes/],
    [
      'a variable that is not set',
      () => ({ environment: 'NAME', value: undefined }),
      /^the environment variable NAME is not set$/,
    ],
    [
      'a variable that is empty',
      () => ({ environment: 'NAME', value: ' ' }),
      /^the environment variable NAME is empty$/,
    ],
  ];
  for (const [what, source, message] of refusals) {
    it(`refuses ${what}`, () => {
      const reading = readSecret(source());
      assert.ok(!reading.ok);
      assert.match(reading.message, message);
    });
  }
});
