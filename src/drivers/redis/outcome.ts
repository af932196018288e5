/**
 * How a step against a server ended. Failures are values: a server that is gone, busy or of another kind is
 * ordinary here.
 */
import type { SteerOutcome } from '../../core/failover/steering.ts';
import type { ServerReport } from '../../core/liveness/observation.ts';

/** Where a connection or a command failed. */
export type CallFailure = {
  readonly ok: false;
  readonly kind: 'connectionRefused' | 'silent' | 'disconnected' | 'answeredError';
  readonly detail: string;
};

export type Answer<Value> = { readonly ok: true; readonly value: Value } | CallFailure;

/** Why a script of commands ended early. `code` is stable; the outcome's detail starts with it. */
export type Stop = {
  readonly ok: false;
  readonly reason: 'unreachable' | 'mismatch' | 'refused' | 'superseded';
  readonly code: StopCode;
  readonly detail: string;
};

export type StopCode =
  | 'unreachable'
  | 'badAddress'
  | 'answeredError'
  | 'wrongPassword'
  | 'missingPermission'
  | 'notPrepared'
  | 'otherSecret'
  | 'reservedUserNames'
  | 'notADataServer'
  | 'noConfigFile'
  | 'notWritable'
  | 'notWritten'
  | 'versionTooOld'
  | 'superseded'
  | 'otherIncarnation'
  | 'notFenced'
  | 'isMaster'
  | 'behind'
  | 'backlogTooShort'
  | 'loading'
  | 'overloaded'
  | 'notVerified';

export type Step<Value> = { readonly ok: true; readonly value: Value } | Stop;

export const taken = <Value>(value: Value): { readonly ok: true; readonly value: Value } => ({
  ok: true,
  value,
});

export const stop = (reason: Stop['reason'], code: StopCode, detail: string): Stop => ({
  ok: false,
  reason,
  code,
  detail,
});

const isAuthenticationError = (detail: string): boolean => /WRONGPASS|NOAUTH|invalid password/.test(detail);

/** What a failed call means for an action: an error answer is a refusal, everything else leaves it unknown. */
export function stopFrom(failure: CallFailure): Stop {
  if (failure.kind !== 'answeredError') {
    const code = /ENOTFOUND|EAI_AGAIN|badAddress/.test(failure.detail) ? 'badAddress' : 'unreachable';
    return stop('unreachable', code, failure.detail);
  }
  if (isAuthenticationError(failure.detail)) return stop('refused', 'wrongPassword', failure.detail);
  if (failure.detail.includes('NOPERM')) return stop('refused', 'missingPermission', failure.detail);
  if (failure.detail.includes('LOADING')) return stop('refused', 'loading', failure.detail);
  return stop('refused', 'answeredError', failure.detail);
}

export const failed = (stopped: Stop): SteerOutcome => ({
  kind: 'failed',
  reason: stopped.reason,
  detail: `${stopped.code}: ${stopped.detail}`,
});

export const done = (report: ServerReport | null): SteerOutcome => ({ kind: 'done', report });
