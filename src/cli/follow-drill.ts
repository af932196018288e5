/** Follows an evacuation or a return to its end, saying what becomes of each group as it is committed. */
import { setTimeout as pause } from 'node:timers/promises';
import type { DrillDetail } from '../contract/drills.ts';
import type { AdminFailure } from '../sdk/admin-client.ts';
import { countsText, drillName, drillText } from './drill-text.ts';
import { EXIT } from './exit-code.ts';
import { done, neverShown, type Outcome } from './outcome.ts';
import type { Invocation } from './register.ts';

const POLL_MS = 200;

type Started = { readonly kind: 'drillStarted'; readonly drillId: string };

/** Follows it to its end, or without `wait` only says how to. */
export async function followDrill(
  invocation: Invocation,
  started: Started,
  { wait, waitSeconds }: { readonly wait: boolean; readonly waitSeconds: number },
): Promise<Outcome> {
  const { drillId } = started;
  const how = `'pollux drill show ${drillId}' follows it`;
  if (!wait) return done(started, `drill ${drillId} is under way; ${how}`);
  const { drill, lastFailure } = await invocation.progress.during(
    'waiting for the end of the drill',
    lastSeen(invocation, drillId, waitSeconds * 1_000),
  );
  if (drill === null || drill.outcome === 'running') {
    const message =
      drill === null
        ? neverShown(`drill ${drillId}`, waitSeconds, lastFailure)
        : `drill ${drillId} was still running after ${waitSeconds} s; it goes on by itself`;
    return {
      exit: EXIT.outcomeUnknown,
      json: { error: { code: 'outcomeUnknown', message }, started, drill },
      ...(drill === null ? {} : { shown: drillText(invocation.paint, drill) }),
      text: `pollux: ${message}\n  next: ${how}`,
    };
  }
  const shown = drillText(invocation.paint, drill);
  if (drill.outcome === 'completed') return done({ started, drill }, shown);
  const message =
    drill.outcome === 'aborted'
      ? `the ${drillName(drill)} was aborted by ${drill.abortedBy}: ${countsText(drill)}`
      : `the ${drillName(drill)} is incomplete: ${countsText(drill)}; the same command tries the rest again`;
  return {
    exit: EXIT.refused,
    json: { error: { code: drill.outcome, message }, started, drill },
    shown,
    text: `pollux: ${message}`,
  };
}

/** As it was last seen; null when no node showed it in time, and then with what the last one said. */
async function lastSeen(
  { client, progress }: Invocation,
  id: string,
  timeoutMs: number,
): Promise<{ readonly drill: DrillDetail | null; readonly lastFailure: AdminFailure | null }> {
  const deadline = performance.now() + timeoutMs;
  const told = new Map<string, string>();
  let drill: DrillDetail | null = null;
  let lastFailure: AdminFailure | null = null;
  for (;;) {
    const answer = await client.call('drillGet', { parameters: { id } });
    if (answer.ok) {
      drill = answer.value;
      for (const { cluster, group, state, from, to, detail } of drill.moves) {
        const key = `${cluster}/${group}`;
        const line = `${key}: ${state}, ${from} -> ${to ?? '?'}${detail === '' ? '' : `, ${detail}`}`;
        const isNew = told.has(key) ? told.get(key) !== line : state !== 'waiting' || detail !== '';
        if (isNew) progress.note(line);
        told.set(key, line);
      }
      if (drill.outcome !== 'running') return { drill, lastFailure };
    } else lastFailure = answer.failure;
    if (performance.now() >= deadline) return { drill, lastFailure };
    await pause(POLL_MS);
  }
}
