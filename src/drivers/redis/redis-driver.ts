/**
 * Redis servers, watched and steered without an agent beside them. One queue a server keeps actions in order;
 * the newest term that was ever asked for silences all older ones, also those that are already under way.
 */
import type { ConnectionOptions } from 'node:tls';
import type { SteerAction, SteerOutcome, SteerRequest, SteerResult } from '../../core/failover/steering.ts';
import type { ClockPort, DriverPort, TailPort, TimerPort } from '../../core/node/ports.ts';
import { unreachable } from '../../core/primitives/assert.ts';
import type { ReplicaId } from '../../core/primitives/identifiers.ts';
import type { HandOrder } from './access-rules.ts';
import { attach } from './actions/attach.ts';
import { check } from './actions/check.ts';
import type { ActionContext, Blackhole, DriverSettings } from './actions/context.ts';
import { grant } from './actions/grant.ts';
import { pauseWrites, resumeWrites } from './actions/hold-writes.ts';
import { inspect } from './actions/inspect.ts';
import { keepTail } from './actions/keep-tail.ts';
import { promote } from './actions/promote.ts';
import { release } from './actions/release.ts';
import { revoke } from './actions/revoke.ts';
import { type Credentials, type OpenConnection, openConnection } from './connections.ts';
import { REDIS_LIMITS } from './limits.ts';
import { failed, stop } from './outcome.ts';
import { createProber } from './prober.ts';
import { type ReadStream, readStream } from './replication-stream.ts';
import { type Hand, type HandTarget, openHand } from './steering-hand.ts';

export type RedisDriverOptions = {
  /** From a file; every password of pollux's own users follows from it. */
  readonly steeringSecret: string;
  /** Used only to inspect and to take on servers that are not prepared; without it `default` is used. */
  readonly admin: { readonly username: string; readonly password: string } | null;
  /** Password of `default` and of the producers' users; null when applications need none. */
  readonly applicationPassword: string | null;
  readonly tls: ConnectionOptions | null;
  readonly probeIntervalMs?: number;
  readonly probeTimeoutMs?: number;
  /** An address that refuses connections; a fenced server follows it. */
  readonly blackhole?: Blackhole;
};

/** The part of a pino logger that is used here. */
export type DriverLogger = {
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
};

export type RedisDriverPorts = {
  readonly clock: ClockPort;
  readonly timers: TimerPort;
  readonly logger: DriverLogger;
  /** Real connections where it is left out. */
  readonly openConnection?: OpenConnection;
  readonly readStream?: ReadStream;
  /** Where tails of old masters are kept; they are discarded where it is left out. */
  readonly tails?: TailPort;
};

const DEFAULTS = {
  probeIntervalMs: 100,
  probeTimeoutMs: 500,
  blackhole: { host: '127.0.0.1', port: 1 },
} as const;

type HeldHand = HandOrder & {
  readonly hand: Hand;
  stopIdling: () => void;
};
type Lane = { waiting: number; tail: Promise<unknown> };

function perform(context: ActionContext, action: SteerAction): Promise<SteerOutcome> {
  switch (action.kind) {
    case 'revoke':
      return revoke(context, action);
    case 'promote':
      return promote(context, action);
    case 'grant':
      return grant(context, action);
    case 'attach':
      return attach(context, action);
    case 'pauseWrites':
      return pauseWrites(context, action.forMs);
    case 'resumeWrites':
      return resumeWrites(context);
    case 'inspect':
      return inspect(context, action.proveWritable ?? false);
    case 'check':
      return check(context, action);
    case 'keepTail':
      return keepTail(context, action);
    case 'release':
      return release(context);
    default:
      return unreachable(action);
  }
}

/** Open steering connections, one a server; a hand of another term, or of another way to the server, is never used. */
function createHandHolder(settings: DriverSettings, timers: TimerPort) {
  const held = new Map<string, HeldHand>();
  const drop = (key: string): void => {
    const entry = held.get(key);
    if (entry === undefined) return;
    entry.stopIdling();
    entry.hand.close();
    held.delete(key);
  };
  const startIdling = (key: string): (() => void) => timers.after(REDIS_LIMITS.handIdleMs, () => drop(key));
  return {
    close: () => [...held.keys()].forEach(drop),
    take: async (target: HandTarget) => {
      const key = target.address;
      const entry = held.get(key);
      if (entry?.term === target.term && entry.path === target.path && entry.hand.isOpen()) {
        entry.stopIdling();
        entry.stopIdling = startIdling(key);
        return { ok: true, value: entry.hand } as const;
      }
      drop(key);
      const opened = await openHand(settings, target);
      if (!opened.ok) return opened;
      const { term, path } = target;
      held.set(key, { hand: opened.value, term, path, stopIdling: startIdling(key) });
      return opened;
    },
  };
}

function settingsFrom(options: RedisDriverOptions): DriverSettings & { readonly owner: Credentials } {
  const { admin, applicationPassword } = options;
  const application =
    applicationPassword === null ? null : { username: 'default', password: applicationPassword };
  return {
    steeringSecret: options.steeringSecret,
    tls: options.tls,
    owner: admin ?? application,
    adminUsername: admin?.username ?? null,
    applicationPassword,
    blackhole: options.blackhole ?? DEFAULTS.blackhole,
  };
}

/** `steer` never rejects; every outcome's detail starts with a stable code. */
export function createRedisDriver(options: RedisDriverOptions, ports: RedisDriverPorts): DriverPort {
  const settings = settingsFrom(options);
  const { clock, timers } = ports;
  const doors = { openConnection: ports.openConnection ?? openConnection };
  const streams = { tails: ports.tails ?? null, readStream: ports.readStream ?? readStream };
  const hands = createHandHolder(settings, timers);
  const lanes = new Map<string, Lane>();
  let newestTerm = 0;
  let closed = false;
  const prober = createProber(
    {
      ...settings,
      probeIntervalMs: options.probeIntervalMs ?? DEFAULTS.probeIntervalMs,
      probeTimeoutMs: options.probeTimeoutMs ?? DEFAULTS.probeTimeoutMs,
    },
    { clock, timers, ...doors },
  );

  const run = async (request: SteerRequest): Promise<SteerOutcome> => {
    const target = {
      address: request.target.address,
      term: request.term,
      path: request.path,
      ...doors,
      isCurrent: () => !closed && request.term >= newestTerm,
    };
    if (!target.isCurrent()) {
      return failed(
        stop('superseded', 'superseded', `term ${newestTerm} steers, this is of term ${request.term}`),
      );
    }
    const replica: ReplicaId = request.target.replica;
    const hand = () => hands.take(target);
    const startedMs = clock.now().monotonicMs;
    const { group } = request.target;
    const context = { settings, target, group, replica, timers, hand, ...streams };
    const outcome = await perform(context, request.action);
    const tookMs = clock.now().monotonicMs - startedMs;
    const fields = {
      group,
      replica,
      address: target.address,
      action: request.action.kind,
      term: request.term,
      tookMs,
    };
    if (outcome.kind === 'failed')
      ports.logger.warn({ ...fields, reason: outcome.reason, detail: outcome.detail }, 'steering failed');
    else ports.logger.info(fields, 'steered');
    return outcome;
  };

  const enqueue = (request: SteerRequest): Promise<SteerOutcome> => {
    // By address: a server may be released from one group while it is declared in another.
    const key = request.target.address;
    const lane = lanes.get(key) ?? { waiting: 0, tail: Promise.resolve() };
    if (lane.waiting >= REDIS_LIMITS.steersWaitingPerServer) {
      return Promise.resolve(
        failed(stop('refused', 'overloaded', `${lane.waiting} actions wait for this server`)),
      );
    }
    lane.waiting += 1;
    lanes.set(key, lane);
    const outcome = lane.tail.then(() => run(request));
    const leave = (): void => {
      lane.waiting -= 1;
      if (lane.waiting === 0) lanes.delete(key);
    };
    // What an action broke is its caller's to hear, and not that of the actions behind it.
    lane.tail = outcome.then(leave, leave);
    return outcome;
  };

  return {
    watch: (targets) => prober.watch(targets.filter((target) => target.kind === 'redis')),
    onObservation: (handler) => prober.onObservation(handler),
    probeFresh: (target, timeoutMs) => prober.probeFresh(target, timeoutMs),
    steer: async (request): Promise<SteerResult> => {
      newestTerm = Math.max(newestTerm, request.term);
      const { group, replica } = request.target;
      const outcome = await enqueue(request);
      return { steerId: request.steerId, term: request.term, ref: { group, replica }, outcome };
    },
    close: async () => {
      closed = true;
      prober.close();
      hands.close();
    },
  };
}
