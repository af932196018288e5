/** The bounded history of what operators changed: stops of automatic action, and settings of groups. */
import { LIMITS } from '../primitives/limits.ts';
import type { HistoryChange } from './state.ts';
import type { MutableMetadata } from './store.ts';

export function addChange(store: MutableMetadata, change: HistoryChange): void {
  const detail = change.detail.slice(0, LIMITS.textCharacters);
  store.changes = [...store.changes, { ...change, detail }].slice(-LIMITS.historyChanges);
}
