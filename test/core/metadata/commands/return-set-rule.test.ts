import assert from 'node:assert/strict';
import { test } from 'node:test';
import { homeOf } from '../../../../src/core/metadata/drill-queries.ts';
import { groupKey, groupName, siteName } from '../../../../src/core/primitives/identifiers.ts';
import { type CommandOf, MAIN, ORDERS, reigning } from '../ledger.ts';

type SetRule = CommandOf<'return.setRule'>;
const rule = (scope: SetRule['scope'], idc: string | null): SetRule => ({
  type: 'return.setRule',
  scope,
  rule: idc === null ? null : { preferredIdc: siteName(idc), returnAfterMs: null },
  by: 'eve',
  wallMs: 5,
});
const own = { kind: 'group', group: ORDERS } as const;

test('the rule of a group goes before that of the tier, until it is taken away', () => {
  const ledger = reigning().accept(rule({ kind: 'all' }, 'idc-a'), rule(own, 'idc-b'));
  assert.equal(homeOf(ledger.store, ORDERS), 'idc-b');
  ledger.accept(rule(own, null));
  assert.equal(homeOf(ledger.store, ORDERS), 'idc-a');
  ledger.accept(rule({ kind: 'all' }, null));
  assert.equal(homeOf(ledger.store, ORDERS), null);
});

test('a rule names an IDC that exists and hosts the group', () => {
  reigning().refuse(rule({ kind: 'all' }, 'witness'), 'unknownSite', 'rule.preferredIdc');
  const unknown = groupKey(MAIN, groupName('none'));
  reigning().refuse(rule({ kind: 'group', group: unknown }, 'idc-a'), 'unknownGroup', 'key');
});

test('the rule of a group goes with the group', () => {
  const { store } = reigning().accept(rule(own, 'idc-b'), { type: 'group.remove', key: ORDERS });
  assert.equal(store.returnRules.size, 0);
});
