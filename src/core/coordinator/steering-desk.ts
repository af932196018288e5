/**
 * Keeps the leader's hand orderly: at most one action is out for each server, each has an id and a time limit, and
 * where this node cannot reach a server the action goes through a node that can. Nothing is issued without a lease.
 */
import type { SteerAction, SteerOutcome, SteerRequest, SteerResult } from '../failover/steering.ts';
import type { ReplicaRef } from '../liveness/observation.ts';
import type { BrokerKind } from '../metadata/state.ts';
import type { NodeName, Term } from '../primitives/identifiers.ts';
import type { CoordinatorEffect } from './effects.ts';

/** After this long without a result an action counts as failed; it may still arrive, and every action is idempotent. */
const STEER_TIMEOUT_MS = 3_000;

type Outstanding = {
  readonly ref: ReplicaRef;
  readonly action: SteerAction;
  readonly issuedMs: number;
  /** Called with the outcome instead of the group's phase handler (preflight of a group that is not declared yet). */
  readonly onOutcome: ((outcome: SteerOutcome) => void) | null;
};

export type SteerDone = {
  readonly ref: ReplicaRef;
  readonly action: SteerAction;
  readonly outcome: SteerOutcome;
};

const refKey = (ref: ReplicaRef): string => `${ref.group}#${ref.replica}`;

export type SteeringDesk = ReturnType<typeof createSteeringDesk>;

export function createSteeringDesk(takeId: () => number) {
  const outstanding = new Map<number, Outstanding>();
  const busy = new Map<string, number>();

  const forget = (steerId: number, entry: Outstanding): void => {
    outstanding.delete(steerId);
    if (busy.get(refKey(entry.ref)) === steerId) busy.delete(refKey(entry.ref));
  };

  return {
    isBusy: (ref: ReplicaRef): boolean => busy.has(refKey(ref)),

    /** Builds the effect for one action; null while another one is out for the same server. */
    issue(
      where: { readonly ref: ReplicaRef; readonly address: string; readonly broker: BrokerKind },
      action: SteerAction,
      at: { readonly term: Term; readonly nowMs: number; readonly via: NodeName | null },
      onOutcome: Outstanding['onOutcome'] = null,
    ): CoordinatorEffect | null {
      if (busy.has(refKey(where.ref))) return null;
      const steerId = takeId();
      outstanding.set(steerId, { ref: where.ref, action, issuedMs: at.nowMs, onOutcome });
      busy.set(refKey(where.ref), steerId);
      const request: SteerRequest = {
        steerId,
        term: at.term,
        target: { ...where.ref, address: where.address },
        action,
      };
      return at.via === null
        ? { kind: 'steer', broker: where.broker, request }
        : { kind: 'send', to: at.via, message: { type: 'steer', broker: where.broker, request } };
    },

    /** The action that a result belongs to; null when it is not awaited any more. */
    take(result: SteerResult): SteerDone | null {
      const entry = outstanding.get(result.steerId);
      if (entry === undefined) return null;
      forget(result.steerId, entry);
      if (entry.onOutcome !== null) {
        entry.onOutcome(result.outcome);
        return null;
      }
      return { ref: entry.ref, action: entry.action, outcome: result.outcome };
    },

    /** Actions that have been out for too long, as failures. */
    expire(nowMs: number): SteerDone[] {
      const expired: SteerDone[] = [];
      for (const [steerId, entry] of outstanding) {
        if (nowMs - entry.issuedMs < STEER_TIMEOUT_MS) continue;
        forget(steerId, entry);
        const detail = `no result within ${STEER_TIMEOUT_MS} ms`;
        const outcome: SteerOutcome = { kind: 'failed', reason: 'unreachable', detail };
        if (entry.onOutcome !== null) entry.onOutcome(outcome);
        else expired.push({ ref: entry.ref, action: entry.action, outcome });
      }
      return expired;
    },

    /** Results that still arrive belong to nobody; whoever waits for one is told. */
    abandonAll(detail: string): void {
      const abandoned = [...outstanding.values()];
      outstanding.clear();
      busy.clear();
      for (const { onOutcome } of abandoned) onOutcome?.({ kind: 'failed', reason: 'superseded', detail });
    },
  };
}
