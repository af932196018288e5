import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BrokerAsks } from '../../../../src/core/coordinator/broker-sets/broker-asks.ts';
import { BrokerBook } from '../../../../src/core/coordinator/broker-sets/broker-book.ts';
import type { BrokerHeard } from '../../../../src/core/coordinator/broker-sets/broker-heard.ts';
import { BrokerVantages } from '../../../../src/core/coordinator/broker-sets/broker-vantages.ts';
import { firstMaster } from '../../../../src/core/coordinator/broker-sets/first-master.ts';
import { SetContext } from '../../../../src/core/coordinator/broker-sets/set-context.ts';
import type { BrokerSetCommand } from '../../../../src/core/metadata/broker-set-command.ts';
import { applyId, BROKER_A, CLUSTER, type IDC_A, IDC_B } from '../../metadata/broker-set-fixture.ts';
import { bootstrap, Ledger } from '../../metadata/ledger.ts';
import { leadingContext } from '../leading-context.ts';
import { at, heartbeat } from './broker-signs.ts';

const said = (number: number, changes: Parameters<typeof heartbeat>[1]): BrokerHeard =>
  heartbeat(number, { cluster: CLUSTER, name: BROKER_A, epoch: -1, maxOffset: 0n, ...changes });

/** Brokers 1 (IDC a) and 2 (IDC b) have their ids, and said this. */
function asked(
  brokerId: number,
  heard: readonly BrokerHeard[],
  more: { readonly designated?: boolean; readonly closed?: typeof IDC_A } = {},
): string | Extract<BrokerSetCommand, { type: 'brokerSet.elect' }> {
  const ledger = new Ledger().accept(bootstrap, applyId(1), applyId(2));
  if (more.closed !== undefined) {
    const scope = { kind: 'idc', site: more.closed } as const;
    const stop = { scope, by: 'eve', reason: '', sinceWallMs: 1, untilWallMs: null };
    ledger.accept({ type: 'automatic.stop', stop });
  }
  const context = leadingContext(() => ledger.store);
  const book = new BrokerBook();
  for (const one of heard) book.heard(one, at(0));
  const asks = new BrokerAsks(context);
  const sets = new SetContext({ context, book, vantages: new BrokerVantages(), asks });
  const set = sets.setOf(BROKER_A) ?? assert.fail();
  const { designated = false } = more;
  const refusal = firstMaster(sets, set, sets.run(set, at(1)), { brokerId, designated, by: 'eve' }, at(1));
  if (refusal !== null) return refusal.refusal.code;
  const [effect] = context.takeEffects();
  assert.ok(effect?.kind === 'propose' && effect.command.type === 'brokerSet.elect');
  return effect.command;
}

const elected = (outcome: ReturnType<typeof asked>) =>
  typeof outcome === 'string' ? outcome : [outcome.master, outcome.masterEpoch];

test('whoever asks becomes the first master', () => {
  assert.deepEqual(elected(asked(2, [])), [2, 1]);
  assert.deepEqual(elected(asked(2, [said(1, {}), said(2, {})])), [2, 1]);
  assert.equal(elected(asked(9, [])), 'notActive');
});

test('a broker that lives and holds more goes first, unless an operator says otherwise', () => {
  const fuller = said(1, { maxOffset: 1n });
  assert.equal(elected(asked(2, [fuller])), 'notActive');
  assert.equal(elected(asked(2, [fuller, said(2, {})])), 'notActive');
  assert.deepEqual(elected(asked(2, [fuller, said(2, { maxOffset: 1n })])), [2, 1]);
  assert.deepEqual(elected(asked(1, [fuller, said(2, {})])), [1, 1]);
  assert.deepEqual(elected(asked(2, [fuller], { designated: true })), [2, 1]);
  const gone = { ...fuller, what: 'closed' } as const;
  assert.deepEqual(elected(asked(2, [fuller, gone])), [2, 1], 'it does not live');
});

test('its epoch is above all that its brokers were heard in', () => {
  assert.deepEqual(elected(asked(2, [said(2, { epoch: 7, maxOffset: 9n }), said(1, { epoch: 3 })])), [2, 8]);
  assert.equal(elected(asked(1, [said(2, { epoch: 7 }), said(1, { epoch: 3, maxOffset: 9n })])), 'notActive');
});

test('a stopped IDC gets no first master either, unless an operator says so', () => {
  assert.equal(elected(asked(2, [], { closed: IDC_B })), 'automaticStopped');
  assert.deepEqual(elected(asked(1, [], { closed: IDC_B })), [1, 1]);
  assert.deepEqual(elected(asked(2, [], { closed: IDC_B, designated: true })), [2, 1]);
});
