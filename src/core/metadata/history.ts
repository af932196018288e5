/**
 * The bounded history, for people: failover reads nothing from it. The oldest record goes first that is of no move under way.
 * Where all are, the oldest goes all the same: a phase may outlive its record, and changing a record that is no longer
 * kept changes nothing.
 */
import { LIMITS } from '../primitives/limits.ts';
import type { HistoryEvidence, HistoryRecord, HistoryStep, MetadataState } from './state.ts';
import type { MutableMetadata } from './store.ts';

/** Details are for people; a longer one is cut, never refused. */
const cutDetail = (detail: string): string => detail.slice(0, LIMITS.textCharacters);

export const historyStep = (step: string, wallMs: number, detail: string): HistoryStep => ({
  step: cutDetail(step),
  wallMs,
  detail: cutDetail(detail),
});

export const historyLines = <Line extends { readonly detail: string }>(
  lines: readonly Line[],
): readonly Line[] => lines.map((line) => ({ ...line, detail: cutDetail(line.detail) }));

export const boundedEvidence = (evidence: readonly HistoryEvidence[]): readonly HistoryEvidence[] =>
  historyLines(evidence.slice(0, LIMITS.evidencePerRecord));

export const withStep = (record: HistoryRecord, step: HistoryStep): HistoryRecord => ({
  ...record,
  steps: [...record.steps, step],
});

export const findRecord = (store: MetadataState, recordId: string): HistoryRecord | null =>
  store.history.find((record) => record.id === recordId) ?? null;

/** A move under way still gets its steps. */
const isUnderWay = (store: MutableMetadata, record: HistoryRecord): boolean =>
  record.outcome === 'running' && store.groups.has(record.group);

export function addRecord(store: MutableMetadata, record: HistoryRecord): void {
  const records = [...store.history];
  if (records.length >= LIMITS.historyRecords) {
    const dispensable = records.findIndex((kept) => !isUnderWay(store, kept));
    records.splice(Math.max(0, dispensable), 1);
  }
  store.history = [...records, record];
}

/** Replaces the record, where it is kept, by what `change` makes of it. */
export function changeRecord(
  store: MutableMetadata,
  recordId: string,
  change: (record: HistoryRecord) => HistoryRecord,
): void {
  const position = store.history.findIndex((record) => record.id === recordId);
  const record = store.history[position];
  if (record !== undefined) store.history = store.history.with(position, change(record));
}
