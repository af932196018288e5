import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodeName } from '../../src/core/primitives/identifiers.ts';
import { brokerSetMeasures, setBrokerSets } from '../../src/main/broker-set-measures.ts';
import { createMetrics } from '../../src/platform/metrics.ts';
import {
  addressOf,
  alterSyncStateSet,
  applyId,
  BROKER_A,
  BROKER_B,
  elect,
  IDC_A,
  loseMaster,
  registration,
} from '../core/metadata/broker-set-fixture.ts';
import { bootstrap, Ledger } from '../core/metadata/ledger.ts';

const SET = 'broker_set="DefaultCluster/broker-a"';
const ledger = () => new Ledger().accept(bootstrap, applyId(1), applyId(2), elect(1, 0), registration(1));

function scenery(of: Ledger = ledger()) {
  const measures = createMetrics();
  let wallMs = 0;
  const sets = brokerSetMeasures(
    measures,
    () => of.store.brokerSetHistory,
    () => wallMs,
  );
  const page = async (): Promise<readonly string[]> => {
    setBrokerSets(measures, of.store);
    return (await measures.text()).split('\n');
  };
  const shows = async (...wanted: readonly string[]): Promise<void> => {
    const shown = await page();
    for (const line of wanted)
      assert.ok(
        shown.includes(line),
        `${line} is missing in:\n${shown.filter((one) => /^pollux_(broker|regist|sync)/.test(one)).join('\n')}`,
      );
  };
  return { of, sets, page, shows, at: (ms: number) => (wallMs = ms) };
}

test('each set shows how it stands, and all of them are counted by that', async () => {
  const { of, shows } = scenery();
  of.accept(registration(9, { name: BROKER_B }), alterSyncStateSet([1, 2]));
  await shows(
    `pollux_broker_set_master_epoch{${SET}} 1`,
    `pollux_broker_set_mastered{${SET}} 1`,
    `pollux_broker_set_brokers{${SET}} 2`,
    `pollux_broker_set_in_sync_brokers{${SET}} 2`,
    `pollux_broker_set_degraded{${SET}} 0`,
    `pollux_broker_set_unproven{${SET}} 0`,
    `pollux_broker_set_automatic_stopped{${SET}} 0`,
    'pollux_broker_sets{standing="mastered"} 1',
    'pollux_broker_sets{standing="masterless"} 0',
    'pollux_broker_sets{standing="neverMastered"} 0',
    'pollux_broker_sets{standing="routesOnly"} 1',
    'pollux_broker_registrations 2',
    'pollux_registered_topics 2',
  );
  const scope = { kind: 'all' } as const;
  of.accept(loseMaster(1), {
    type: 'automatic.stop',
    stop: { scope, by: 'eve', reason: '', sinceWallMs: 1, untilWallMs: null },
  });
  await shows(
    `pollux_broker_set_mastered{${SET}} 0`,
    `pollux_broker_set_automatic_stopped{${SET}} 1`,
    'pollux_broker_sets{standing="masterless"} 1',
  );
});

test('a set that is gone is not shown any more', async () => {
  const { of, page } = scenery(new Ledger().accept(bootstrap, applyId(1)));
  assert.ok((await page()).includes('pollux_broker_sets{standing="neverMastered"} 1'));
  of.accept({ type: 'brokerSet.clean', name: BROKER_A, brokerIds: null, by: 'operator', wallMs: 6 });
  assert.deepEqual(
    (await page()).filter((line) => line.includes('broker-a')),
    [],
  );
});

test('an election is counted with the time from the suspicion, and until the new master reigns', async () => {
  const { of, sets, shows, at } = scenery();
  const suspected = {
    node: nodeName('node-a'),
    site: IDC_A,
    verdict: 'dead',
    detail: 'suspected: x',
  } as const;
  of.accept(alterSyncStateSet([1, 2]));
  of.accept(elect(2, 1, { recordId: 'move-1', evidence: [{ ...suspected, wallMs: 1_000 }], wallMs: 1_200 }));
  sets.logged('brokerSet.judged', { set: BROKER_A, verdict: 'dead' });
  sets.logged('brokerSet.elected', { set: BROKER_A, recordId: 'move-1' });
  at(1_500);
  sets.logged('brokerSet.roleTold', { set: BROKER_A, broker: 1, masterEpoch: 2, role: 'slave' });
  sets.logged('brokerSet.roleTold', { set: BROKER_A, broker: 2, masterEpoch: 2, role: 'master' });
  of.accept(loseMaster(2, { recordId: 'lost-1' }));
  sets.logged('brokerSet.masterless', { set: BROKER_A, recordId: 'lost-1' });
  await shows(
    'pollux_broker_set_elections_total{reason="masterLost",outcome="elected"} 1',
    'pollux_broker_set_elections_total{reason="masterLost",outcome="nobody"} 1',
    'pollux_broker_set_confirmations_total{verdict="dead"} 1',
    'pollux_broker_set_suspicions_total{outcome="carriedOut"} 2',
    'pollux_broker_set_phase_seconds_sum{phase="electing"} 0.2',
    'pollux_broker_set_phase_seconds_count{phase="electing"} 1',
    'pollux_broker_set_phase_seconds_sum{phase="promoting"} 0.3',
    'pollux_broker_role_changes_total{outcome="acknowledged"} 2',
  );
});

test('what moved nothing is counted too: suspicions, refused changes, registrations', async () => {
  const { sets, shows } = scenery();
  sets.logged('brokerSet.suspicionEnded', { set: BROKER_A, outcome: 'refuted' });
  sets.logged('brokerSet.roleRefused', { set: BROKER_A, broker: 2, code: 1 });
  sets.logged('brokerSet.inSync', { set: BROKER_A });
  sets.logged('brokerSet.alterRefused', { set: BROKER_A, code: 'lastRemoteMember' });
  sets.logged('registration.taken', { set: BROKER_A, address: addressOf(1) });
  sets.logged('registration.expired', { set: BROKER_A, cause: 'foundDead' });
  sets.logged('master.judged', { verdict: 'dead' });
  await shows(
    'pollux_broker_set_suspicions_total{outcome="refuted"} 1',
    'pollux_broker_role_changes_total{outcome="refused"} 1',
    'pollux_sync_state_set_changes_total{outcome="committed"} 1',
    'pollux_sync_state_set_changes_total{outcome="lastRemoteMember"} 1',
    'pollux_broker_registrations_taken_total 1',
    'pollux_broker_registrations_expired_total{cause="foundDead"} 1',
  );
});
