import assert from 'node:assert/strict';
import { test } from 'node:test';
import { siteName } from '../../../src/core/primitives/identifiers.ts';
import { LIMITS } from '../../../src/core/primitives/limits.ts';
import { judgeSurvey } from '../../../src/core/sentinels/judge-survey.ts';
import { surveyMaster } from '../../../src/core/sentinels/survey.ts';
import { FakeSentinels, slaveSeen } from './fake-sentinels.ts';

async function findings(
  change: (sentinels: FakeSentinels) => void,
  said: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  const sentinels = new FakeSentinels();
  change(sentinels);
  const survey = await surveyMaster(sentinels, '10.0.0.1:26379', 'orders');
  assert.ok(survey.ok);
  const places = {
    said: new Map(Object.entries(said).map(([address, site]) => [address, siteName(site)])),
    idcOfAddress: () => siteName('idc-a'),
  };
  return judgeSurvey(survey.value, places).map(({ forbids, code }) => `${code} ${forbids}`);
}

const nothing = (): void => undefined;
const [A, B] = ['10.1.0.2:6379', '10.2.0.3:6379'] as const;

test('Sentinels that agree on servers that are well leave nothing to say', async () => {
  assert.deepEqual(await findings(nothing), []);
});

test('Sentinels that differ on who is master, or are failing over, forbid even to watch', async () => {
  const differ = (sentinels: FakeSentinels): void => {
    const { word } = sentinels.of(3);
    assert.ok(word !== null);
    sentinels.of(3).word = { ...word, address: A };
  };
  assert.ok((await findings(differ)).includes('sentinelsDisagree everything'));
  for (const flags of [
    ['master', 's_down', 'o_down'],
    ['master', 'failover_in_progress'],
  ]) {
    const found = await findings((sentinels) => sentinels.say({ flags }));
    assert.deepEqual(new Set(found), new Set(['failoverUnderWay everything']));
  }
  const slaves = [slaveSeen(A, { flags: ['slave', 'reconf_inprog'] }), slaveSeen(B)];
  assert.ok(
    (await findings((sentinels) => sentinels.say({ slaves }))).includes('failoverUnderWay everything'),
  );
});

test('a master or a slave that one Sentinel finds down, and a Sentinel that is not heard, forbid the takeover', async () => {
  const one = (change: object) => (sentinels: FakeSentinels) => {
    const { word } = sentinels.of(2);
    assert.ok(word !== null);
    sentinels.of(2).word = { ...word, ...change };
  };
  assert.deepEqual(await findings(one({ flags: ['master', 's_down'] })), ['masterDown takeover']);
  const down = [slaveSeen(A, { flags: ['slave', 's_down'] }), slaveSeen(B)];
  assert.deepEqual(await findings(one({ slaves: down })), ['slaveDown takeover']);
  const astray = [slaveSeen(A, { follows: '10.9.0.9:6379' }), slaveSeen(B)];
  assert.deepEqual(await findings(one({ slaves: astray })), ['slaveElsewhere takeover']);
  const silent = await findings((sentinels) => {
    sentinels.of(3).isUp = false;
  });
  assert.deepEqual(silent, ['sentinelUnheard takeover']);
});

test('what is only worth knowing forbids nothing', async () => {
  const slaves = [slaveSeen(A, { linkUp: false }), slaveSeen(B, { priority: 0 })];
  assert.deepEqual(await findings((sentinels) => sentinels.say({ slaves })), [
    'slaveLinkDown nothing',
    'neverPromoted nothing',
  ]);
  const fewer = await findings((sentinels) => {
    const { word } = sentinels.of(1);
    assert.ok(word !== null);
    sentinels.of(1).word = { ...word, slaves: [slaveSeen(A)] };
  });
  assert.deepEqual(fewer, ['slaveUnknownToSome nothing']);
});

test('an address that is another server on every host has to be said by the operator', async () => {
  const local = slaveSeen('127.0.0.1:6380');
  const announce = (sentinels: FakeSentinels): void => sentinels.say({ slaves: [local] });
  assert.deepEqual(await findings(announce), ['loopback everything']);
  assert.deepEqual(await findings(announce, { '127.0.0.1:6380': 'idc-a' }), []);
  const named = (sentinels: FakeSentinels): void => sentinels.say({ slaves: [slaveSeen('localhost:1')] });
  assert.deepEqual(await findings(named), ['loopback everything']);
});

test('more servers than a group may have', async () => {
  const slaves = Array.from({ length: LIMITS.replicasPerGroup }, (_, at) => slaveSeen(`10.1.1.${at}:6379`));
  assert.deepEqual(await findings((sentinels) => sentinels.say({ slaves })), ['tooManyServers everything']);
  const fits = slaves.slice(1);
  assert.deepEqual(await findings((sentinels) => sentinels.say({ slaves: fits })), []);
});
