/**
 * Nodes that must not start, beside a tier that goes on: each ends with a code and a line that says what is wrong and
 * what to do, and the two other nodes keep answering.
 */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parse, stringify } from 'yaml';
import { eventually } from '../support/eventually.ts';
import { runPollux, startPollux } from '../support/pollux-process.ts';
import { freePort } from '../support/ports.ts';
import { startTier, type Tier, type TierNode } from '../support/tier.ts';

type Member = { name: string; site: string; peer: string; http: string };
type Configuration = Record<string, unknown> & {
  nodes: Member[];
  listen: { http: string; peer: string; sentinel: string; rocketmq: string };
  log: Record<string, unknown>;
};

let tier: Tier;
let directory: string;
let written = 0;

before(async () => {
  tier = await startTier();
  directory = mkdtempSync(join(tmpdir(), 'pollux-bad-starts-'));
  for (const secret of ['peer-secret', 'steering-secret', 'operator-token']) {
    cpSync(join(tier.directory, secret), join(directory, secret));
  }
});

after(async () => {
  await tier.close();
  rmSync(directory, { recursive: true, force: true });
});

/** A configuration like the node's own, with free ports and a data directory of its own, changed and written. */
async function configurationLike(node: TierNode, change: (like: Configuration) => void): Promise<string> {
  const like = parse(readFileSync(node.configFile, 'utf8')) as Configuration;
  written += 1;
  const free = async (): Promise<string> => `127.0.0.1:${await freePort()}`;
  like.listen = { http: await free(), peer: await free(), sentinel: await free(), rocketmq: await free() };
  like['dataDirectory'] = `data-${written}`;
  like.log = { level: 'info' };
  change(like);
  const file = join(directory, `site-${written}.yaml`);
  writeFileSync(file, stringify(like));
  return file;
}

/** It ends by itself, with that code and words that match; the tier has not noticed. */
async function endsWith(file: string, code: number, ...words: readonly RegExp[]): Promise<string> {
  const ended = await runPollux(['serve', '--config', file]);
  const printed = ended.stdout + ended.stderr;
  assert.equal(ended.code, code, printed);
  for (const word of words) assert.match(ended.stderr, word);
  assert.doesNotMatch(ended.stderr, /\n {4}at /, 'a mistake of the operator has no stack');
  return ended.stderr;
}

let keysSet = 0;
/** The tier takes a change; returns its key. */
async function goesOn(): Promise<string> {
  keysSet += 1;
  const key = `still-here-${keysSet}`;
  const answer = await tier.call('POST', '/v1/key-values', { key, value: 'yes' });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return key;
}

/** One byte within a record that is in force: most of the files' other bytes are records that later ones replaced. */
function flipByteOf(text: string, log: string): void {
  let flipped = 0;
  for (const file of readdirSync(log)) {
    const path = join(log, file);
    const bytes = readFileSync(path);
    const at = bytes.indexOf(text);
    if (at < 0) continue;
    bytes[at] = (bytes[at] ?? 0) ^ 0x01;
    writeFileSync(path, bytes);
    flipped += 1;
  }
  assert.ok(flipped > 0, `${text} is in the files of the log`);
}

const CONFIGURATIONS: readonly {
  readonly what: string;
  readonly change: (like: Configuration) => void;
  readonly words: RegExp;
}[] = [
  {
    what: 'a key with a typo',
    change: (like) => {
      like['dataDirctory'] = 'x';
    },
    words: /dataDirctory/,
  },
  {
    what: 'a key with a typo further in',
    change: (like) => {
      like['consensus'] = { electionTimoutMs: 500 };
    },
    words: /consensus.*electionTimoutMs/,
  },
  {
    what: 'no peer secret',
    change: (like) => {
      like['peerSecret'] = undefined;
    },
    words: /peerSecret/,
  },
  {
    what: 'a peer secret in a file that is not there',
    change: (like) => {
      like['peerSecret'] = { file: 'nowhere' };
    },
    words: /peerSecret: .*nowhere/,
  },
  {
    what: 'a steering secret in a variable that is not set',
    change: (like) => {
      like['redis'] = { steeringSecret: { environment: 'POLLUX_NOT_SET' } };
    },
    words: /redis\.steeringSecret: .*POLLUX_NOT_SET/,
  },
  {
    what: 'a certificate that is not there',
    change: (like) => {
      like['redis'] = { steeringSecret: { file: 'steering-secret' }, tls: { caFile: 'no-ca.pem' } };
    },
    words: /redis\.tls\.caFile: .*no-ca\.pem/,
  },
  {
    what: 'two nodes of one name',
    change: (like) => {
      const [first, second] = like.nodes;
      if (first !== undefined && second !== undefined) second.name = first.name;
    },
    words: /nodes\.1\.name: is used twice/,
  },
  {
    what: 'a node that is not in the list',
    change: (like) => {
      like['node'] = 'pollux-x';
    },
    words: /node: is none of the nodes/,
  },
  {
    what: 'an address range that is none',
    change: (like) => {
      like['addressRanges'] = [{ range: 'here', idc: 'idc-a' }];
    },
    words: /addressRanges/,
  },
  {
    what: 'a port that is none',
    change: (like) => {
      like.listen.http = '127.0.0.1:70000';
    },
    words: /listen\.http/,
  },
  {
    what: 'a log file in a directory that is not there',
    change: (like) => {
      like.log = { level: 'info', file: 'nowhere/pollux.log' };
    },
    words: /log\.file: .*nowhere/,
  },
];

for (const { what, change, words } of CONFIGURATIONS) {
  test(`a configuration with ${what}`, async () => {
    const file = await configurationLike(tier.nodes[0], change);
    await endsWith(file, 2, words);
  });
}

test('a configuration that is not there, or is not YAML', async () => {
  await endsWith(join(directory, 'nowhere.yaml'), 2, /nowhere\.yaml cannot be read/);
  const broken = join(directory, 'broken.yaml');
  writeFileSync(broken, 'node: [');
  await endsWith(broken, 2, /broken\.yaml is not valid YAML/);
});

test('a port that is taken', async () => {
  const blocker = createServer();
  await new Promise<void>((done) => blocker.listen(0, '127.0.0.1', done));
  try {
    const address = blocker.address();
    const taken = typeof address === 'object' && address !== null ? `127.0.0.1:${address.port}` : '';
    for (const door of ['http', 'peer'] as const) {
      const file = await configurationLike(tier.nodes[0], (like) => {
        like.listen[door] = taken;
        // The tier is not dialled: only the port is in question here.
        like.nodes.forEach((node, position) => {
          node.peer = `127.0.0.1:${position + 1}`;
        });
      });
      await endsWith(file, 1, new RegExp(`listen\\.${door}.*${taken}.*in use`));
    }
  } finally {
    blocker.close();
  }
});

test('a data directory in use, of another node, or damaged', async () => {
  const [running, , stopped] = tier.nodes;
  const inUse = await configurationLike(running, (like) => {
    like['dataDirectory'] = running.dataDirectory;
  });
  await endsWith(inUse, 1, /held by another process/, /stop the other process, or give this node/);
  await goesOn();

  const lastKept = await goesOn();
  await eventually('the node has it', async () => {
    const answer = await tier.call('GET', `/v1/key-values/${lastKept}`, undefined, stopped);
    return answer.status === 200;
  });
  await stopped.stop();
  await goesOn();
  const copy = join(directory, 'copy');
  cpSync(stopped.dataDirectory, copy, { recursive: true });
  const others = await configurationLike(running, (like) => {
    like['dataDirectory'] = copy;
  });
  await endsWith(
    others,
    1,
    /found the log of node pollux-w/,
    /Point node pollux-a at its own data directory/,
  );

  flipByteOf(lastKept, join(copy, 'log'));
  const damaged = await configurationLike(stopped, (like) => {
    like['dataDirectory'] = copy;
  });
  await endsWith(damaged, 1, /cannot be trusted/, /must not vote from damaged state/);
  await goesOn();

  await stopped.start();
  await eventually('the node is current again', async () => {
    const answer = await tier.call('GET', '/readyz', undefined, stopped);
    return answer.status === 200;
  });
});

test('a data directory that cannot be made', async () => {
  const file = join(directory, 'a-file');
  writeFileSync(file, '');
  const path = await configurationLike(tier.nodes[0], (like) => {
    like['dataDirectory'] = 'a-file/data';
  });
  await endsWith(path, 1, /dataDirectory.*a-file/);
});

test('a second process under the name of a running node is refused by its peers, and the tier goes on', async () => {
  const leader = await tier.leader();
  const earlier = await tier.call('GET', '/v1/status', undefined, leader);
  mkdirSync(join(directory, 'second'));
  const file = await configurationLike(leader, (like) => {
    like['dataDirectory'] = 'second';
  });
  const second = startPollux(['serve', '--config', file]);
  try {
    await eventually('it says that it was refused', () =>
      second.printed().includes(`two nodes call themselves ${leader.name}`),
    );
    for (const peer of tier.nodes.filter(({ name }) => name !== leader.name)) {
      await eventually(`${peer.name} says so, too`, () =>
        readFileSync(peer.logFile, 'utf8').includes(`two nodes call themselves ${leader.name}`),
      );
    }
    await goesOn();
    assert.equal((await tier.leader()).name, leader.name);
    const later = await tier.call('GET', '/v1/status', undefined, leader);
    const termOf = (answer: { body: unknown }) => (answer.body as { node: { term: number } }).node.term;
    assert.equal(termOf(later), termOf(earlier), 'nobody had to be elected');
  } finally {
    await second.kill();
  }
});
