/**
 * The history of suspicions that moved nothing. One record a doubt: the same suspicion goes on in it, with lines that
 * become rarer the longer it lasts, so that a network that flaps does not flood the log. What is not written is counted
 * in the next line; the node's own log has every round.
 */
import { findNote, wasLeftAlone } from '../metadata/history.ts';
import type { BrokerGroup, SuspicionOutcome } from '../metadata/state.ts';
import { commandFor } from '../primitives/command-line.ts';
import type { Instant } from '../primitives/instant.ts';
import { LIMITS } from '../primitives/limits.ts';
import type { Context } from './context.ts';
import type { GroupRun, Noted, OpenNote } from './group-run.ts';

/** Before the second line about the same outcome, and about another one; each further line waits twice as long. */
const NEXT_LINE_MS = { same: 10_000, other: 1_000 } as const;
/** The longest wait, and for how long after its last line a record is gone on with. */
const LONGEST_WAIT_MS = 600_000;
/** A doubt without a quorum is written down after this time; mostly the next round decides. */
const UNDECIDED_MS = 5_000;

/** A round ended without a move; written down where its turn has come. */
export function noteSuspicion(
  context: Context,
  group: BrokerGroup,
  run: GroupRun,
  noted: Noted,
  now: Instant,
): void {
  const { outcome, detail } = noted;
  context.log('info', 'suspicion.ended', { group: group.key, outcome, detail });
  const open = openNote(context, group, run, now);
  if (open !== null && !isTurn(open, outcome, now)) {
    run.note = { ...open, unwritten: open.unwritten + 1 };
    return;
  }
  if (!context.mayNote(now)) return;
  const recordId = open?.recordId ?? context.newRecordId();
  run.note = {
    recordId,
    outcome,
    named: new Set([...(open?.named ?? []), outcome]),
    atMs: now.monotonicMs,
    lines: (open?.lines ?? 0) + 1,
    unwritten: 0,
    answersAgain: false,
  };
  const since = (open?.unwritten ?? 0) > 0 ? ` (${open?.unwritten} more rounds since the line before)` : '';
  const { reason, evidence, candidates, predictedLossBytes } = noted;
  emit(context, group, now, {
    recordId,
    reason,
    outcome,
    step: outcome,
    detail: `${detail}${since}`,
    evidence,
    candidates,
    predictedLossBytes,
  });
}

/** A round that no quorum decided: the doubt goes on. */
export function noteUndecided(
  context: Context,
  group: BrokerGroup,
  run: GroupRun,
  noted: Noted,
  now: Instant,
): void {
  run.undecided = { noted, sinceMs: run.undecided?.sinceMs ?? now.monotonicMs };
  if (now.monotonicMs - run.undecided.sinceMs < UNDECIDED_MS) return;
  raiseHeld(context, group, noted.detail, now);
  endUndecided(context, group, run, now);
}

/** The master stays for now, and an operator may know better. */
export function raiseHeld(context: Context, group: BrokerGroup, why: string, now: Instant): void {
  const message =
    `Master ${group.master} is held: ${why}. Bring it back, or move by hand what can be proven to be there: ` +
    commandFor(group, 'failover');
  context.raise(group.key, 'held', message, now);
}

/** The doubt ended without a decision. */
export function endUndecided(context: Context, group: BrokerGroup, run: GroupRun, now: Instant): void {
  const { undecided } = run;
  if (undecided === null) return;
  run.undecided = null;
  noteSuspicion(context, group, run, undecided.noted, now);
}

/** A master that was found dead, and left alone, answers again. */
export function noteAnswersAgain(context: Context, group: BrokerGroup, run: GroupRun, now: Instant): void {
  const { note } = run;
  if (note === null || note.answersAgain || !wasLeftAlone(note.outcome)) return;
  if (note.lines >= LIMITS.stepsPerRecord || !context.mayNote(now)) return;
  run.note = { ...note, lines: note.lines + 1, answersAgain: true };
  emit(context, group, now, {
    recordId: note.recordId,
    reason: 'masterLost',
    outcome: note.outcome,
    step: 'answersAgain',
    detail: `${group.master} answers again, and nothing was done`,
    evidence: [],
    candidates: [],
    predictedLossBytes: null,
  });
}

function isTurn(open: OpenNote, outcome: SuspicionOutcome, now: Instant): boolean {
  if (!open.named.has(outcome)) return true;
  const firstMs = open.outcome === outcome ? NEXT_LINE_MS.same : NEXT_LINE_MS.other;
  const waitMs = Math.min(LONGEST_WAIT_MS, firstMs * 2 ** Math.max(0, open.lines - 1));
  return now.monotonicMs - open.atMs >= waitMs;
}

/** The record that a further line belongs into; null where a new one begins. */
function openNote(context: Context, group: BrokerGroup, run: GroupRun, now: Instant): OpenNote | null {
  run.note ??= inherited(context, group, now);
  if (run.note === null) return null;
  const isOld = now.monotonicMs - run.note.atMs > LONGEST_WAIT_MS;
  // One line is left for the end of the doubt.
  const isFull = run.note.lines >= LIMITS.stepsPerRecord - 1;
  return isOld || isFull ? null : run.note;
}

/** What a leader before this one has written. */
function inherited(context: Context, group: BrokerGroup, now: Instant): OpenNote | null {
  const record = findNote(context.state(), group.key, group.epoch);
  const last = record?.steps.at(-1);
  if (record === null || last === undefined || record.outcome === 'carriedOut') return null;
  if (Math.abs(now.wallMs - last.wallMs) > LONGEST_WAIT_MS) return null;
  return {
    recordId: record.id,
    outcome: record.outcome,
    named: new Set([record.outcome]),
    atMs: now.monotonicMs,
    lines: record.steps.length,
    unwritten: 0,
    answersAgain: last.step === 'answersAgain',
  };
}

/** Nobody waits for it: what is decided about the group does not hang on what is written of it. */
function emit(
  context: Context,
  group: BrokerGroup,
  now: Instant,
  line: Noted & { readonly recordId: string; readonly step: string },
): void {
  const { key, epoch } = group;
  context.emit({
    kind: 'propose',
    command: { type: 'history.note', key, epoch, ...line, wallMs: now.wallMs },
    asker: null,
  });
}
