import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type Configuration, configurationSchema, type SecretSource } from '../../src/main/config.ts';
import { secretOf } from '../../src/main/secret-source.ts';

const directory = mkdtempSync(join(tmpdir(), 'pollux-secret-'));
after(() => rmSync(directory, { recursive: true, force: true }));

const configuration: Configuration = {
  directory,
  ...configurationSchema.parse({
    node: 'pollux-a',
    dataDirectory: 'data',
    sites: [{ name: 'idc-a', kind: 'idc' }],
    nodes: [{ name: 'pollux-a', site: 'idc-a', peer: '127.0.0.1:7401', http: 'http://127.0.0.1:7400' }],
    peerSecret: { file: 'secret' },
  }),
};

function read(source: SecretSource): { readonly secret: string; readonly warnings: readonly string[] } {
  const warnings: string[] = [];
  return { secret: secretOf(configuration, source, 'peerSecret', (text) => warnings.push(text)), warnings };
}

test('a file is found beside the configuration, and the white space around a secret is none of it', () => {
  writeFileSync(join(directory, 'secret'), ' open sesame\n', { mode: 0o600 });
  assert.deepEqual(read({ file: 'secret' }), { secret: 'open sesame', warnings: [] });
});

test('a file that everybody may read works, with a warning that names the setting and not the secret', () => {
  writeFileSync(join(directory, 'open'), 'open sesame', { mode: 0o644 });
  const { secret, warnings } = read({ file: 'open' });
  assert.equal(secret, 'open sesame');
  assert.match(warnings.join(), /^peerSecret: everybody .* chmod 600/);
  assert.doesNotMatch(warnings.join(), /sesame/);
});

test('the environment is read by the name of the variable', () => {
  process.env['POLLUX_TEST_SECRET'] = 'open sesame';
  try {
    assert.equal(read({ environment: 'POLLUX_TEST_SECRET' }).secret, 'open sesame');
  } finally {
    delete process.env['POLLUX_TEST_SECRET'];
  }
});

test('where there is no secret, the setting and the place are named', () => {
  writeFileSync(join(directory, 'empty'), '\n', { mode: 0o600 });
  for (const [source, message] of [
    [{ file: 'nowhere' }, /^peerSecret: .*nowhere/],
    [{ file: 'empty' }, /^peerSecret: .*empty/],
    [{ environment: 'POLLUX_NOT_SET' }, /^peerSecret: .*POLLUX_NOT_SET/],
  ] as const) {
    assert.throws(() => read(source), { name: 'ConfigurationError', message });
  }
});
