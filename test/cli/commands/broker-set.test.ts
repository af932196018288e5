/** `pollux broker-set`, word for word. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
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
    },
    {
      id: 2,
      address: '10.2.0.1:10911',
      haAddress: null,
      site: 'idc-b',
      role: 'master',
      registration: null,
    },
  ],
  writePermission: 'asRegistered',
  topics: 12,
  elections: [
    {
      id: 'election-1',
      reason: 'masterLost',
      masterEpoch: 4,
      from: 1,
      to: 2,
      by: 'node-a',
      unsafe: false,
      evidence: [{ node: 'node-w', site: 'witness', verdict: 'dead', detail: 'refused', wallMs }],
      candidates: [
        { id: 2, site: 'idc-b', epoch: 3, maxOffset: '4096', chosen: true, detail: 'the only one' },
      ],
      predictedLossBytes: '0',
      steps: [{ step: 'told', wallMs: wallMs + 20, detail: 'broker 2' }],
      wallMs,
    },
  ],
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
      'ID  IDC    ADDRESS         REPLICATION     ROLE     REGISTERED AS   ZONE   TIMEOUT',
      '1   idc-a  10.1.0.1:10911  10.1.0.1:10912  in sync  1               idc-a  2 min',
      '2   idc-b  10.2.0.1:10911  -               master   not registered  -      -',
      '',
      'ELECTIONS',
      'election:        election-1 at 2030-01-02 03:04:05.000Z',
      'reason:          masterLost, by node-a',
      'master:          1 -> 2, epoch 4',
      'predicted loss:  0 bytes',
      'seen by node-w:  dead: refused',
      'told:            2030-01-02 03:04:05.020Z broker 2',
      'CANDIDATE  IDC    EPOCH  OFFSET  DETAIL',
      '2 chosen   idc-b  3      4096    the only one',
      '',
      'WHO IS PROTECTED',
      'producers that got SEND_OK:  every member has it',
    ),
  );
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
