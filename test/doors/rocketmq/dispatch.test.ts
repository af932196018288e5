/** Requests of nonsense, and of almost sense: every one is answered, none is a bug, and nothing half-read is committed. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { nodeName, siteName } from '../../../src/core/primitives/identifiers.ts';
import { refused } from '../../../src/core/primitives/refusal.ts';
import { type SeededRandom, seededRandom } from '../../../src/core/primitives/seeded-random.ts';
import { COMMANDS } from '../../../src/doors/rocketmq/commands/command-table.ts';
import { dispatch } from '../../../src/doors/rocketmq/dispatch.ts';
import { createDoorView } from '../../../src/doors/rocketmq/door-view.ts';
import { systemTimers } from '../../../src/platform/system-timers.ts';
import { createRequest } from '../../../src/remoting/remoting-command.ts';
import type { RequestCode } from '../../../src/remoting/request-codes.ts';
import { registrationBody } from '../../support/broker-caller.ts';
import { systemClock } from '../../support/redis-group.ts';
import { checkingNode } from './open-door.ts';

const REQUESTS = 20_000;
const SEED = 20_261_126;

const FIELDS = [
  ...['brokerName', 'clusterName', 'cluster', 'brokerAddr', 'brokerAddress', 'haServerAddr', 'brokerId'],
  ...['topic', 'namespace', 'key', 'value', 'appliedBrokerId', 'registerCheckCode', 'masterBrokerId'],
  ...['masterEpoch', 'designateElect', 'brokerControllerIdsToClean', 'isCleanLivingBroker', 'epoch'],
  ...['maxOffset', 'heartbeatTimeoutMills', 'heartbeatTimeoutMillis', 'bodyCrc32', 'enableActingMaster'],
  ...['__ZONE_NAME', '__ZONE_MODE', 'acceptStandardJsonOnly', '__proto__', 'constructor'],
];
const SENSE: readonly (readonly [name: string, value: string])[] = [
  ['clusterName', 'C'],
  ['brokerName', 'broker-a'],
  ['brokerAddr', '10.1.0.7:10911'],
  ['brokerAddress', '10.1.0.7:10911'],
  ['haServerAddr', '10.1.0.7:10912'],
  ['brokerId', '1'],
  ['appliedBrokerId', '1'],
  ['registerCheckCode', '10.1.0.7:10911;17'],
  ['topic', 'TopicA'],
  ['namespace', 'n'],
  ['key', 'k'],
];
const VALUES = [
  ...['', '0', '1', '2', '-1', '1;2', ';', 'true', 'false', 'null', 'C', 'broker-a', 'broker-b', 'TopicA'],
  ...['10.1.0.7:10911', '10.1.0.7:10911;17', '10.2.0.7:10911', ':', 'a:b', '1.5', '1e9', 'NaN', 'idc-a'],
  ...['9223372036854775807', '99999999999999999999', '-9223372036854775808', '\u0000', '🦊', '../..'],
  ...['__proto__', 'constructor', 'x'.repeat(300), '127.0.0.1:99999', '[::1]:10911'],
];
const BODIES = [
  ...[
    '',
    '{',
    '{}',
    '[]',
    '[1]',
    '["broker-a"]',
    '"x"',
    'null',
    '{"syncStateSet":[1],"syncStateSetEpoch":1}',
  ],
  ...['{"syncStateSet":[-1,1e99],"syncStateSetEpoch":null}', '{"queueDatas":[{"brokerName":"broker-a"}]}'],
  ...['{"counter":1,"stateVersion":1,"timestamp":1000}', '{"topicConfigSerializeWrapper":{}}', 'x\u0001'],
  ...['{"topicConfigSerializeWrapper":{"topicConfigTable":{"a":{"perm":"6"}}}}', '{1:2,3:{"$ref":"$"}}'],
].map((text) => Buffer.from(text));

const pick = <Value>(random: SeededRandom, values: readonly Value[]): Value =>
  values[random.integer(0, values.length)] ?? assert.fail();

it(`answers ${REQUESTS} requests of little sense (seed ${SEED})`, async (t) => {
  // The node's timers keep no process alive.
  const alive = setInterval(() => undefined, 1_000);
  t.after(() => clearInterval(alive));
  const random = seededRandom(SEED);
  const node = checkingNode();
  const submit = node.submit.bind(node);
  node.submit = async (request) =>
    request.type === 'brokerSet' ? refused('unprovable', 'nobody is asked') : submit(request);
  const door = createDoorView(
    { self: nodeName('node-a'), advertised: null, peers: [], version: '0.0.0' },
    { face: node, clock: systemClock, timers: systemTimers, idcOfAddress: () => siteName('idc-b') },
  );
  const channel = {
    id: 1,
    host: '127.0.0.1',
    siteByAddress: null,
    cameInAt: '127.0.0.1:9876',
    closeSoon: () => assert.fail('nobody is sent away'),
  };
  const bodies = [...BODIES, registrationBody({}), registrationBody({ compress: true })];
  const codes = [...COMMANDS.keys()];
  const answered = new Map<number, number>();
  for (let nth = 0; nth < REQUESTS; nth += 1) {
    const fields = new Map<string, string>(random.integer(0, 2) === 0 ? SENSE : []);
    for (let at = random.integer(0, 12); at > 0; at -= 1)
      fields.set(pick(random, FIELDS), pick(random, VALUES));
    const body = Buffer.from(pick(random, bodies));
    if (body.length > 0 && random.integer(0, 4) === 0) body[random.integer(0, body.length)] = 0xff;
    const code = pick(random, codes) as RequestCode;
    const request = createRequest({ code, opaque: nth, fields, body });
    const answer = await dispatch({ door, channel, request });
    answered.set(answer.code, (answered.get(answer.code) ?? 0) + 1);
    assert.ok(answer.code === 0 || (answer.remark ?? '') !== '', `request ${code}: an error says why`);
  }
  assert.ok((answered.get(0) ?? 0) > REQUESTS / 20, 'some were sense');
  assert.ok(answered.size > 5, `answers of ${answered.size} kinds`);
  assert.ok(node.state().registrations.size > 0, 'and some were registrations');
});
