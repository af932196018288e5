import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { stringify } from 'yaml';
import { ConfigurationError, configurationSchema, readConfiguration } from '../../src/main/config.ts';
import { repositoryRoot } from '../support/repository.ts';

const directory = mkdtempSync(join(tmpdir(), 'pollux-config-'));
after(() => rmSync(directory, { recursive: true, force: true }));

const node = (letter: string, number: number, site: string) => ({
  name: `pollux-${letter}`,
  site,
  peer: `127.0.0.1:${7_400 + number}`,
  http: `http://127.0.0.1:${7_500 + number}`,
});

const sound = {
  node: 'pollux-a',
  dataDirectory: 'data',
  sites: [
    { name: 'idc-a', kind: 'idc' },
    { name: 'idc-b', kind: 'idc' },
    { name: 'witness', kind: 'witness' },
  ],
  nodes: [node('a', 1, 'idc-a'), node('b', 2, 'idc-b'), node('w', 3, 'witness')],
  peerSecret: { file: 'peer-secret' },
};

function read(change: object) {
  const path = join(directory, 'site.yaml');
  writeFileSync(path, stringify({ ...sound, ...change }));
  return readConfiguration(path);
}

test('the shortest configuration is taken, with its defaults, and knows where it lies', () => {
  const configuration = read({});
  assert.equal(configuration.directory, directory);
  assert.deepEqual(configuration.listen, { http: '127.0.0.1:7400', peer: '127.0.0.1:7401' });
  assert.deepEqual(
    [configuration.consensus.electionTimeoutMs, configuration.consensus.heartbeatIntervalMs],
    [500, 50],
  );
  assert.equal(configuration.redis, undefined);
  assert.equal(read({ redis: { steeringSecret: { environment: 'S' } } }).redis?.probeIntervalMs, 100);
});

const door = { listen: { sentinel: '127.0.0.1:26379' } };
const told = {
  nodes: sound.nodes.map((one, at) => (at === 0 ? { ...one, sentinel: '127.0.0.1:26379' } : one)),
};

const REFUSED: readonly [string, object, RegExp][] = [
  ['a Sentinel door that clients are not told of', door, /listen\.sentinel: .*both/],
  ['a Sentinel door that clients are told of, and is none', told, /listen\.sentinel: .*both/],
  [
    'a RocketMQ door that brokers are told of, and is none',
    { nodes: sound.nodes.map((one) => ({ ...one, rocketmq: '127.0.0.1:9876' })) },
    /listen\.rocketmq: is needed/,
  ],
  ['a RocketMQ door without a port', { listen: { rocketmq: '127.0.0.1' } }, /listen\.rocketmq: .*host:port/],
  ['users of no Sentinel door', { sentinel: { users: [] } }, /sentinel: is for the Sentinel door/],
  [
    'a user of the Sentinel door without a password',
    { ...door, ...told, sentinel: { users: [{ name: 'shop' }] } },
    /sentinel\.users\.0\.password: is needed/,
  ],
  ['a typo at the top', { dataDirectry: 'x' }, /dataDirectry/],
  ['a typo within', { consensus: { electionTimoutMs: 100 } }, /consensus: .*electionTimoutMs/],
  ['a secret in the file itself', { peerSecret: 'sesame' }, /peerSecret/],
  ['a secret from two places', { peerSecret: { file: 'a', environment: 'B' } }, /peerSecret/],
  ['a missing steering secret', { redis: {} }, /redis\.steeringSecret/],
  ['a node that is not listed', { node: 'pollux-x' }, /node: is none of the nodes pollux-a, pollux-b/],
  ['an even number of nodes', { nodes: sound.nodes.slice(0, 2) }, /nodes: an odd number is needed/],
  [
    'two nodes of one name',
    { nodes: [...sound.nodes.slice(0, 2), { ...node('c', 3, 'witness'), name: 'pollux-b' }] },
    /nodes\.2\.name: is used twice/,
  ],
  [
    'two nodes at one address',
    { nodes: [...sound.nodes.slice(0, 2), node('w', 2, 'witness')] },
    /nodes\.2\.peer: is used twice/,
  ],
  ['a site twice', { sites: [...sound.sites, sound.sites[0]] }, /sites\.3\.name: is used twice/],
  [
    'a node at an unknown site',
    { nodes: [...sound.nodes.slice(0, 2), node('w', 3, 'idc-z')] },
    /nodes\.2\.site: is none of the sites/,
  ],
  [
    'heartbeats that are too rare for the election timeout',
    { consensus: { electionTimeoutMs: 200, heartbeatIntervalMs: 67 } },
    /consensus\.heartbeatIntervalMs: must be at most a third/,
  ],
  ['a drift of more than half', { consensus: { clockDriftRatio: 0.6 } }, /consensus\.clockDriftRatio/],
  ['an address without a port', { listen: { http: '127.0.0.1' } }, /listen\.http: .*host:port/],
  ['a port that is none', { listen: { peer: '127.0.0.1:65536' } }, /listen\.peer: .*65535/],
  [
    'clients at the witness',
    { addressRanges: [{ range: '10.0.0.0/8', idc: 'witness' }] },
    /addressRanges\.0\.idc: is none of the IDCs/,
  ],
];

for (const [what, change, words] of REFUSED) {
  test(`refused: ${what}`, () => {
    assert.throws(() => read(change), { name: 'ConfigurationError', message: words });
  });
}

test('the edges that are allowed', () => {
  read({ listen: { rocketmq: '0.0.0.0:9876' } });
  read({ consensus: { electionTimeoutMs: 200, heartbeatIntervalMs: 66, clockDriftRatio: 0.5 } });
  read({ listen: { http: '[::1]:65535', peer: 'host.example:1' }, nodes: sound.nodes.slice(0, 1) });
});

test('all mistakes are told at once', () => {
  assert.throws(
    () => read({ node: 'pollux-x', nodes: sound.nodes.slice(1) }),
    (error) => {
      assert.ok(error instanceof ConfigurationError);
      assert.match(error.message, /node: is none/);
      assert.match(error.message, /odd number/);
      return true;
    },
  );
});

test('a file that is not there, or no YAML, is said so', () => {
  assert.throws(() => readConfiguration(join(directory, 'nowhere')), /nowhere cannot be read.*--config/);
  const path = join(directory, 'broken.yaml');
  writeFileSync(path, 'node: [');
  assert.throws(() => readConfiguration(path), { name: 'ConfigurationError', message: /is not valid YAML/ });
});

test('the example that is shipped is valid, and shows every section', () => {
  const { directory: _, ...example } = readConfiguration(join(repositoryRoot, 'deploy/site.example.yaml'));
  assert.deepEqual(
    Object.keys(configurationSchema.shape).filter((key) => !(key in example)),
    ['operatorToken'],
  );
  assert.deepEqual(
    example.nodes.map(({ site }) => site),
    ['idc-a', 'idc-b', 'witness'],
  );
  // What it writes out are the defaults, but for where it listens.
  const { consensus, log } = configurationSchema.parse(sound);
  assert.deepEqual({ consensus: example.consensus, log: example.log }, { consensus, log });
});
