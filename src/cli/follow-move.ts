/** Follows a move of a master by its history record, saying each step as it is committed. */
import { setTimeout as pause } from 'node:timers/promises';
import type { HistoryRecordAnswer } from '../contract/history.ts';
import type { AdminFailure } from '../sdk/admin-client.ts';
import { EXIT } from './exit-code.ts';
import { recordText } from './history-record.ts';
import { done, neverShown, type Outcome } from './outcome.ts';
import type { Invocation } from './register.ts';

const POLL_MS = 200;

export type StartedMove = { readonly recordId: string; readonly epoch: number };

export type Following = { readonly wait: boolean; readonly waitSeconds: number };

/** Follows the move to its end, or without `wait` only says how to. */
export async function followMove(
  invocation: Invocation,
  started: StartedMove,
  { wait, waitSeconds }: Following,
): Promise<Outcome> {
  if (wait) return followToTheEnd(invocation, started, waitSeconds * 1_000);
  const { recordId, epoch } = started;
  const text = `move ${recordId} to epoch ${epoch} is under way; 'pollux history show ${recordId}' follows it`;
  return done(started, text);
}

async function followToTheEnd(
  invocation: Invocation,
  started: StartedMove,
  timeoutMs: number,
): Promise<Outcome> {
  const { paint, progress } = invocation;
  const { record, lastFailure } = await progress.during(
    'waiting for the end of the move',
    lastRecord(invocation, started, timeoutMs),
  );
  if (record === null || record.outcome === 'running') {
    const message =
      record === null
        ? neverShown(`the move ${started.recordId}`, timeoutMs / 1_000, lastFailure)
        : `the move ${started.recordId} was still running after ${timeoutMs / 1_000} s; it goes on by itself`;
    return {
      exit: EXIT.outcomeUnknown,
      json: { error: { code: 'outcomeUnknown', message }, started, record },
      text: `pollux: ${message}\n  next: 'pollux history show ${started.recordId}' follows it`,
    };
  }
  const shown = recordText(paint, record);
  if (record.outcome === 'completed') return done({ started, record }, shown);
  const message =
    record.outcome === 'reinstated'
      ? `the old master answered again and was reinstated; ${record.from ?? 'it'} stays the master`
      : 'another move took the place of this one';
  return {
    exit: EXIT.refused,
    json: { error: { code: record.outcome, message }, started, record },
    shown,
    text: `pollux: ${message}`,
  };
}

/** The record as it was last seen; null when no node showed it in time, and then with what the last one said. */
async function lastRecord(
  { client, progress }: Invocation,
  { recordId }: StartedMove,
  timeoutMs: number,
): Promise<{ readonly record: HistoryRecordAnswer | null; readonly lastFailure: AdminFailure | null }> {
  const deadline = performance.now() + timeoutMs;
  let record: HistoryRecordAnswer | null = null;
  let lastFailure: AdminFailure | null = null;
  let shownSteps = 0;
  for (;;) {
    const answer = await client.call('historyGet', { parameters: { id: recordId } });
    if (answer.ok) {
      record = answer.value;
      for (const { step, detail } of record.steps.slice(shownSteps)) progress.note(`${step}: ${detail}`);
      shownSteps = Math.max(shownSteps, record.steps.length);
      if (record.outcome !== 'running') return { record, lastFailure };
    } else lastFailure = answer.failure;
    if (performance.now() >= deadline) return { record, lastFailure };
    await pause(POLL_MS);
  }
}
