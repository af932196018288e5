import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StopScope } from '../../../../src/core/metadata/state.ts';
import { groupKey, groupName, siteName } from '../../../../src/core/primitives/identifiers.ts';
import { LIMITS } from '../../../../src/core/primitives/limits.ts';
import { BROKER_A, CLUSTER, registration } from '../broker-set-fixture.ts';
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

test('a set of RocketMQ may be stopped before it has ids here, and while none of its brokers is registered', () => {
  const group = groupKey(CLUSTER, BROKER_A);
  const ledger = declared();
  ledger.refuse(stop({ kind: 'group', group }), 'unknownGroup', 'stop.scope.group');
  const { name, address } = registration(1);
  ledger.accept(registration(1), stop({ kind: 'group', group }), {
    type: 'registration.remove',
    name,
    address,
  });
  assert.equal(ledger.store.stops.length, 1);
  const resume = { type: 'automatic.resume', scope: { kind: 'group', group }, by: 'o', wallMs: 8 } as const;
  ledger.accept(resume);
  assert.deepEqual(ledger.store.stops, []);
  ledger.refuse(resume, 'unknownGroup', 'scope.group');
});

test('stops are bounded, and one that is said again is no further one', () => {
  const ledger = declared();
  const one = stop({ kind: 'group', group: ORDERS }).stop;
  const others = Array.from({ length: LIMITS.automaticStops - 1 }, (_, at) => ({
    ...one,
    scope: { kind: 'group', group: groupKey(MAIN, groupName(`group-${at}`)) } as const,
  }));
  ledger.store.stops = [one, ...others];
  ledger.accept(stop({ kind: 'group', group: ORDERS }, 'again'));
  ledger.refuse(stop({ kind: 'all' }), 'limitReached');
});
