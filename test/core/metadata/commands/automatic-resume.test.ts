import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StopScope } from '../../../../src/core/metadata/state.ts';
import { groupKey, groupName, siteName } from '../../../../src/core/primitives/identifiers.ts';
import { type CommandOf, declared, MAIN, ORDERS } from '../ledger.ts';

const resume = (scope: StopScope): CommandOf<'automatic.resume'> => ({
  type: 'automatic.resume',
  scope,
  by: 'operator',
  wallMs: 9,
});

test('exactly the named scope is resumed', () => {
  const scopes: readonly StopScope[] = [
    { kind: 'all' },
    { kind: 'idc', site: siteName('idc-a') },
    { kind: 'group', group: ORDERS },
  ];
  for (const scope of scopes) {
    const ledger = declared();
    for (const stopped of scopes) {
      const stop = { scope: stopped, by: 'operator', reason: 'work', sinceWallMs: 7, untilWallMs: null };
      ledger.accept({ type: 'automatic.stop', stop });
    }
    ledger.accept(resume(scope), resume(scope));
    assert.deepEqual(
      ledger.store.stops.map((stop) => stop.scope),
      scopes.filter((other) => other !== scope),
    );
  }
});

test('a mistyped scope is told apart from one that is not stopped', () => {
  const ledger = declared();
  const unknown = groupKey(MAIN, groupName('order'));
  ledger.refuse(resume({ kind: 'group', group: unknown }), 'unknownGroup', 'scope.group');
  ledger.refuse(resume({ kind: 'idc', site: siteName('idc-z') }), 'unknownSite', 'scope.site');
});
