import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BrokerAsks } from '../../../../src/core/coordinator/broker-sets/broker-asks.ts';
import { BrokerBook } from '../../../../src/core/coordinator/broker-sets/broker-book.ts';
import { BrokerVantages } from '../../../../src/core/coordinator/broker-sets/broker-vantages.ts';
import type { BrokerAnswer } from '../../../../src/core/coordinator/broker-sets/rocketmq-port.ts';
import { beginSearch, driveSearch } from '../../../../src/core/coordinator/broker-sets/search-master.ts';
import { SetContext } from '../../../../src/core/coordinator/broker-sets/set-context.ts';
import type { CoordinatorEffect } from '../../../../src/core/coordinator/effects.ts';
import { createMetadata } from '../../../../src/core/metadata/apply.ts';
import type { BrokerSet } from '../../../../src/core/metadata/broker-set-state.ts';
import { groupKey } from '../../../../src/core/primitives/identifiers.ts';
import { leadingContext } from '../leading-context.ts';
import { answered, at, CLUSTER, heartbeat, NAME, refOf } from './broker-signs.ts';

const brokerOf = (id: number) => ({
  id,
  address: refOf(id).address,
  haAddress: null,
  site: null,
  registerCheckCode: null,
});

const SET: BrokerSet = {
  key: groupKey(CLUSTER, NAME),
  cluster: CLUSTER,
  name: NAME,
  brokers: new Map([1, 2, 3].map((id) => [id, brokerOf(id)])),
  nextBrokerId: 4,
  master: 1,
  masterEpoch: 1,
  syncStateSet: [1, 2, 3],
  syncStateSetEpoch: 3,
  unproven: false,
  policy: 'all',
  onShortage: 'degrade',
  degraded: false,
  detectionMs: 3_000,
};

function scenery() {
  const context = leadingContext(() => createMetadata());
  const asks = new BrokerAsks(context);
  const sets = new SetContext({ context, book: new BrokerBook(), vantages: new BrokerVantages(), asks });
  return { context, asks, sets, run: sets.run(SET, at(0)) };
}

function electedIn(effects: readonly CoordinatorEffect[]): number | null {
  for (const effect of effects)
    if (effect.kind === 'propose' && effect.command.type === 'brokerSet.elect') return effect.command.master;
  return null;
}

/** A search for a successor of broker 1 whose candidates answer in turn. */
function searching(answers: readonly BrokerAnswer[]) {
  const { context, asks, sets, run } = scenery();
  const search = {
    reason: 'masterLost',
    candidates: [2, 3],
    wanted: null,
    unsafe: false,
    by: 'pollux',
  } as const;
  beginSearch(sets, SET, run, { ...search, detail: 'dead', evidence: [] }, at(0), () => undefined);
  const asked = context.takeEffects().filter((effect) => effect.kind === 'askBroker');
  asked.forEach(({ askId }, index) => {
    const answer = answers[index];
    if (answer !== undefined) asks.answered(askId, answer, at(1));
  });
  const electedAt = (nowMs: number, set: BrokerSet = SET): number | null => {
    driveSearch(sets, set, run, at(nowMs), () => undefined);
    return electedIn(context.takeEffects());
  };
  return { electedAt, sets };
}

test('whoever holds most is proposed as soon as all have answered', () => {
  assert.equal(searching([answered(1, 5n), answered(1, 6n)]).electedAt(1), 3);
});

test('while one may still answer nobody is chosen; in the end, among those who have', () => {
  const { electedAt } = searching([answered(1, 5n)]);
  assert.equal(electedAt(999), null);
  assert.equal(electedAt(1_000), 2);
});

test('what was answered before a leader lost its lease for a while decides nothing', () => {
  assert.equal(searching([answered(1, 5n), answered(1, 6n)]).electedAt(3_000), null);
});

test('a master that is heard again while its successor is looked for keeps its place', () => {
  const { electedAt, sets } = searching([answered(1, 5n), answered(1, 6n)]);
  sets.watchingSinceMs = -10_000;
  sets.book.heard(heartbeat(1), at(1));
  assert.equal(electedAt(1), null);
});

test('a candidate that has left the sync state set since the search began is none', () => {
  const { electedAt } = searching([answered(1, 5n), answered(1, 6n)]);
  assert.equal(electedAt(1, { ...SET, syncStateSet: [1, 2] }), 2);
});

/** An operator wants broker 2; the master and broker 2 answer. */
function moving(master: bigint, wanted: bigint, unsafe: boolean, wantedEpoch = 1): number | null {
  const { sets, run, context, asks } = scenery();
  const search = { reason: 'operator', candidates: [2], wanted: 2, unsafe, by: 'eve' } as const;
  beginSearch(sets, SET, run, { ...search, detail: 'asked for', evidence: [] }, at(0), () => undefined);
  for (const effect of context.takeEffects())
    if (effect.kind === 'askBroker')
      asks.answered(
        effect.askId,
        effect.address === refOf(1).address ? answered(1, master) : answered(wantedEpoch, wanted),
        at(1),
      );
  driveSearch(sets, SET, run, at(1), () => undefined);
  return electedIn(context.takeEffects());
}

test('a planned move is refused where the wanted one lags further than a move may cost, unless the loss is accepted', () => {
  assert.equal(moving(2_000_000n, 2_000_000n - 1_048_576n, false), 2);
  assert.equal(moving(2_000_000n, 2_000_000n - 1_048_577n, false), null);
  assert.equal(moving(2_000_000n, 0n, true), 2);
});

test('one that has nothing of the running epoch lags, however near its offset is', () => {
  assert.equal(moving(1_000n, 1_000n, false, 0), null);
  assert.equal(moving(1_000n, 1_000n, true, 0), 2);
});
