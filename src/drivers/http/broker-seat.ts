/**
 * One self-registering replica: what it last said, what it was told, and who waits for it. The rules:
 *
 *  - orders are delivered to the process that they are for, and only while they are newer than what it acts on;
 *  - a process without orders that acts on none is told to be fenced, one that acts on some carries on;
 *  - one action is under way at a time; it is done when a heartbeat repeats its orders and its report bears it out.
 */

import type { WatchTarget } from '../../core/coordinator/effects.ts';
import type { Heartbeat, HeartbeatOrders } from '../../core/coordinator/requests.ts';
import type { SteerAction, SteerOutcome } from '../../core/failover/steering.ts';
import type { ServerReport } from '../../core/liveness/observation.ts';
import type { TimerPort } from '../../core/node/ports.ts';
import type { Incarnation } from '../../core/primitives/identifiers.ts';
import { LIMITS } from '../../core/primitives/limits.ts';
import { outcomeAfter, refuseBefore } from './order-check.ts';
import {
  BOOT_ORDERS,
  fencedAt,
  isNewer,
  type OrderContext,
  type OrderedState,
  type OrdersId,
  orderedState,
  ordersText,
  parseOrdersText,
  stateReported,
} from './orders.ts';

/** Share of the detection time within which a broker has to be heard again, held answers included. */
const HEARD_WITHIN_DETECTION = 1 / 3;

type Orders = { readonly id: OrdersId; readonly incarnation: Incarnation; readonly state: OrderedState };

type OrderAction = Exclude<SteerAction, { kind: 'inspect' | 'check' | 'keepTail' | 'release' }>;

type UnderWay = {
  readonly id: OrdersId;
  readonly action: OrderAction;
  readonly settle: (outcome: SteerOutcome) => void;
};

type Held = {
  readonly heartbeat: Heartbeat;
  readonly sinceMs: number;
  readonly answer: (orders: HeartbeatOrders) => void;
  readonly cancelTimer: () => void;
};

export type SeatContext = {
  readonly nowMs: () => number;
  readonly timers: TimerPort;
  /** Of the group as far as the desk knows it. */
  readonly group: () => Pick<OrderContext, 'epoch' | 'replicaAt'>;
};

export class BrokerSeat {
  readonly target: WatchTarget;
  readonly #context: SeatContext;
  /** Since when it is watched, or when it was last heard: what silence is counted from. */
  heardMs: number;
  silenceToldMs: number | null = null;
  report: ServerReport | null = null;
  #orders: Orders | null = null;
  #underWay: UnderWay | null = null;
  #held: Held[] = [];
  readonly #nextHeard = new Set<(report: ServerReport) => void>();

  constructor(target: WatchTarget, context: SeatContext) {
    this.target = target;
    this.#context = context;
    this.heardMs = context.nowMs();
  }

  get #heardWithinMs(): number {
    return Math.floor(this.target.detectionMs * HEARD_WITHIN_DETECTION);
  }

  /** Takes in a heartbeat, whether or not its answer will be held here. */
  note(heartbeat: Heartbeat): void {
    this.heardMs = this.#context.nowMs();
    this.silenceToldMs = null;
    this.report = heartbeat.report;
    for (const notify of this.#nextHeard) notify(heartbeat.report);
    this.#nextHeard.clear();
    this.#placeOrders(heartbeat.report);
    this.#judge(heartbeat);
  }

  /** Answers at once where there is something new for the broker, else when there is, or when its time is over. */
  hold(heartbeat: Heartbeat): Promise<HeartbeatOrders> {
    const sinceMs = this.#context.nowMs();
    const news = this.#newsFor(heartbeat);
    const holdMs = Math.min(heartbeat.holdMs, this.#heardWithinMs);
    if (news !== null || holdMs === 0) {
      return Promise.resolve(this.#answerFor(heartbeat, news, this.#heardWithinMs));
    }
    if (this.#held.length >= LIMITS.heartbeatsHeldPerReplica) this.#release(this.#held.slice(0, 1));
    return new Promise((answer) => {
      const cancelTimer = this.#context.timers.after(holdMs, () => this.#release([held]));
      const held: Held = { heartbeat, sinceMs, answer, cancelTimer };
      this.#held.push(held);
    });
  }

  /** Resolves with the report of the next heartbeat; asks for it by letting held ones go. Null after `timeoutMs`. */
  async nextReport(timeoutMs: number): Promise<ServerReport | null> {
    if (this.#nextHeard.size >= LIMITS.waitingPerReplica) return null;
    return new Promise((resolve) => {
      const notify = (report: ServerReport): void => {
        cancel();
        resolve(report);
      };
      const cancel = this.#context.timers.after(timeoutMs, () => {
        this.#nextHeard.delete(notify);
        resolve(null);
      });
      this.#nextHeard.add(notify);
      this.letGo();
    });
  }

  /** Orders the action and settles when the broker has carried it out; `abandon` ends the waiting. */
  order(id: OrdersId, action: OrderAction): Promise<SteerOutcome> {
    return new Promise((settle) => {
      this.#underWay = { id, action, settle };
      if (this.report !== null) this.#placeOrders(this.report);
    });
  }

  /** Ends the waiting for the action under way. Its orders stand: an action may still arrive. */
  abandon(outcome: SteerOutcome): void {
    const { settle } = this.#underWay ?? {};
    this.#underWay = null;
    settle?.(outcome);
  }

  /** The broker is nobody's any more: it gets no further orders. */
  release(): void {
    this.#orders = null;
  }

  /** Answers every held heartbeat now; the broker is asked to come again at once. */
  letGo(): void {
    this.#release(this.#held, 0);
  }

  /** Writes the orders of the action under way for the process that speaks now, and hands them to held heartbeats. */
  #placeOrders(report: ServerReport): void {
    const underWay = this.#underWay;
    if (underWay === null) return;
    const placed = this.#orders;
    const isPlaced = placed !== null && placed.id === underWay.id;
    // A revocation is for whatever process stands there; every other action names the process that it is for.
    if (isPlaced && placed.incarnation === report.incarnation) return;
    const refusal = refuseBefore(underWay.action, report);
    if (refusal !== null) {
      this.abandon(refusal);
      return;
    }
    const current = placed?.incarnation === report.incarnation ? placed.state : null;
    const state = orderedState(underWay.action, { ...this.#context.group(), current, report });
    if (typeof state === 'string') {
      this.abandon({ kind: 'failed', reason: 'refused', detail: state });
      return;
    }
    this.#orders = { id: underWay.id, incarnation: report.incarnation, state };
    this.#release(this.#held.filter(({ heartbeat }) => this.#newsFor(heartbeat) !== null));
  }

  /** Does this heartbeat end the action under way? */
  #judge(heartbeat: Heartbeat): void {
    const seen = parseOrdersText(heartbeat.ordersSeen);
    const underWay = this.#underWay;
    if (underWay === null || seen === null) return;
    if (seen.term === underWay.id.term && seen.steerId === underWay.id.steerId) {
      this.abandon(outcomeAfter(underWay.action, heartbeat.report));
    } else if (seen.term > underWay.id.term) {
      const detail = `the broker acts on orders of term ${seen.term}`;
      this.abandon({ kind: 'failed', reason: 'superseded', detail });
    }
  }

  /** What this heartbeat's sender has to be told and does not know yet; null when there is nothing. */
  #newsFor(heartbeat: Heartbeat): Pick<Orders, 'id' | 'state'> | null {
    const seen = parseOrdersText(heartbeat.ordersSeen);
    const orders = this.#orders;
    if (orders !== null && orders.incarnation === heartbeat.report.incarnation && isNewer(orders.id, seen)) {
      return orders;
    }
    return seen === null ? { id: BOOT_ORDERS, state: fencedAt(this.#context.group().epoch) } : null;
  }

  #answerFor(
    heartbeat: Heartbeat,
    news: Pick<Orders, 'id' | 'state'> | null,
    nextHeartbeatMs: number,
  ): HeartbeatOrders {
    if (news !== null) return { ...news.state, orders: ordersText(news.id), nextHeartbeatMs: 0 };
    const seen = parseOrdersText(heartbeat.ordersSeen) ?? BOOT_ORDERS;
    const orders = this.#orders;
    const isCurrent = orders !== null && orders.id.term === seen.term && orders.id.steerId === seen.steerId;
    const state = isCurrent
      ? orders.state
      : stateReported({ ...this.#context.group(), report: heartbeat.report });
    return { ...state, orders: ordersText(seen), nextHeartbeatMs };
  }

  /** Without `nextHeartbeatMs` the broker comes again when a third of the detection time is over. */
  #release(released: readonly Held[], nextHeartbeatMs?: number): void {
    this.#held = this.#held.filter((held) => !released.includes(held));
    for (const { heartbeat, sinceMs, answer, cancelTimer } of released) {
      cancelTimer();
      const heldMs = this.#context.nowMs() - sinceMs;
      const restMs = Math.max(0, this.#heardWithinMs - heldMs);
      answer(this.#answerFor(heartbeat, this.#newsFor(heartbeat), nextHeartbeatMs ?? restMs));
    }
  }
}
