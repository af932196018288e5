/** What holds for every command: exit codes, exactly one JSON value, nodes and tokens, errors that say what to do. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { Command } from 'commander';
import { runCli } from '../../src/cli/run.ts';
import { json, refusal, startFakeNode } from '../sdk/fake-node.ts';
import { summary } from './fixtures.ts';
import { runAgainst, runLine } from './run-against.ts';

const noGroups = json({ groups: [], stale: false });
const committed = json({ kind: 'committed', index: 9 });
const remove = ['group', 'remove', 'orders-a'];
/** One question, and that is a change. */
const change = ['topic', 'remove', 'orders'];

/** An address on which nothing listens. */
async function deadAddress(): Promise<string> {
  const node = await startFakeNode(() => noGroups);
  await node.stop();
  return node.url;
}

describe('exit codes', () => {
  it('0 when it was done', async () => {
    const said = await runAgainst(() => committed, change);
    assert.equal(said.exit, 0, said.stderr);
    assert.equal(said.stdout, 'topic default/orders is removed; its data on the brokers stays\n');
    assert.equal(said.stderr, '');
  });

  it('1 when the tier refuses, with the field, what was expected and what to do', async () => {
    const error = {
      code: 'unknownGroup',
      message: "no group 'orders-a' in 'default'",
      field: 'group',
      expected: 'one of payments-a',
    };
    const said = await runAgainst(() => json({ error }, 404), remove);
    assert.equal(said.exit, 1);
    assert.equal(said.stdout, '');
    assert.equal(
      said.stderr,
      [
        "pollux: unknownGroup: no group 'orders-a' in 'default'",
        '  field: group',
        '  expected: one of payments-a',
        "  next: 'pollux group list' shows the groups; --cluster chooses another cluster\n",
      ].join('\n'),
    );
  });

  it('2 for a command line that cannot be understood, without asking the tier', async () => {
    for (const line of [
      ['nonsense'],
      ['group'],
      ['group', 'show'],
      ['group', 'list', '--nonsense'],
      ['group', 'add', 'x'],
      ['group', 'add', 'x', '--replica', 'somewhere'],
      ['group', 'add', 'x', '--replica', '127.0.0.1:1@idc-a', '--policy', 'most'],
      ['group', 'set', 'x'],
      ['group', 'set', 'x', '--detection-ms', 'soon'],
      ['acknowledge'],
      ['stop-automatic'],
      ['stop-automatic', '--all', '--group', 'x'],
      ['stop-automatic', '--resume', '--all', '--reason', 'x'],
      ['status', '--timeout', '0'],
      ['status', '--token-file', '/does/not/exist'],
    ]) {
      const said = await runAgainst(() => committed, line);
      assert.equal(said.exit, 2, line.join(' '));
      assert.equal(said.stdout, '', line.join(' '));
      assert.notEqual(said.stderr, '', line.join(' '));
      assert.equal(said.requests.length, 0, line.join(' '));
    }
  });

  it('3 when no node answers, naming each', async () => {
    const [one, two] = [await deadAddress(), await deadAddress()];
    const said = await runLine(['group', 'list', '--node', one, '--node', two]);
    assert.equal(said.exit, 3);
    assert.match(said.stderr, /no node answered/);
    for (const node of [one, two]) assert.ok(said.stderr.includes(node), said.stderr);
  });

  it('4 when a change was sent and no answer came', async () => {
    const cut: typeof fetch = () =>
      Promise.reject(Object.assign(new TypeError('fetch failed'), { cause: new Error('socket hang up') }));
    const said = await runLine([...change, '--node', 'http://127.0.0.1:1'], { fetch: cut });
    assert.equal(said.exit, 4);
    assert.match(said.stderr, /may or may not have been done/);
  });

  it('4 when the tier itself does not know', async () => {
    const said = await runAgainst(() => refusal('notLeader', 503), remove);
    assert.equal(said.exit, 4);
  });

  it('0 for help, which lists the codes', async () => {
    const said = await runLine(['--help']);
    assert.equal(said.exit, 0);
    assert.match(said.stdout, /0 done, 1 refused by the tier, 2 wrong usage, 3 no node answered, 4 outcome/);
  });
});

describe('--json', () => {
  it('prints the answer as one value', async () => {
    const answer = { groups: [summary], stale: false };
    const said = await runAgainst(() => json(answer), ['group', 'list', '--json']);
    assert.deepEqual(JSON.parse(said.stdout), answer);
    assert.equal(said.stdout.split('\n').length, 2);
  });

  it('prints a refusal, a usage error and an unreachable tier as one value too', async () => {
    const refusedLine = await runAgainst(() => refusal('unknownGroup'), ['--json', ...remove]);
    assert.equal(JSON.parse(refusedLine.stdout).error.code, 'unknownGroup');
    const usage = await runLine(['group', '--json']);
    assert.equal(JSON.parse(usage.stdout).error.code, 'usage');
    const unreachable = await runLine(['status', '--json', '--node', await deadAddress()]);
    assert.equal(JSON.parse(unreachable.stdout).error.code, 'unreachable');
  });
});

describe('nodes and token', () => {
  it('takes nodes from the environment and goes on to one that answers', async () => {
    const node = await startFakeNode(() => noGroups);
    try {
      const env = { POLLUX_NODES: `${await deadAddress()}, ${node.url}` };
      const said = await runLine(['group', 'list'], { env });
      assert.equal(said.exit, 0, said.stderr);
      assert.equal(node.requests.length, 1);
    } finally {
      await node.stop();
    }
  });

  it('refuses an environment that names no URL', async () => {
    const said = await runLine(['group', 'list'], { env: { POLLUX_NODES: 'somewhere' } });
    assert.equal(said.exit, 2);
    assert.match(said.stderr, /POLLUX_NODES: 'somewhere' is not a URL of a node/);
  });

  it('sends the token of the file before that of the environment', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'pollux-cli-'));
    try {
      const file = path.join(directory, 'token');
      await writeFile(file, 'from-file\n');
      const env = { POLLUX_TOKEN: 'from-environment' };
      const ofFile = await runAgainst(() => committed, [...remove, '--token-file', file], { env });
      assert.equal(ofFile.requests[0]?.authorization, 'Bearer from-file');
      const ofEnvironment = await runAgainst(() => committed, remove, { env });
      assert.equal(ofEnvironment.requests[0]?.authorization, 'Bearer from-environment');
      const named = await runAgainst(() => committed, remove, { env: { POLLUX_TOKEN_FILE: file } });
      assert.equal(named.requests[0]?.authorization, 'Bearer from-file');
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });

  it('never shows a text that is no token', async () => {
    const said = await runAgainst(() => committed, remove, { env: { POLLUX_TOKEN: 'two secret words' } });
    assert.equal(said.exit, 2);
    assert.doesNotMatch(said.stderr, /secret words/);
  });

  it('says how to give a token when one is missing', async () => {
    const said = await runAgainst(() => refusal('unauthorized', 401), remove);
    assert.equal(said.exit, 1);
    assert.match(said.stderr, /--token-file FILE/);
  });
});

describe('colours', () => {
  const answer = () => json({ groups: [summary], stale: false });
  const coloured = (text: string): boolean => text.includes('\u001b[');

  it('are for a terminal only, and can be declined', async () => {
    assert.equal(coloured((await runAgainst(answer, ['group', 'list'])).stdout), false);
    assert.equal(coloured((await runAgainst(answer, ['group', 'list'], { isTTY: true })).stdout), true);
    const declined = { isTTY: true, env: { NO_COLOR: '1' } };
    assert.equal(coloured((await runAgainst(answer, ['group', 'list'], declined)).stdout), false);
    assert.equal(
      coloured((await runAgainst(answer, ['group', 'list', '--json'], { isTTY: true })).stdout),
      false,
    );
  });
});

describe('extra commands', () => {
  const io = { stdout: { write: () => 0 }, stderr: { write: () => 0 }, env: {}, isTTY: false, fetch };

  it('run beside the others, and hand back the exit code that they set', async () => {
    const before = process.exitCode;
    let seen = '';
    const serve = new Command('serve').requiredOption('--config <file>').action(({ config }) => {
      seen = String(config);
      process.exitCode = 7;
    });
    try {
      assert.equal(await runCli(['serve', '--config', 'x.yaml'], io, [serve]), 7);
      assert.equal(seen, 'x.yaml');
    } finally {
      process.exitCode = before;
    }
  });

  it('get the same usage errors', async () => {
    const serve = new Command('serve').requiredOption('--config <file>').action(() => undefined);
    assert.equal(await runCli(['serve'], io, [serve]), 2);
  });
});
