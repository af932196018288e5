/**
 * The driver of brokers that register themselves over HTTP. It calls nobody: evidence is the heartbeats that come in,
 * steering is the orders that their answers carry. Everything is in memory and in one process; a new leader's desk
 * knows nothing, so it tells a broker that acts on earlier orders to carry on and steers from there.
 */
import type { WatchTarget } from '../../core/coordinator/effects.ts';
import type { Heartbeat, HeartbeatOrders } from '../../core/coordinator/requests.ts';
import type { Inspection, SteerOutcome, SteerRequest, SteerResult } from '../../core/failover/steering.ts';
import type { Observation, ReplicaRef, ServerReport } from '../../core/liveness/observation.ts';
import type { ClockPort, DriverPort, TimerPort } from '../../core/node/ports.ts';
import { type Epoch, epoch, type GroupKey, type ReplicaId } from '../../core/primitives/identifiers.ts';
import { LIMITS } from '../../core/primitives/limits.ts';
import { accepted, type Result, refused } from '../../core/primitives/refusal.ts';
import { BrokerSeat } from './broker-seat.ts';

export type HttpDriverPorts = { readonly clock: ClockPort; readonly timers: TimerPort };

export type HttpDriver = DriverPort & {
  /** Keeps what the broker said of itself as this node's evidence. A replica that is not watched is ignored. */
  note(heartbeat: Heartbeat): void;
  /**
   * The same, and answers with orders: at once where they are new to the broker, else when there are new ones or
   * when `holdMs` is over (at most a third of the group's detection time). Refusal: unknownReplica.
   */
  hold(heartbeat: Heartbeat): Promise<Result<HeartbeatOrders>>;
};

/** How often absences are looked for; a silence is told that much late at most. */
const SILENCE_CHECK_MS = 50;

/** A broker that is up sends its next heartbeat well within this; the coordinator itself waits longer. */
const STEER_TIMEOUT_MS = 2_500;

const seatKey = (ref: ReplicaRef): string => `${ref.group}#${ref.replica}`;

export function createHttpDriver(ports: HttpDriverPorts): HttpDriver {
  return new BrokerDesk(ports);
}

class BrokerDesk implements HttpDriver {
  readonly #clock: ClockPort;
  readonly #timers: TimerPort;
  #seats = new Map<string, BrokerSeat>();
  #seatsOfGroup = new Map<GroupKey, BrokerSeat[]>();
  /** Highest epoch heard of, by group: from promotions that were ordered here and from brokers' reports. */
  readonly #epochs = new Map<GroupKey, Epoch>();
  readonly #queues = new Map<string, { tail: Promise<unknown>; waiting: number }>();
  #newestTerm = 0;
  #handler: (observation: Observation) => void = () => undefined;
  #cancelCheck: () => void;
  #closed = false;

  constructor({ clock, timers }: HttpDriverPorts) {
    this.#clock = clock;
    this.#timers = timers;
    this.#cancelCheck = timers.after(SILENCE_CHECK_MS, () => this.#checkSilence());
  }

  watch(targets: readonly WatchTarget[]): void {
    const seats = new Map<string, BrokerSeat>();
    const seatsOfGroup = new Map<GroupKey, BrokerSeat[]>();
    for (const target of targets) {
      if (target.kind !== 'http') continue;
      const known = this.#seats.get(seatKey(target));
      const seat = known !== undefined && isSame(known.target, target) ? known : this.#newSeat(target);
      seats.set(seatKey(target), seat);
      const ofGroup = seatsOfGroup.get(target.group);
      if (ofGroup === undefined) seatsOfGroup.set(target.group, [seat]);
      else ofGroup.push(seat);
    }
    for (const [key, seat] of this.#seats) if (seats.get(key) !== seat) dismiss(seat);
    for (const group of this.#epochs.keys()) if (!seatsOfGroup.has(group)) this.#epochs.delete(group);
    this.#seats = seats;
    this.#seatsOfGroup = seatsOfGroup;
  }

  onObservation(handler: (observation: Observation) => void): void {
    this.#handler = handler;
  }

  note(heartbeat: Heartbeat): void {
    const seat = this.#seats.get(seatKey(heartbeat));
    if (seat === undefined) return;
    this.#learnEpoch(heartbeat.group, heartbeat.report.epoch);
    seat.note(heartbeat);
    this.#handler({
      ref: { group: heartbeat.group, replica: heartbeat.replica },
      fresh: false,
      outcome: answered(heartbeat.report),
    });
  }

  async hold(heartbeat: Heartbeat): Promise<Result<HeartbeatOrders>> {
    const seat = this.#seats.get(seatKey(heartbeat));
    if (seat === undefined) {
      return refused(
        'unknownReplica',
        `Group ${heartbeat.group} with replica ${heartbeat.replica} is not declared as a group of kind http; ` +
          '`pollux group add --kind http` declares it.',
        { field: 'replica' },
      );
    }
    this.note(heartbeat);
    return accepted(await seat.hold(heartbeat));
  }

  /** The next heartbeat is the fresh probe: held ones are let go, so that a broker that is up comes again at once. */
  async probeFresh(
    target: { readonly group: GroupKey; readonly replica: ReplicaId },
    timeoutMs: number,
  ): Promise<Observation> {
    const ref = { group: target.group, replica: target.replica };
    const report = (await this.#seats.get(seatKey(ref))?.nextReport(timeoutMs)) ?? null;
    const outcome = report === null ? ({ kind: 'silent', waitedMs: timeoutMs } as const) : answered(report);
    return { ref, fresh: true, outcome };
  }

  async steer(request: SteerRequest): Promise<SteerResult> {
    const { steerId, term, target } = request;
    const ref = { group: target.group, replica: target.replica };
    if (term > this.#newestTerm) this.#turnTo(term);
    const outcome = await this.#inTurn(seatKey(ref), () => this.#perform(request));
    return { steerId, term, ref, outcome };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelCheck();
    for (const seat of this.#seats.values()) dismiss(seat);
    this.#seats.clear();
  }

  #newSeat(target: WatchTarget): BrokerSeat {
    return new BrokerSeat(target, {
      nowMs: () => this.#clock.now().monotonicMs,
      timers: this.#timers,
      group: () => ({
        epoch: this.#epochs.get(target.group) ?? epoch(0),
        replicaAt: (address) => this.#replicaAt(target.group, address),
      }),
    });
  }

  #replicaAt(group: GroupKey, address: string): ReplicaId | null {
    const found = this.#seatsOfGroup
      .get(group)
      ?.find(({ target }) => (target.replicationAddress ?? target.address) === address);
    return found?.target.replica ?? null;
  }

  #learnEpoch(group: GroupKey, heard: number | null): void {
    if (heard !== null && heard > (this.#epochs.get(group) ?? 0)) this.#epochs.set(group, epoch(heard));
  }

  /** A newer leader steers: what an older one waits for here is over. */
  #turnTo(term: number): void {
    this.#newestTerm = term;
    for (const seat of this.#seats.values()) seat.abandon(superseded(term));
  }

  /** Actions on one replica follow one another in the order in which they came. */
  async #inTurn(key: string, perform: () => Promise<SteerOutcome>): Promise<SteerOutcome> {
    const queue = this.#queues.get(key) ?? { tail: Promise.resolve(), waiting: 0 };
    if (queue.waiting >= LIMITS.waitingPerReplica) {
      return { kind: 'failed', reason: 'refused', detail: 'too many actions wait for this replica' };
    }
    queue.waiting += 1;
    this.#queues.set(key, queue);
    const turn = queue.tail.then(perform);
    queue.tail = turn;
    try {
      return await turn;
    } finally {
      queue.waiting -= 1;
      if (queue.waiting === 0) this.#queues.delete(key);
    }
  }

  async #perform({ term, steerId, target, action }: SteerRequest): Promise<SteerOutcome> {
    if (term < this.#newestTerm) return superseded(this.#newestTerm);
    const seat = this.#seats.get(seatKey(target));
    if (seat === undefined) return unreachableSeat('it is not watched');
    switch (action.kind) {
      case 'inspect':
        return seat.report === null
          ? unreachableSeat('it has not sent a heartbeat yet')
          : { kind: 'inspected', inspection: inspectionOf(seat.report) };
      case 'release':
        seat.release();
        return { kind: 'done', report: seat.report };
      case 'check':
      case 'keepTail':
        return { kind: 'failed', reason: 'refused', detail: 'only Redis servers are asked for this' };
      default: {
        if (action.kind === 'promote') this.#learnEpoch(target.group, action.epoch);
        const cancel = this.#timers.after(STEER_TIMEOUT_MS, () =>
          seat.abandon(
            unreachableSeat(`no heartbeat said within ${STEER_TIMEOUT_MS} ms that it was carried out`),
          ),
        );
        const outcome = await seat.order({ term, steerId }, action);
        cancel();
        return outcome;
      }
    }
  }

  #checkSilence(): void {
    if (this.#closed) return;
    const nowMs = this.#clock.now().monotonicMs;
    for (const seat of this.#seats.values()) {
      const { detectionMs, group, replica } = seat.target;
      const waitedMs = nowMs - seat.heardMs;
      const toldAgoMs = seat.silenceToldMs === null ? Number.POSITIVE_INFINITY : nowMs - seat.silenceToldMs;
      if (waitedMs < detectionMs || toldAgoMs < detectionMs / 2) continue;
      seat.silenceToldMs = nowMs;
      this.#handler({ ref: { group, replica }, fresh: false, outcome: { kind: 'silent', waitedMs } });
    }
    this.#cancelCheck = this.#timers.after(SILENCE_CHECK_MS, () => this.#checkSilence());
  }
}

const isSame = (one: WatchTarget, other: WatchTarget): boolean =>
  one.detectionMs === other.detectionMs &&
  one.address === other.address &&
  one.replicationAddress === other.replicationAddress;

/** Nobody may be left waiting for a seat that is gone. */
function dismiss(seat: BrokerSeat): void {
  seat.letGo();
  seat.abandon(unreachableSeat('it is not watched any more'));
}

/** A heartbeat came by itself, so there is no time that its answer took. */
const answered = (report: ServerReport): Extract<Observation['outcome'], { kind: 'answered' }> => ({
  kind: 'answered',
  answerMs: 0,
  report,
});

const unreachableSeat = (detail: string): SteerOutcome => ({ kind: 'failed', reason: 'unreachable', detail });

const superseded = (term: number): SteerOutcome => ({
  kind: 'failed',
  reason: 'superseded',
  detail: `term ${term} steers now`,
});

/** All that can be known of a broker that is never called: what it says of itself. */
const inspectionOf = (report: ServerReport): Inspection => ({
  report,
  version: 'registers itself',
  configFile: null,
  prepared: true,
  keys: 0n,
  persistence: 'none',
  watchedBySentinel: false,
  problems: [],
  changes: [],
});
