/**
 * Drives the pure loop: queues inputs, hands each to `NodeLoop.step` with the time, and performs the effects. It
 * decides nothing. A broken invariant, or a disk that cannot keep its promise, ends the process loudly.
 */

import type { BrokerAnswer, RocketmqPort } from '../core/coordinator/broker-sets/rocketmq-port.ts';
import type { LogLevel, TierEvent } from '../core/coordinator/effects.ts';
import type { ClientReply, ClientRequest, Heartbeat, HeartbeatOrders } from '../core/coordinator/requests.ts';
import type { BrokerKind } from '../core/metadata/state.ts';
import type { NodeFace } from '../core/node/face.ts';
import type { NodeEffect, NodeInput } from '../core/node/inputs.ts';
import type { NodeLoop } from '../core/node/node-loop.ts';
import type { ClockPort, DriverPort, LogPort, TransportPort } from '../core/node/ports.ts';
import { unreachable } from '../core/primitives/assert.ts';
import { type Result, refused } from '../core/primitives/refusal.ts';

/** How often time is told to the loop. */
const TICK_INTERVAL_MS = 10;

export type HeartbeatDesk = {
  /** Keeps what the broker said of itself as this node's evidence. */
  note(heartbeat: Heartbeat): void;
  /** The same, and holds the answer until there are new orders or the broker's time is over. */
  hold(heartbeat: Heartbeat): Promise<Result<HeartbeatOrders>>;
};

export type RuntimePorts = {
  readonly clock: ClockPort;
  readonly log: LogPort;
  readonly transport: TransportPort;
  readonly drivers: ReadonlyMap<BrokerKind, DriverPort>;
  readonly heartbeats: HeartbeatDesk;
  /** Null where this node serves no RocketMQ brokers: they are silent to it. */
  readonly rocketmq: RocketmqPort | null;
  readonly writeLog: (level: LogLevel, event: string, fields: Readonly<Record<string, unknown>>) => void;
  /** Called once, for what must end the process. */
  readonly onFatal: (error: unknown) => void;
};

/** The public side of the loop. */
export type RunnableLoop = Pick<NodeLoop, keyof NodeLoop>;

export class Runtime {
  readonly #loop: RunnableLoop;
  readonly #ports: RuntimePorts;
  readonly #replies = new Map<number, (reply: ClientReply) => void>();
  readonly #listeners = new Set<(event: TierEvent) => void>();
  #nextRequestId = 1;
  #ticker: NodeJS.Timeout | null = null;
  #started = false;
  #stopped = false;

  constructor(loop: RunnableLoop, ports: RuntimePorts) {
    this.#loop = loop;
    this.#ports = ports;
  }

  /** Until then the node keeps still: it neither votes nor acknowledges, and refuses requests. */
  start(): void {
    if (this.#stopped) return;
    this.#started = true;
    this.#ports.transport.onMessage((from, message) => this.input({ kind: 'peer', from, message }));
    for (const driver of this.#ports.drivers.values()) {
      driver.onObservation((observation) => this.input({ kind: 'observed', observation }));
    }
    this.#ticker = setInterval(() => this.input({ kind: 'tick' }), TICK_INTERVAL_MS);
  }

  stop(): void {
    this.#stopped = true;
    if (this.#ticker !== null) clearInterval(this.#ticker);
    for (const resolve of this.#replies.values()) {
      resolve(refused('timedOut', 'This node is stopping; ask another one what became of the request.'));
    }
    this.#replies.clear();
  }

  /** One input to completion. Inputs never nest: effects are performed after the step has returned. */
  input(input: NodeInput): void {
    if (this.#stopped || !this.#started) return;
    try {
      for (const effect of this.#loop.step(input, this.#ports.clock.now())) this.#perform(effect);
    } catch (error) {
      this.#fail(error);
    }
  }

  face(): NodeFace {
    const now = () => this.#ports.clock.now();
    return {
      state: () => this.#loop.state(),
      routesRevision: () => this.#loop.routesRevision(),
      isCurrent: () => this.#loop.isCurrent(now()),
      status: () => this.#loop.status(now()),
      evidence: () => this.#loop.evidence(now()),
      brokerEvidence: (refs) => this.#loop.brokerEvidence(refs, now()),
      alerts: () => this.#loop.alerts(),
      brokerHeard: (heard) => this.input({ kind: 'broker', heard }),
      submit: (request) => this.#submit(request),
      subscribe: (listener) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
    };
  }

  #submit(request: ClientRequest): Promise<ClientReply> {
    if (this.#stopped) return Promise.resolve(refused('noLeader', 'This node is stopping; ask another one.'));
    if (!this.#started) {
      return Promise.resolve(
        refused(
          'noLeader',
          'This node does not take part yet: it waits for the other nodes; ask one of them.',
        ),
      );
    }
    const requestId = this.#nextRequestId;
    this.#nextRequestId += 1;
    return new Promise((resolve) => {
      this.#replies.set(requestId, resolve);
      this.input({ kind: 'request', requestId, request });
    });
  }

  #perform(effect: NodeEffect): void {
    const { drivers, log, transport } = this.#ports;
    switch (effect.kind) {
      case 'persist':
        log.persist(effect.batch).then(
          () => this.input({ kind: 'persisted', persistId: effect.persistId }),
          (error: unknown) => this.#fail(error),
        );
        return;
      case 'settle':
        // Behind everything that the system has for this process by now.
        setImmediate(() => this.input({ kind: 'settle' }));
        return;
      case 'send':
        transport.send(effect.to, effect.message);
        return;
      case 'reply': {
        const resolve = this.#replies.get(effect.requestId);
        this.#replies.delete(effect.requestId);
        resolve?.(effect.reply);
        return;
      }
      case 'publish':
        for (const listener of this.#listeners) listener(effect.event);
        return;
      case 'log':
        this.#ports.writeLog(effect.level, effect.event, effect.fields);
        return;
      case 'watch':
        for (const [kind, driver] of drivers)
          driver.watch(effect.targets.filter((target) => target.kind === kind));
        return;
      case 'probe':
        this.#probe(effect);
        return;
      case 'steer':
        this.#steer(effect);
        return;
      case 'heartbeat':
        this.#heartbeat(effect);
        return;
      case 'askBroker':
        this.#askBroker(effect);
        return;
      default:
        unreachable(effect);
    }
  }

  #probe({ broker, probeId, target, timeoutMs }: Extract<NodeEffect, { kind: 'probe' }>): void {
    const driver = this.#ports.drivers.get(broker);
    if (driver === undefined) {
      const outcome = { kind: 'silent', waitedMs: 0 } as const;
      const { group, replica } = target;
      queueMicrotask(() =>
        this.input({
          kind: 'freshlyProbed',
          probeId,
          observation: { ref: { group, replica }, fresh: true, outcome },
        }),
      );
      return;
    }
    driver.probeFresh(target, timeoutMs).then(
      (observation) => this.input({ kind: 'freshlyProbed', probeId, observation }),
      (error: unknown) => this.#fail(error),
    );
  }

  #steer({ broker, request }: Extract<NodeEffect, { kind: 'steer' }>): void {
    const driver = this.#ports.drivers.get(broker);
    if (driver === undefined) {
      const { steerId, term, target } = request;
      const detail = `this node has no settings for ${broker}: add a section "${broker}" to its configuration`;
      const outcome = { kind: 'failed', reason: 'refused', detail } as const;
      const ref = { group: target.group, replica: target.replica };
      queueMicrotask(() => this.input({ kind: 'steered', result: { steerId, term, ref, outcome } }));
      return;
    }
    driver.steer(request).then(
      (result) => this.input({ kind: 'steered', result }),
      (error: unknown) => this.#fail(error),
    );
  }

  #askBroker({ askId, address, ask, timeoutMs }: Extract<NodeEffect, { kind: 'askBroker' }>): void {
    const { rocketmq } = this.#ports;
    const silent: BrokerAnswer = { kind: 'silent', waitedMs: 0 };
    const answer = rocketmq?.ask(address, ask, timeoutMs) ?? Promise.resolve(silent);
    answer.then(
      (value) => this.input({ kind: 'brokerAnswered', askId, answer: value }),
      (error: unknown) => this.#fail(error),
    );
  }

  #heartbeat({ heartbeatId, heartbeat }: Extract<NodeEffect, { kind: 'heartbeat' }>): void {
    if (heartbeatId === null) {
      this.#ports.heartbeats.note(heartbeat);
      return;
    }
    this.#ports.heartbeats.hold(heartbeat).then(
      (orders) => this.input({ kind: 'heartbeatAnswered', heartbeatId, orders }),
      (error: unknown) => this.#fail(error),
    );
  }

  #fail(error: unknown): void {
    if (this.#stopped) return;
    this.stop();
    this.#ports.onFatal(error);
  }
}
