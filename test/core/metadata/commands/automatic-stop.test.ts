import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StopScope } from '../../../../src/core/metadata/state.ts';
import { groupKey, groupName, siteName } from '../../../../src/core/primitives/identifiers.ts';
import { type CommandOf, declared, MAIN, ORDERS } from '../ledger.ts';

const stop = (scope: StopScope, reason = 'work'): CommandOf<'automatic.stop'> => ({
  type: 'automatic.stop',
  stop: { scope, by: 'operator', reason, sinceWallMs: 7, untilWallMs: null },
});

test('there is one stop a scope, and the newer word stands', () => {
  const idc = (name: string): StopScope => ({ kind: 'idc', site: siteName(name) });
  const ledger = declared().accept(
    stop({ kind: 'all' }),
    stop(idc('idc-a')),
    stop(idc('idc-b')),
    stop({ kind: 'group', group: ORDERS }),
    stop(idc('idc-a'), 'still at work'),
  );
  assert.deepEqual(
    ledger.store.stops.map(({ scope, reason }) => [scope.kind, reason]),
    [
      ['all', 'work'],
      ['idc', 'work'],
      ['group', 'work'],
      ['idc', 'still at work'],
    ],
  );
});

test('a scope names an IDC or a group that exists', () => {
  const ledger = declared();
  ledger.refuse(stop({ kind: 'idc', site: siteName('witness') }), 'unknownSite', 'stop.scope.site');
  ledger.refuse(stop({ kind: 'idc', site: siteName('idc-c') }), 'unknownSite', 'stop.scope.site');
  const unknown = groupKey(MAIN, groupName('stock'));
  ledger.refuse(stop({ kind: 'group', group: unknown }), 'unknownGroup', 'stop.scope.group');
});
