/** A stop of automatic action, its scope in names instead of keys. */
import type { StopAnswer } from '../../../contract/stops.ts';
import type { AutomaticStop } from '../../../core/metadata/state.ts';
import { keyParts } from './key-parts.ts';

export const stopView = (stop: AutomaticStop): StopAnswer => ({
  scope: stop.scope.kind === 'group' ? { kind: 'group', ...keyParts(stop.scope.group) } : stop.scope,
  by: stop.by,
  reason: stop.reason,
  sinceWallMs: stop.sinceWallMs,
});
