/**
 * Keeps the leader's hand orderly: at most one action is out for each server, each has an id and a time limit, and
 * where this node cannot reach a server the action goes through a node that can. Nothing is issued without a lease.
 *
 * An action that went without a result may still be on its way, for as long as a node or a network likes to hold it
 * back. Through the same node it stays in order with further ones; another way to the server gets a greater number, by
 * which drivers silence what comes late on earlier ones.
 */
import type { SteerAction, SteerOutcome, SteerRequest, SteerResult } from '../failover/steering.ts';
import type { ReplicaRef } from '../liveness/observation.ts';
import type { BrokerKind } from '../metadata/state.ts';
import { assert } from '../primitives/assert.ts';
import type { GroupKey, NodeName, Term } from '../primitives/identifiers.ts';
import { LIMITS } from '../primitives/limits.ts';
import type { CoordinatorEffect } from './effects.ts';

/** After this long without a result an action counts as failed; it may still arrive, and every action is idempotent. */
const STEER_TIMEOUT_MS = 3_000;
/** What an old master held beyond the cut may take longer to read. */
const TAIL_TIMEOUT_MS = 12_000;

const timeoutMsOf = (action: SteerAction): number =>
  action.kind === 'keepTail' ? TAIL_TIMEOUT_MS : STEER_TIMEOUT_MS;

/** Servers whose way is remembered; forgetting one only costs it a new number. */
const PATHS_KEPT = LIMITS.groups * LIMITS.replicasPerGroup;

type Outstanding = {
  readonly ref: ReplicaRef;
  readonly action: SteerAction;
  readonly issuedMs: number;
  readonly via: NodeName | null;
  /** Phase of the group that asked for it. */
  readonly phaseKey: string;
  /** Called with the outcome instead of the group's phase handler (preflight of a group that is not declared yet). */
  readonly onOutcome: ((outcome: SteerOutcome) => void) | null;
};

export type SteerDone = {
  readonly ref: ReplicaRef;
  readonly action: SteerAction;
  /** Phase of the group that asked for it: what was done in an earlier one proves nothing in a later one. */
  readonly phaseKey: string;
  readonly outcome: SteerOutcome;
};

const refKey = (ref: ReplicaRef): string => `${ref.group}#${ref.replica}`;

/**
 * The way last taken to each server in this term, numbered by the first action on it; 0 for the first way that was
 * ever taken.
 */
function createPaths() {
  const paths = new Map<string, { readonly via: NodeName | null; readonly number: number }>();
  let unknown = 0;
  return {
    numberOf(server: string, via: NodeName | null, steerId: number): number {
      const taken = paths.get(server);
      if (taken?.via === via) return taken.number;
      const number = taken === undefined ? unknown : steerId;
      paths.set(server, { via, number });
      const [oldest] = paths.keys();
      if (paths.size > PATHS_KEPT && oldest !== undefined) {
        paths.delete(oldest);
        // Of a server that is met again nobody knows which ways were taken to it.
        unknown = steerId + 1;
      }
      return number;
    },
    clear(): void {
      paths.clear();
      unknown = 0;
    },
  };
}

export type SteeringDesk = ReturnType<typeof createSteeringDesk>;

export type SteeringDeskPorts = {
  readonly takeId: () => number;
  readonly isWatchOnly: (group: GroupKey) => boolean;
};

export function createSteeringDesk({ takeId, isWatchOnly }: SteeringDeskPorts) {
  const outstanding = new Map<number, Outstanding>();
  const busy = new Map<string, number>();
  const paths = createPaths();

  const forget = (steerId: number, entry: Outstanding): void => {
    outstanding.delete(steerId);
    if (busy.get(refKey(entry.ref)) === steerId) busy.delete(refKey(entry.ref));
  };

  /**
   * A look at a server waits for nobody: whatever else is to be done goes behind it on the same path, where the driver
   * keeps the order, and its result is not awaited any more.
   */
  const makeWay = (ref: ReplicaRef, action: SteerAction, via: NodeName | null): boolean => {
    const steerId = busy.get(refKey(ref)) ?? -1;
    const entry = outstanding.get(steerId);
    if (entry?.action.kind === 'check' && action.kind !== 'check' && entry.via === via)
      forget(steerId, entry);
    return !busy.has(refKey(ref));
  };

  return {
    /** Whether an action is out for the server; a look at it keeps nobody from anything. */
    isBusy: (ref: ReplicaRef): boolean => {
      const entry = outstanding.get(busy.get(refKey(ref)) ?? -1);
      return entry !== undefined && entry.action.kind !== 'check';
    },

    /** Builds the effect for one action; null while another one is out for the same server. */
    issue(
      where: { readonly ref: ReplicaRef; readonly address: string; readonly broker: BrokerKind },
      action: SteerAction,
      at: {
        readonly term: Term;
        readonly nowMs: number;
        readonly via: NodeName | null;
        readonly phaseKey: string;
      },
      onOutcome: Outstanding['onOutcome'] = null,
    ): CoordinatorEffect | null {
      // An operator who is about to take the group over may have its servers looked at; nothing else ever leaves.
      assert(
        action.kind === 'inspect' || !isWatchOnly(where.ref.group),
        `${where.ref.group} is watch-only: ${action.kind} must not be asked of ${where.ref.replica}`,
      );
      if (!makeWay(where.ref, action, at.via)) return null;
      const steerId = takeId();
      const { via, phaseKey } = at;
      outstanding.set(steerId, { ref: where.ref, action, issuedMs: at.nowMs, via, phaseKey, onOutcome });
      busy.set(refKey(where.ref), steerId);
      const request: SteerRequest = {
        steerId,
        term: at.term,
        path: paths.numberOf(refKey(where.ref), via, steerId),
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
      const { ref, action, phaseKey } = entry;
      return { ref, action, phaseKey, outcome: result.outcome };
    },

    /** Actions that have been out for too long, as failures. */
    expire(nowMs: number): SteerDone[] {
      const expired: SteerDone[] = [];
      for (const [steerId, entry] of outstanding) {
        if (nowMs - entry.issuedMs < timeoutMsOf(entry.action)) continue;
        forget(steerId, entry);
        const { ref, action, phaseKey } = entry;
        const detail = `no result within ${timeoutMsOf(action)} ms`;
        const outcome: SteerOutcome = { kind: 'failed', reason: 'unreachable', detail };
        if (entry.onOutcome !== null) entry.onOutcome(outcome);
        else expired.push({ ref, action, phaseKey, outcome });
      }
      return expired;
    },

    /** The term is over: results that still arrive belong to nobody; whoever waits for one is told. */
    abandonAll(detail: string): void {
      const abandoned = [...outstanding.values()];
      outstanding.clear();
      busy.clear();
      paths.clear();
      for (const { onOutcome } of abandoned) onOutcome?.({ kind: 'failed', reason: 'superseded', detail });
    },
  };
}
