/** `pollux group adopt`: all masters are planned before the first is taken, and what failed says how it is put back. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AdoptionAnswer } from '../../../src/contract/adoption.ts';
import { json, refusal } from '../../sdk/fake-node.ts';
import { detail, plan } from '../fixtures.ts';
import { type Answers, lines, runAgainst } from '../run-against.ts';

const adoption: AdoptionAnswer = {
  group: 'orders-a',
  policy: 'cross-idc',
  onShortage: 'block',
  master: '127.0.0.1:7101',
  servers: [
    { replica: 'orders-a-1', address: '127.0.0.1:7101', site: 'idc-a', placedBy: 'addressRange' },
    { replica: 'orders-a-2', address: '127.0.0.1:7102', site: 'idc-b', placedBy: 'site' },
  ],
  sentinels: [
    {
      address: '127.0.0.1:26379',
      id: 'a'.repeat(40),
      told: ['SENTINEL REMOVE orders-a'],
      putBack: ['SENTINEL MONITOR orders-a 127.0.0.1 7101 2'],
    },
  ],
  findings: [{ code: 'neverPromoted', message: 'Slave 127.0.0.1:7102 has priority 0.', forbids: 'nothing' }],
};

const base = ['group', 'adopt', '--sentinel', '127.0.0.1:26379'];

type Body = { readonly master: string; readonly plan: boolean };

/** Plans are fit, unless they are of a group that is named; what is adopted is active at once. */
const tier =
  (
    change: {
      unfit?: string;
      there?: string;
      fails?: ReturnType<typeof refusal>;
      masters?: readonly string[];
    } = {},
  ): Answers =>
  ({ url, body }) => {
    if (url.pathname === '/v1/sentinels/masters')
      return json({ masters: change.masters ?? ['orders-a', 'stock'], leftOff: 0 });
    if (url.pathname !== '/v1/sentinels/adopt') return json({ ...detail, alerts: [] });
    const { master, plan: planOnly } = JSON.parse(body) as Body;
    const found = { ...adoption, group: master };
    const findings = [{ code: 'declaredAlready', message: 'There is one.', forbids: 'everything' }];
    if (planOnly && master === change.there)
      return json({ kind: 'plan', adoption: { ...found, findings }, fit: false, plan });
    if (planOnly) return json({ kind: 'plan', adoption: found, fit: master !== change.unfit, plan });
    return change.fails ?? json({ kind: 'committed', index: 9, adoption: found }, 201);
  };

const asked = (said: { requests: readonly { url: URL; body: string }[] }): readonly string[] =>
  said.requests
    .filter(({ url }) => url.pathname === '/v1/sentinels/adopt')
    .map(({ body }) => JSON.parse(body) as Body)
    .map(({ master, plan: planOnly }) => `${planOnly ? 'plan' : 'adopt'} ${master}`);

describe('pollux group adopt', () => {
  it('with --plan says who is told what, where servers stand and how it is put back, and asks for no more', async () => {
    const line = [...base, '--master', 'orders-a', '--site', '127.0.0.1:7102=idc-b', '--plan'];
    const said = await runAgainst(tier(), line);
    assert.equal(said.exit, 0, said.stderr);
    assert.deepEqual(asked(said), ['plan orders-a']);
    const from = said.stdout.indexOf('PLACED');
    assert.match(said.stdout.slice(0, from), /WOULD CHANGE[\s\S]*SURVIVES, with the policy cross-idc/);
    assert.equal(
      said.stdout.slice(from),
      lines(
        'PLACED',
        'REPLICA     ADDRESS         NOW     SITE   BY',
        'orders-a-1  127.0.0.1:7101  master  idc-a  address range',
        'orders-a-2  127.0.0.1:7102  slave   idc-b  --site',
        '',
        'SENTINELS',
        'SENTINEL         ID        IS TOLD',
        '127.0.0.1:26379  aaaaaaaa  SENTINEL REMOVE orders-a',
        '',
        'TO PUT IT BACK',
        'on 127.0.0.1:26379:',
        '  SENTINEL MONITOR orders-a 127.0.0.1 7101 2',
        'and auth-user and auth-pass there, where the servers ask for them',
        '',
        'FOUND AT THE SENTINELS',
        '- Slave 127.0.0.1:7102 has priority 0. (neverPromoted)',
      ),
    );
    assert.deepEqual(JSON.parse(said.requests[0]?.body ?? ''), {
      sentinel: '127.0.0.1:26379',
      master: 'orders-a',
      sites: { '127.0.0.1:7102': 'idc-b' },
      watchOnly: false,
      policy: 'cross-idc',
      onShortage: 'block',
      timeFenceSeconds: 3,
      detectionMs: 1_000,
      cooldownMs: 60_000,
      owner: '',
      labels: {},
      plan: true,
    });
  });

  it('without a name takes all that the Sentinel watches, after all were planned', async () => {
    const said = await runAgainst(tier(), base);
    assert.equal(said.exit, 0, said.stderr);
    assert.deepEqual(asked(said), ['plan orders-a', 'plan stock', 'adopt orders-a', 'adopt stock']);
    assert.equal(said.stdout, 'taken over and active: default/orders-a, default/stock\n');
  });

  it('leaves out what is a group already, unless it was named', async () => {
    const said = await runAgainst(tier({ there: 'stock' }), base);
    assert.deepEqual([said.exit, asked(said).at(-1)], [0, 'adopt orders-a']);
    assert.match(said.stderr, /^stock: left out/m);
    const named = await runAgainst(tier({ there: 'stock' }), [...base, '--master', 'stock']);
    assert.deepEqual([named.exit, asked(named)], [1, ['plan stock']]);
    const none = await runAgainst(tier({ there: 'stock', masters: ['stock'] }), base);
    assert.deepEqual([none.exit, none.stdout], [0, 'every master is a group already\n']);
  });

  it('takes none when one is not fit, and says which', async () => {
    const said = await runAgainst(tier({ unfit: 'stock' }), base);
    assert.equal(said.exit, 1);
    assert.deepEqual(asked(said), ['plan orders-a', 'plan stock']);
    assert.match(said.stderr, /^pollux: stock cannot be taken over like this; nothing was changed/);
  });

  it('goes no further than the first that fails, and passes on what was done', async () => {
    const said = await runAgainst(tier({ fails: refusal('adoptionStopped', 502) }), base);
    assert.equal(said.exit, 4, 'something is left to put right');
    assert.deepEqual(asked(said), ['plan orders-a', 'plan stock', 'adopt orders-a']);
    assert.match(said.stderr, /adoptionStopped/);
  });

  it('says how it is put back when no answer comes', async () => {
    const answer: Answers = (request) => {
      const isReal = request.body !== '' && !(JSON.parse(request.body) as Body).plan;
      return isReal && request.url.pathname.endsWith('adopt') ? { kind: 'silence' } : tier()(request);
    };
    const said = await runAgainst(answer, ['--timeout', '1', ...base, '--master', 'orders-a']);
    assert.equal(said.exit, 4);
    assert.match(said.stderr, /'pollux group show orders-a' tells whether it is declared; if it is not:/);
    assert.match(said.stderr, /on 127\.0\.0\.1:26379:\n {2}SENTINEL MONITOR orders-a 127\.0\.0\.1 7101 2/);
  });

  it('watches only, when told so', async () => {
    const said = await runAgainst(tier(), [...base, '--master', 'orders-a', '--watch-only', '--no-wait']);
    assert.equal(said.exit, 0, said.stderr);
    assert.equal(said.stdout, 'watched beside the Sentinels: default/orders-a\n');
    assert.equal(JSON.parse(said.requests[1]?.body ?? '').watchOnly, true);
  });

  it('refuses a Sentinel that watches nothing, and a place that is none', async () => {
    const said = await runAgainst(tier({ masters: [] }), base);
    assert.deepEqual([said.exit, /watches no master/.test(said.stderr)], [1, true]);
    const wrong = await runAgainst(tier(), [...base, '--site', 'idc-b']);
    assert.deepEqual([wrong.exit, wrong.requests.length], [2, 0]);
    assert.match(wrong.stderr, /ADDRESS=IDC/);
  });
});
