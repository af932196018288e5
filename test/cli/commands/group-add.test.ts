/** `pollux group add`: the declaration that is sent, the plan that is shown, and the wait until the group is active. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { json, refusal } from '../../sdk/fake-node.ts';
import { detail, plan } from '../fixtures.ts';
import { inTurn, lines, runAgainst } from '../run-against.ts';

const line = [
  'group',
  'add',
  'orders-a',
  '--replica',
  '127.0.0.1:7101@idc-a',
  '--replica',
  'b=127.0.0.1:7102@idc-b,priority=10',
  '--policy',
  'cross-idc',
  '--on-shortage',
  'degrade',
];
const committed = json({ kind: 'committed', index: 9 }, 201);
const asPlan = (changes: Partial<typeof plan>) => () => json({ kind: 'plan', plan: { ...plan, ...changes } });

describe('pollux group add', () => {
  it('sends the declaration as it was typed', async () => {
    const said = await runAgainst(
      () => committed,
      [...line, '--label', 'tier=s1', '--no-wait', '--cluster', 'east'],
    );
    assert.equal(said.exit, 0, said.stderr);
    const [request] = said.requests;
    assert.equal(request?.method, 'POST');
    assert.equal(`${request?.url.pathname}${request?.url.search}`, '/v1/groups?cluster=east');
    assert.deepEqual(JSON.parse(request?.body ?? ''), {
      name: 'orders-a',
      kind: 'redis',
      watchOnly: false,
      replicas: [
        { site: 'idc-a', endpoints: { client: '127.0.0.1:7101' } },
        { id: 'b', site: 'idc-b', endpoints: { client: '127.0.0.1:7102' }, priority: 10 },
      ],
      preferredMaster: null,
      policy: 'cross-idc',
      onShortage: 'degrade',
      timeFenceSeconds: 3,
      detectionMs: 1_000,
      cooldownMs: 60_000,
      owner: '',
      labels: { tier: 's1' },
      plan: false,
    });
  });

  it('sends every term that was typed', async () => {
    const terms =
      '--policy any-one --on-shortage block --time-fence off --preferred-master b --detection-ms 700';
    const rest = '--cooldown-ms 0 --owner team --watch-only --no-wait';
    const said = await runAgainst(() => committed, [...line, ...`${terms} ${rest}`.split(' ')]);
    assert.equal(said.exit, 0, said.stderr);
    const { replicas: _, ...sent } = JSON.parse(said.requests[0]?.body ?? '') as Record<string, unknown>;
    assert.deepEqual(sent, {
      name: 'orders-a',
      kind: 'redis',
      watchOnly: true,
      preferredMaster: 'b',
      policy: 'any-one',
      onShortage: 'block',
      timeFenceSeconds: 0,
      detectionMs: 700,
      cooldownMs: 0,
      owner: 'team',
      labels: {},
      plan: false,
    });
  });

  it('with --plan shows findings, changes and what the layout survives', async () => {
    const said = await runAgainst(asPlan({}), [...line, '--plan']);
    assert.equal(said.exit, 0, said.stderr);
    assert.equal(
      said.stdout,
      lines(
        'plan for:                      default/orders-a (nothing was changed)',
        'fit:                           yes',
        'first master:                  orders-a-1',
        'acknowledgements to wait for:  1',
        '',
        'SERVERS',
        'REPLICA     SITE   ADDRESS         VERSION             ROLE    OFFSET  KEYS  PERSISTENCE  CONFIG FILE        PREPARED',
        'orders-a-1  idc-a  127.0.0.1:7101  7.0.15              master  4096    12    aof          /etc/redis/a.conf  no',
        'orders-a-2  idc-b  127.0.0.1:7102  connection refused  -       -       -     -            -                  -',
        '',
        'WOULD CHANGE',
        'orders-a-1:',
        '  - its file says replicaof 127.0.0.1 1',
        '  - repl-backlog-ttl becomes 0',
        '',
        'SURVIVES, with the policy cross-idc, on shortage degrade',
        'LOST       OUTCOME    WHY',
        'master     zero loss  1 of 1 slaves must be read, orders-a-2 can be',
        'IDC idc-b  shortage   acknowledged by the master alone',
      ),
    );
    assert.equal(said.requests.length, 1);
    assert.equal(JSON.parse(said.requests[0]?.body ?? '').plan, true);
  });

  it('ends with 1 when the plan is not fit, and says why', async () => {
    const problem = { replica: 'orders-a-2', code: 'unreachable', message: 'did not answer' };
    const said = await runAgainst(asPlan({ fit: false, problems: [problem] }), [...line, '--plan']);
    assert.equal(said.exit, 1);
    assert.match(said.stdout, /^! orders-a-2: did not answer \(unreachable\)$/m);
    assert.match(said.stderr, /cannot be taken on like this/);
  });

  it('waits until the group is active, and says each phase once', async () => {
    const fencing = {
      ...detail,
      alerts: [],
      phase: { kind: 'fencing', epoch: 1, reason: 'adoption', recordId: 'r', preferred: null, unsafe: false },
    };
    const answers = inTurn(
      committed,
      json({ ...detail, master: null, alerts: [] }),
      refusal('noLeader', 503),
      json(fencing),
      json(fencing),
      json(detail),
    );
    const said = await runAgainst(answers, line);
    assert.equal(said.exit, 0, said.stderr);
    assert.match(said.stdout, /^group default\/orders-a is active\n/);
    const phases = said.stderr.split('\n').filter((text) => text.startsWith('orders-a:'));
    assert.deepEqual(phases, [
      'orders-a: declared',
      'orders-a: waiting to be taken in',
      'orders-a: fencing, epoch 1 (adoption)',
    ]);
  });

  it('under --json answers once, with the group as it became', async () => {
    const said = await runAgainst(inTurn(committed, json(detail)), [...line, '--json']);
    assert.deepEqual(JSON.parse(said.stdout), { committed: { kind: 'committed', index: 9 }, group: detail });
  });

  it('ends with 4 when that takes too long', async () => {
    const answers = inTurn(committed, json({ ...detail, master: null }));
    const said = await runAgainst(answers, [...line, '--wait-seconds', '1']);
    assert.equal(said.exit, 4);
    assert.match(said.stderr, /was not active within 1 s; it goes on by itself/);
    assert.match(said.stderr, /pollux group show orders-a/);
  });
});
