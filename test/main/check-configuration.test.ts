import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { stringify } from 'yaml';
import { checkedConfiguration } from '../../src/main/check-configuration.ts';

const directory = mkdtempSync(join(tmpdir(), 'pollux-check-'));
after(() => rmSync(directory, { recursive: true, force: true }));

const NODE = { name: 'pollux-a', site: 'idc-a', peer: '127.0.0.1:7401', http: 'http://127.0.0.1:7400' };

function check(change: object): { readonly line: string; readonly warnings: readonly string[] } {
  const path = join(directory, 'site.yaml');
  const configuration = {
    node: 'pollux-a',
    dataDirectory: 'data',
    sites: [{ name: 'idc-a', kind: 'idc' }],
    nodes: [NODE],
    peerSecret: { file: 'peer-secret' },
    ...change,
  };
  writeFileSync(path, stringify(configuration));
  const warnings: string[] = [];
  return { line: checkedConfiguration(path, (text) => warnings.push(text)), warnings };
}

test('a check says what would be started, and leaves nothing behind', () => {
  writeFileSync(join(directory, 'peer-secret'), 'sesame\n', { mode: 0o600 });
  const { line, warnings } = check({});
  assert.match(line, /site\.yaml can be used: pollux-a of pollux-a; data in data, HTTP on 127\.0\.0\.1:7400/);
  assert.deepEqual(warnings, []);
  assert.equal(existsSync(join(directory, 'data')), false);
});

test('a check warns of what a start would warn of, and refuses what a start would refuse', () => {
  writeFileSync(join(directory, 'open'), 'sesame\n', { mode: 0o644 });
  assert.match(check({ operatorToken: { file: 'open' } }).warnings.join(), /operatorToken: everybody/);
  const refused: readonly [object, RegExp][] = [
    [{ peerSecret: { file: 'nowhere' } }, /peerSecret: .*nowhere/],
    [{ operatorToken: { environment: 'POLLUX_NOT_SET' } }, /operatorToken: .*POLLUX_NOT_SET/],
    [{ redis: { steeringSecret: { file: 'nowhere' } } }, /redis\.steeringSecret/],
    [
      { redis: { steeringSecret: { file: 'peer-secret' }, tls: { caFile: 'no-ca.pem' } } },
      /redis\.tls\.caFile: no-ca\.pem cannot be read/,
    ],
    [
      {
        listen: { sentinel: '127.0.0.1:26379' },
        nodes: [{ ...NODE, sentinel: '127.0.0.1:26379' }],
        sentinel: { users: [{ name: 'shop', password: { file: 'no-shop' } }] },
      },
      /sentinel\.users\.0\.password: .*no-shop/,
    ],
    [{ addressRanges: [{ range: 'here', idc: 'idc-a' }] }, /addressRanges/],
  ];
  for (const [change, message] of refused) {
    assert.throws(() => check(change), { name: 'ConfigurationError', message });
  }
});
