/** `pollux broker-set`, word for word. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BrokerSetRecordAnswer } from '../../../src/contract/broker-set-history.ts';
import type { BrokerSetDetail, BrokerSetSummary } from '../../../src/contract/broker-sets.ts';
import { json, refusal } from '../../sdk/fake-node.ts';
import { lines, runAgainst } from '../run-against.ts';

const wallMs = Date.UTC(2030, 0, 2, 3, 4, 5);

const summary: BrokerSetSummary = {
  cluster: 'DefaultCluster',
  name: 'broker-a',
  master: { id: 2, site: 'idc-b', address: '10.2.0.1:10911' },
  brokers: 2,
  controlled: {
    masterEpoch: 4,
    syncStateSet: [1, 2],
    syncStateSetEpoch: 9,
    policy: 'cross-idc',
    onShortage: 'block',
    degraded: false,
    unproven: false,
    detectionMs: 3_000,
    automaticStopped: false,
  },
};

const election: BrokerSetRecordAnswer = {
  id: 'election-1',
  cluster: 'DefaultCluster',
  brokerSet: 'broker-a',
  reason: 'masterLost',
  masterEpoch: 4,
  from: 1,
  to: 2,
  by: 'pollux',
  unsafe: false,
  evidence: [
    { node: 'node-a', site: 'idc-a', verdict: 'dead', detail: 'suspected: its connection ended', wallMs },
    { node: 'node-w', site: 'witness', verdict: 'dead', detail: 'refuses connections', wallMs: wallMs + 5 },
  ],
  candidates: [
    { id: 2, site: 'idc-b', epoch: 3, maxOffset: '4096', chosen: true, detail: 'it holds most' },
    { id: 3, site: null, epoch: null, maxOffset: null, chosen: false, detail: 'silent' },
  ],
  predictedLossBytes: '0',
  steps: [
    { step: 'elected', wallMs: wallMs + 20, detail: 'its connection ended' },
    { step: 'roleAcknowledged', wallMs: wallMs + 1_500, detail: 'broker 2 has acknowledged its role' },
  ],
  wallMs: wallMs + 20,
};

const detail: BrokerSetDetail = {
  ...summary,
  brokers: [
    {
      id: 1,
      address: '10.1.0.1:10911',
      haAddress: '10.1.0.1:10912',
      site: 'idc-a',
      role: 'inSync',
      registration: { brokerId: 1, zone: 'idc-a', version: 479, timeoutMs: 120_000, complete: true },
      heartbeat: { epoch: 4, maxOffset: '4000', confirmOffset: '4000', ageMs: 400 },
      heard: [
        { node: 'node-a', ageMs: 400, closed: false },
        { node: 'node-b', ageMs: 650, closed: false },
        { node: 'node-w', ageMs: 9_000, closed: true },
      ],
    },
    {
      id: 2,
      address: '10.2.0.1:10911',
      haAddress: null,
      site: 'idc-b',
      role: 'master',
      registration: null,
      heartbeat: { epoch: 4, maxOffset: '4096', confirmOffset: '4000', ageMs: 100 },
      heard: [{ node: 'node-b', ageMs: 1_500, closed: true }],
    },
  ],
  writePermission: 'asRegistered',
  topics: 12,
  elections: [election],
  protection: [{ client: 'producers that got SEND_OK', protection: 'every member has it' }],
  alerts: [],
  stale: false,
};

test('pollux broker-set list shows sets of all clusters, those that only register too', async () => {
  const named = { ...summary, name: 'broker-b', master: null, brokers: 1, controlled: null };
  const said = await runAgainst(
    () => json({ brokerSets: [summary, named], stale: false }),
    ['broker-set', 'list'],
  );
  assert.equal(said.exit, 0, said.stderr);
  assert.equal(
    said.stdout,
    lines(
      'CLUSTER         NAME      MASTER                     EPOCH  IN SYNC  BROKERS  POLICY     ON SHORTAGE  AUTOMATIC',
      'DefaultCluster  broker-a  2 (idc-b, 10.2.0.1:10911)  4      1 2      2        cross-idc  block        on',
      'DefaultCluster  broker-b  none                       -      -        1        -          -            routes only',
    ),
  );
  const none = await runAgainst(() => json({ brokerSets: [], stale: false }), ['broker-set', 'list']);
  assert.match(none.stdout, /namesrvAddr and controllerAddr/);
});

test('pollux broker-set show prints brokers, elections and who is protected', async () => {
  const said = await runAgainst(() => json(detail), ['broker-set', 'show', 'broker-a']);
  assert.equal(said.exit, 0, said.stderr);
  assert.equal(said.requests[0]?.url.pathname, '/v1/broker-sets/broker-a');
  assert.equal(
    said.stdout,
    lines(
      'broker set:        DefaultCluster/broker-a',
      'master:            2 (idc-b, 10.2.0.1:10911)',
      'master epoch:      4',
      'sync state set:    1, 2 (epoch 9)',
      'policy:            cross-idc, on shortage block',
      'degraded:          no',
      'detection:         3.0 s',
      'automatic action:  on',
      'registered:        yes, with 12 topics',
      'write permission:  as registered',
      'current:           yes',
      '',
      'BROKERS',
      'ID  IDC    ADDRESS         ROLE     HEARD                EPOCH  OFFSET  BEHIND    REGISTERED AS   ZONE',
      '1   idc-a  10.1.0.1:10911  in sync  400 ms ago, 2 nodes  4      4000    96 bytes  1               idc-a',
      '2   idc-b  10.2.0.1:10911  master   1.5 s ago, gone      4      4096    -         not registered  -',
      '',
      'ELECTIONS',
      'RECORD      AT                        BROKER SET               REASON      EPOCH  MASTER  AT MOST LOST  BY',
      'election-1  2030-01-02 03:04:05.020Z  DefaultCluster/broker-a  masterLost  4      1 -> 2  0 bytes       pollux',
      "'pollux broker-set election RECORD' shows who saw what",
      '',
      'WHO IS PROTECTED',
      'producers that got SEND_OK:',
      '  every member has it',
    ),
  );
});

test('pollux broker-set show says where the elections are that it leaves out', async () => {
  const many = { ...detail, elections: Array.from({ length: 7 }, () => election) };
  const said = await runAgainst(() => json(many), ['broker-set', 'show', 'broker-a']);
  assert.equal(said.stdout.match(/^election-1 /gm)?.length, 5);
  assert.match(said.stdout, /'pollux broker-set history broker-a' has 2 more/);
});

test('pollux broker-set history lists elections of all sets or of one, lost masters too', async () => {
  const lost = { ...election, id: 'election-2', to: null, predictedLossBytes: null, unsafe: true };
  const said = await runAgainst(
    () => json({ records: [lost, election] }),
    ['broker-set', 'history', 'broker-a', '--limit', '2'],
  );
  assert.equal(said.exit, 0, said.stderr);
  assert.equal(said.requests[0]?.url.pathname, '/v1/broker-set-history');
  assert.equal(said.requests[0]?.url.search, '?limit=2&brokerSet=broker-a');
  assert.equal(
    said.stdout,
    lines(
      'RECORD      AT                        BROKER SET               REASON              EPOCH  MASTER       AT MOST LOST    BY',
      'election-2  2030-01-02 03:04:05.020Z  DefaultCluster/broker-a  masterLost, unsafe  4      1 -> nobody  nobody can say  pollux',
      'election-1  2030-01-02 03:04:05.020Z  DefaultCluster/broker-a  masterLost          4      1 -> 2       0 bytes         pollux',
      "'pollux broker-set election RECORD' shows who saw what, and who else could be chosen",
    ),
  );
  const none = await runAgainst(() => json({ records: [] }), ['broker-set', 'history']);
  assert.equal(none.stdout, lines('no master was ever elected here'));
  assert.equal(none.requests[0]?.url.search, '?limit=20');
});

test('pollux broker-set election shows one with evidence, candidates and steps', async () => {
  const said = await runAgainst(() => json(election), ['broker-set', 'election', 'election-1']);
  assert.equal(said.exit, 0, said.stderr);
  assert.equal(said.requests[0]?.url.pathname, '/v1/broker-set-history/election-1');
  assert.equal(
    said.stdout,
    lines(
      'record:        election-1',
      'broker set:    DefaultCluster/broker-a',
      'reason:        masterLost',
      'master:        1 -> 2',
      'master epoch:  4',
      'by:            pollux',
      'at most lost:  0 bytes',
      '',
      'EVIDENCE',
      'NODE    SITE     VERDICT  AT                        WHAT IT SAW',
      'node-a  idc-a    dead     2030-01-02 03:04:05.000Z  suspected: its connection ended',
      'node-w  witness  dead     2030-01-02 03:04:05.005Z  refuses connections',
      '',
      'CANDIDATES',
      'BROKER  IDC    EPOCH  OFFSET  CHOSEN  WHY',
      '2       idc-b  3      4096    yes     it holds most',
      '3       -      -      -       no      silent',
      '',
      'STEPS',
      'AT                        SINCE START  STEP              DETAIL',
      '2030-01-02 03:04:05.020Z  +20 ms       elected           its connection ended',
      '2030-01-02 03:04:06.500Z  +1.5 s       roleAcknowledged  broker 2 has acknowledged its role',
    ),
  );
  const refused = await runAgainst(() => refusal('unknownRecord', 404), ['broker-set', 'election', 'x']);
  assert.deepEqual([refused.exit, refused.stdout], [1, '']);
});

test('pollux broker-set set sends what is named, and wants something named', async () => {
  const said = await runAgainst(
    () => json({ kind: 'committed', index: 7 }),
    [
      'broker-set',
      'set',
      'broker-a',
      '--policy',
      'all',
      '--on-shortage',
      'degrade',
      '--detection-ms',
      '2000',
    ],
  );
  assert.equal(
    said.stdout,
    lines('broker set broker-a has policy all, on shortage degrade, detection 2.0 s'),
  );
  assert.equal(said.requests[0]?.method, 'PATCH');
  assert.deepEqual(JSON.parse(said.requests[0]?.body ?? ''), {
    policy: 'all',
    onShortage: 'degrade',
    detectionMs: 2_000,
  });
  const nothing = await runAgainst(() => json({}), ['broker-set', 'set', 'broker-a']);
  assert.deepEqual([nothing.exit, nothing.requests.length], [2, 0]);
});

test('pollux broker-set elect moves the master, or says why not', async () => {
  const answer = { kind: 'elected', changed: true, master: 2, masterEpoch: 5 };
  const said = await runAgainst(() => json(answer), ['broker-set', 'elect', 'broker-a', '--to', '2']);
  assert.equal(said.stdout, lines('broker 2 is the master of broker-a, epoch 5'));
  assert.deepEqual(JSON.parse(said.requests[0]?.body ?? ''), { to: 2, unsafe: false });
  const again = await runAgainst(
    () => json({ ...answer, changed: false }),
    ['broker-set', 'elect', 'broker-a', '--to', '2', '--unsafe'],
  );
  assert.equal(again.stdout, lines('broker 2 was already the master of broker-a, epoch 5'));
  const refused = await runAgainst(
    () => refusal('notInSyncStateSet', 409),
    ['broker-set', 'elect', 'broker-a', '--to', '3'],
  );
  assert.deepEqual([refused.exit, refused.stdout], [1, '']);
});

test('pollux topic near sets, lists and takes away rules', async () => {
  const committed = () => json({ kind: 'committed', index: 7 });
  const set = await runAgainst(committed, ['topic', 'near', 'TopicA', 'prefer']);
  assert.equal(set.stdout, lines('topic TopicA has the rule prefer'));
  assert.deepEqual(JSON.parse(set.requests[0]?.body ?? ''), { topic: 'TopicA', near: 'prefer' });
  const gone = await runAgainst(committed, ['topic', 'near', '*', 'none']);
  assert.equal(gone.stdout, lines('topic * has no rule of its own'));
  assert.deepEqual(JSON.parse(gone.requests[0]?.body ?? ''), { topic: '*', near: null });
  const list = await runAgainst(
    () => json({ rules: [{ topic: 'TopicA', near: 'prefer' }], stale: false }),
    ['topic', 'near'],
  );
  assert.equal(list.stdout, lines('TOPIC   NEAR', 'TopicA  prefer'));
  for (const line of [['TopicA'], ['TopicA', 'far']]) {
    const wrong = await runAgainst(committed, ['topic', 'near', ...line]);
    assert.deepEqual([wrong.exit, wrong.requests.length], [2, 0], line.join(' '));
  }
});
