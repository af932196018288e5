import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BrokerAsks } from '../../../../src/core/coordinator/broker-sets/broker-asks.ts';
import { BrokerBook } from '../../../../src/core/coordinator/broker-sets/broker-book.ts';
import { BrokerRounds } from '../../../../src/core/coordinator/broker-sets/broker-rounds.ts';
import { BrokerVantages } from '../../../../src/core/coordinator/broker-sets/broker-vantages.ts';
import { judgeSet } from '../../../../src/core/coordinator/broker-sets/judge-set.ts';
import { SetContext } from '../../../../src/core/coordinator/broker-sets/set-context.ts';
import { siteName } from '../../../../src/core/primitives/identifiers.ts';
import { alterSyncStateSet, applyId, BROKER_A, CLUSTER, elect } from '../../metadata/broker-set-fixture.ts';
import { bootstrap, Ledger } from '../../metadata/ledger.ts';
import { leadingContext } from '../leading-context.ts';
import { at, closed, heartbeat } from './broker-signs.ts';

/** Broker 1 reigns with broker 2 in sync; its connection to this leader has ended at 0. */
function scenery() {
  const ledger = new Ledger().accept(
    bootstrap,
    applyId(1),
    applyId(2),
    elect(1, 0),
    alterSyncStateSet([1, 2]),
  );
  const context = leadingContext(() => ledger.store);
  const book = new BrokerBook();
  const asks = new BrokerAsks(context);
  const sets = new SetContext({ context, book, vantages: new BrokerVantages(), asks });
  sets.watchingSinceMs = -60_000;
  const ref = { cluster: CLUSTER, name: BROKER_A };
  book.heard(heartbeat(1, ref), at(0));
  book.heard({ ...closed(1), ...ref }, at(0));
  const testify = () => ({ site: siteName('idc-a'), verdict: 'abstain', detail: '' }) as const;
  const rounds = new BrokerRounds({ context, book, asks, testify, onWord: () => undefined });
  /** What is begun where this is judged then. */
  const begunAt = (nowMs: number): string[] => {
    const set = sets.setOf(BROKER_A) ?? assert.fail();
    context.takeEffects();
    judgeSet({ sets, rounds }, set, at(nowMs));
    return context.takeEffects().flatMap((effect) => (effect.kind === 'log' ? [effect.event] : []));
  };
  const set = sets.setOf(BROKER_A) ?? assert.fail();
  return { context, ledger, begunAt, run: sets.run(set, at(0)) };
}

const death = { brokerId: 1, kind: 'processEnded', evidence: [], suspicion: 'closed', atMs: 0 } as const;

test('a suspicion is a question to the others, and no more', () => {
  assert.deepEqual(scenery().begunAt(1), ['brokerSet.suspected']);
});

test('a confirmed death is acted on while it is fresh; later it has to be confirmed again', () => {
  const fresh = scenery();
  fresh.run.death = death;
  assert.deepEqual(fresh.begunAt(2_000), ['brokerSet.searching']);
  const stale = scenery();
  stale.run.death = death;
  assert.deepEqual(stale.begunAt(2_001), ['brokerSet.suspected']);
});

test('a leader without a lease begins nothing', () => {
  const { context, run, begunAt } = scenery();
  run.death = death;
  context.leadership = { ...context.leadership, leaseUntilMs: 1 };
  assert.deepEqual(begunAt(1), []);
});

test('a master whose address another broker came to cannot be asked, and that is said', () => {
  const { context, ledger, begunAt } = scenery();
  ledger.accept(applyId(3, { address: applyId(1).address, registerCheckCode: 'another' }));
  assert.deepEqual(begunAt(1), ['alert.raised']);
  assert.equal(
    context.alerts
      .list()
      .map(({ code }) => code)
      .join(),
    'held',
  );
});
