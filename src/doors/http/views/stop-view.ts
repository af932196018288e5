/** A stop of automatic action, its scope in names instead of keys. */
import type { StopAnswer } from '../../../contract/stops.ts';
import type { AutomaticStop, StopScope } from '../../../core/metadata/state.ts';
import { keyParts } from './key-parts.ts';

export const scopeView = (scope: StopScope): StopAnswer['scope'] =>
  scope.kind === 'group' ? { kind: 'group', ...keyParts(scope.group) } : scope;

export const stopView = (stop: AutomaticStop): StopAnswer => ({
  scope: scopeView(stop.scope),
  by: stop.by,
  reason: stop.reason,
  sinceWallMs: stop.sinceWallMs,
  untilWallMs: stop.untilWallMs,
});
