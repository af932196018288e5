/**
 * Requests that cannot be carried out, over HTTP and on the command line, against a tier that serves a group: each
 * gets its code, the field and what was expected, and leaves the tier as it was.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Ground, prepareGround, TOPIC } from '../support/ground.ts';
import { runPollux } from '../support/pollux-process.ts';
import { OBSERVER, pictureOf, type ServerPicture } from '../support/server-picture.ts';
import type { TierNode } from '../support/tier.ts';
import { BAD_REQUESTS, type BadRequest, declaration, GROUP, NOBODY, replica } from './bad-requests.ts';

let ground: Ground;
let stateBefore: unknown;
let serversBefore: readonly ServerPicture[];

const servers = () => ground.groups.flatMap((group) => group.servers.map(({ redis }) => redis));
const pictures = () => Promise.all(servers().map((server) => pictureOf(server)));
const address = (position: number): string => servers()[position]?.address ?? '';

async function state(): Promise<unknown> {
  const paths = ['/v1/groups', '/v1/topics', '/v1/automatic-stops', '/v1/history', '/v1/consumer-groups'];
  return Promise.all(paths.map(async (path) => (await ground.tier.call('GET', path)).body));
}

before(async () => {
  ground = await prepareGround({
    layout: [{ group: GROUP, sites: ['idc-a', 'idc-a', 'idc-b'] }],
    redisConfig: [OBSERVER],
  });
  stateBefore = await state();
  serversBefore = await pictures();
});

after(async () => {
  // Nothing that was refused may have left a trace, on the tier or on its servers.
  try {
    assert.deepEqual(await state(), stateBefore);
    assert.deepEqual(await pictures(), serversBefore);
  } finally {
    await ground.close();
  }
});

type Refusal = { readonly code: string; readonly field?: string; readonly expected?: string };

const refusalIn = (body: unknown): Refusal => {
  assert.ok(typeof body === 'object' && body !== null && 'error' in body, JSON.stringify(body));
  return body.error as Refusal;
};

async function refusedBy(node: TierNode, one: BadRequest): Promise<void> {
  const answer = await ground.tier.call(one.method ?? 'GET', one.path, one.body?.(address), node);
  const refusal = refusalIn(answer.body);
  const got = `${node.name} answered ${answer.status} ${JSON.stringify(refusal)}`;
  assert.equal(refusal.code, one.code, got);
  assert.equal(answer.status, one.status, got);
  assert.equal(refusal.field, one.field, got);
}

for (const one of BAD_REQUESTS) {
  test(`HTTP refuses: ${one.what}`, async () => {
    const leader = await ground.tier.leader();
    const follower = ground.tier.nodes.find(({ name }) => name !== leader.name);
    assert.ok(follower);
    // The door of a follower passes it on; its client sees no difference.
    await refusedBy(leader, one);
    await refusedBy(follower, one);
  });
}

const post = (headers: Record<string, string>, body: string) =>
  fetch(`${ground.tier.urls[0]}/v1/groups`, { method: 'POST', headers, body });
const asOperator = () => ({ authorization: `Bearer ${ground.tier.token}` });

test('HTTP refuses what is not JSON, not declared as JSON, or comes without the operator token', async () => {
  const json = { 'content-type': 'application/json' };
  const body = JSON.stringify(declaration([replica(NOBODY, 'idc-a')]));
  const tried = [
    { response: await post({ ...asOperator(), ...json }, '{"name": '), status: 400, code: 'invalidRequest' },
    { response: await post({ ...asOperator(), ...json }, '[]'), status: 400, code: 'invalidRequest' },
    {
      response: await post({ ...asOperator(), 'content-type': 'text/plain' }, body),
      status: 415,
      code: 'unsupportedMediaType',
    },
    { response: await post(json, body), status: 401, code: 'unauthorized' },
    {
      response: await post({ ...json, authorization: 'Bearer wrong' }, body),
      status: 401,
      code: 'unauthorized',
    },
  ];
  for (const { response, status, code } of tried) {
    assert.equal(response.status, status);
    assert.equal(refusalIn(await response.json()).code, code);
  }
});

type Line = {
  readonly what: string;
  readonly line: () => readonly string[];
  readonly exit: number;
  readonly code: string;
  /** The tier's own token, where nothing else is said. */
  readonly token?: string | null;
};

const LINES: readonly Line[] = [
  { what: 'unknown topic', line: () => ['route', 'nope'], exit: 1, code: 'unknownTopic' },
  { what: 'unknown IDC', line: () => ['route', TOPIC, '--idc', 'nope'], exit: 1, code: 'unknownSite' },
  { what: 'unknown group', line: () => ['group', 'show', 'nope'], exit: 1, code: 'unknownGroup' },
  {
    what: 'replica of another group',
    line: () => ['group', 'add', 'other', '--replica', `${address(0)}@idc-a`],
    exit: 1,
    code: 'replicaInOtherGroup',
  },
  {
    what: 'unknown IDC of a replica',
    line: () => ['group', 'add', 'other', '--replica', `${NOBODY}@idc-z`, '--plan'],
    exit: 1,
    code: 'unknownSite',
  },
  {
    what: 'no server there',
    line: () => ['group', 'add', 'other', '--replica', `${NOBODY}@idc-a`],
    exit: 1,
    code: 'brokerUnreachable',
  },
  {
    what: 'replica that is no replica',
    line: () => ['group', 'add', 'other', '--replica', 'idc-a'],
    exit: 2,
    code: 'usage',
  },
  {
    what: 'duplicate topic',
    line: () => ['topic', 'add', TOPIC, '--queues', `${GROUP}=1/1`],
    exit: 1,
    code: 'duplicateName',
  },
  {
    what: 'stop of an unknown group',
    line: () => ['stop-automatic', '--group', 'nope'],
    exit: 1,
    code: 'unknownGroup',
  },
  { what: 'stop of nothing', line: () => ['stop-automatic'], exit: 2, code: 'usage' },
  { what: 'option with a typo', line: () => ['status', '--jsn'], exit: 2, code: 'usage' },
  {
    what: 'no token',
    line: () => ['topic', 'remove', TOPIC],
    exit: 1,
    code: 'unauthorized',
    token: null,
  },
  {
    what: 'wrong token',
    line: () => ['topic', 'remove', TOPIC],
    exit: 1,
    code: 'unauthorized',
    token: 'wrong',
  },
];

for (const { what, line, exit, code, token } of LINES) {
  test(`the command line refuses: ${what}`, async () => {
    const given = token === undefined ? ground.tier.token : token;
    const ended = await runPollux([...line(), '--json'], {
      POLLUX_NODES: ground.tier.urls.join(','),
      ...(given === null ? {} : { POLLUX_TOKEN: given }),
    });
    assert.equal(ended.code, exit, ended.stdout + ended.stderr);
    assert.equal(refusalIn(JSON.parse(ended.stdout)).code, code);
  });
}

test('the command line without JSON says what to do next', async () => {
  const ended = await runPollux(['group', 'show', 'nope'], { POLLUX_NODES: ground.tier.urls.join(',') });
  assert.equal(ended.code, 1);
  assert.equal(ended.stdout, '');
  assert.match(ended.stderr, /unknownGroup.*\n[\s\S]*next: 'pollux group list'/);
});

test('a tier that is not there is told apart from one that refuses', async () => {
  const ended = await runPollux(['status', '--json'], { POLLUX_NODES: 'http://127.0.0.1:1' });
  assert.equal(ended.code, 3);
  assert.equal(refusalIn(JSON.parse(ended.stdout)).code, 'unreachable');
});
