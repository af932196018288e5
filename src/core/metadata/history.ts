/**
 * The bounded history, for people: failover reads nothing from it. The oldest record goes first that is of no move under
 * way. Where all are, the oldest goes all the same: a phase may outlive its record, and changing a record that is no
 * longer kept changes nothing. Notes of suspicions that moved nothing have a share of their own, so that a network that
 * flaps never pushes a move out.
 */

import { unreachable } from '../primitives/assert.ts';
import type { GroupKey } from '../primitives/identifiers.ts';
import { LIMITS } from '../primitives/limits.ts';
import type { HistoryRecord, MetadataState, SuspicionOutcome } from './state.ts';
import type { HistoryEvidence, HistoryStep } from './state-parts.ts';
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

/** What came of a master that was found dead and is left alone, for now. */
export const LEFT_ALONE = ['unprovable', 'automaticStopped', 'coolingDown', 'wouldHave'] as const;

export type LeftAlone = (typeof LEFT_ALONE)[number];

export const wasLeftAlone = (outcome: HistoryRecord['outcome']): outcome is LeftAlone =>
  LEFT_ALONE.some((one) => one === outcome);

/** The record of a suspicion that moved nothing. */
type Note = HistoryRecord & { readonly outcome: SuspicionOutcome };

/** Whether the record is about a suspicion that moved nothing. */
export function isNote<Kept extends Pick<HistoryRecord, 'outcome'>>(
  record: Kept,
): record is Kept & Pick<Note, 'outcome'> {
  const outcome: HistoryRecord['outcome'] = record.outcome;
  switch (outcome) {
    case 'running':
    case 'completed':
    case 'superseded':
    case 'reinstated':
      return false;
    case 'refuted':
    case 'held':
    case 'undecided':
    case 'unprovable':
    case 'automaticStopped':
    case 'coolingDown':
    case 'wouldHave':
    case 'carriedOut':
      return true;
    default:
      return unreachable(outcome);
  }
}

/** The newest note about the reign of `epoch`. */
export const findNote = (store: MetadataState, group: GroupKey, epoch: number): Note | null =>
  store.history.findLast(
    (record): record is Note => record.group === group && record.epoch === epoch && isNote(record),
  ) ?? null;

/** The record of the move that the reign of `epoch` began with. */
export const findMove = (store: MetadataState, group: GroupKey, epoch: number): HistoryRecord | null =>
  store.history.findLast((record) => record.group === group && record.epoch === epoch && !isNote(record)) ??
  null;

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

/** The oldest notes give way to new ones, wherever in the history they stand. */
export function addNote(store: MutableMetadata, note: HistoryRecord): void {
  const notes = store.history.filter(isNote);
  if (notes.length >= LIMITS.historyNotes) {
    const [oldest] = notes;
    store.history = store.history.filter((record) => record !== oldest);
  }
  addRecord(store, note);
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
