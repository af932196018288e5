/**
 * Watching servers: one established connection each, asked every interval, never two questions at once. The end
 * of a connection is reported the moment it is seen and a new one is tried at once, because a dead process shows
 * itself that way long before a timeout. The rest of its group is asked a few times within that moment as well: whether
 * a master is dead is also for its slaves to say, and they see their own connections end as fast.
 *
 * Invariant: every question becomes exactly one observation: answered, answered with an error, refused, or silent.
 */
import type { ConnectionOptions } from 'node:tls';
import type { WatchTarget } from '../../core/coordinator/effects.ts';
import type { SteerTarget } from '../../core/failover/steering.ts';
import type { Observation, ProbeOutcome, ReplicaRef } from '../../core/liveness/observation.ts';
import type { ClockPort, TimerPort } from '../../core/node/ports.ts';
import type { GroupKey, ReplicaId } from '../../core/primitives/identifiers.ts';
import { PROBE_USER } from './access-rules.ts';
import type { Connection, Credentials, OpenConnection } from './connections.ts';
import { derivePassword } from './derived-passwords.ts';
import { parseInfo, REPORT_COMMAND, serverReport } from './info-report.ts';
import { type Answer, type CallFailure, stopFrom } from './outcome.ts';

export type ProberSettings = {
  readonly steeringSecret: string;
  readonly tls: ConnectionOptions | null;
  /** Asked for while a server does not know the probe user. */
  readonly owner: Credentials;
  readonly probeIntervalMs: number;
  readonly probeTimeoutMs: number;
};

export type Prober = {
  watch(targets: readonly WatchTarget[]): void;
  onObservation(handler: (observation: Observation) => void): void;
  probeFresh(target: SteerTarget, timeoutMs: number): Promise<Observation>;
  close(): void;
};

type ProberPorts = {
  readonly clock: ClockPort;
  readonly timers: TimerPort;
  readonly openConnection: OpenConnection;
};
type Probed = { readonly outcome: ProbeOutcome; readonly connection: Connection | null };
type Watcher = {
  readonly address: string;
  readonly watchOnly: boolean;
  readonly group: GroupKey;
  readonly replica: ReplicaId;
  /** Asks out of turn, unless its last answer said already that it has lost its master. */
  look(): void;
  stop(): void;
};

/** When the others of a group are asked after one connection has died; slaves may notice a moment later than this node. */
const LOOKS_AFTER_MS = [1, 10, 30, 70] as const;

function outcomeOf(failure: CallFailure, elapsedMs: number): ProbeOutcome {
  switch (failure.kind) {
    case 'connectionRefused':
      return { kind: 'refused', error: failure.detail };
    case 'silent':
      return { kind: 'silent', waitedMs: elapsedMs };
    case 'disconnected':
      return { kind: 'disconnected', error: failure.detail };
    case 'answeredError':
      return { kind: 'answeredError', answerMs: elapsedMs, error: failure.detail };
  }
}

async function ask(connection: Connection, timeoutMs: number, clock: ClockPort): Promise<ProbeOutcome> {
  const askedMs = clock.now().monotonicMs;
  const answer = await connection.call(REPORT_COMMAND, timeoutMs);
  const answerMs = clock.now().monotonicMs - askedMs;
  if (!answer.ok) return outcomeOf(answer, answerMs);
  const report = serverReport(parseInfo(String(answer.value)));
  return report === null
    ? { kind: 'answeredError', answerMs, error: 'INFO is not that of a master or a slave' }
    : { kind: 'answered', answerMs, report };
}

/**
 * Logs in as the probe user, or as the operator's account on a server that does not know it. Where nothing may be
 * touched nobody was prepared, and an attempt would stand in the server's log of refused logins.
 */
async function open(
  { openConnection }: ProberPorts,
  settings: ProberSettings,
  address: string,
  timeoutMs: number,
  isPrepared: boolean,
): Promise<Answer<Connection>> {
  const { tls } = settings;
  if (!isPrepared) return openConnection({ address, credentials: settings.owner, tls, timeoutMs });
  const credentials = { username: PROBE_USER, password: derivePassword(settings.steeringSecret, PROBE_USER) };
  const opened = await openConnection({ address, credentials, tls, timeoutMs });
  if (opened.ok || stopFrom(opened).code !== 'wrongPassword') return opened;
  return openConnection({ address, credentials: settings.owner, tls, timeoutMs });
}

async function probeOnNewConnection(
  ports: ProberPorts,
  settings: ProberSettings,
  address: string,
  timeoutMs: number,
  isPrepared: boolean,
): Promise<Probed> {
  const { clock } = ports;
  const startedMs = clock.now().monotonicMs;
  const elapsedMs = (): number => clock.now().monotonicMs - startedMs;
  const opened = await open(ports, settings, address, timeoutMs, isPrepared);
  if (!opened.ok) return { outcome: outcomeOf(opened, elapsedMs()), connection: null };
  const connection = opened.value;
  const outcome = await ask(connection, Math.max(1, timeoutMs - elapsedMs()), clock);
  if (outcome.kind === 'answered') return { outcome, connection };
  connection.close();
  // A connection that ended before its first answer was never established: the server turned it away.
  return outcome.kind === 'disconnected'
    ? { outcome: { kind: 'refused', error: outcome.error }, connection: null }
    : { outcome, connection: null };
}

function watchServer(
  target: WatchTarget,
  settings: ProberSettings,
  ports: ProberPorts,
  observe: (observation: Observation) => void,
  onLost: () => void,
): Watcher {
  const ref: ReplicaRef = { group: target.group, replica: target.replica };
  let connection: Connection | null = null;
  let hasLostMaster = false;
  let asking = false;
  let askAgainAtOnce = false;
  let stopped = false;

  const lost = (ended: Connection) => (error: string) => {
    if (stopped || connection !== ended) return;
    connection = null;
    observe({ ref, fresh: false, outcome: { kind: 'disconnected', error } });
    askAtOnce();
    onLost();
  };

  const askAtOnce = (): void => {
    askAgainAtOnce = asking;
    if (!asking) void probe();
  };

  const seen = (fresh: boolean, outcome: ProbeOutcome): void => {
    hasLostMaster = outcome.kind === 'answered' && outcome.report.follows?.linkUp === false;
    observe({ ref, fresh, outcome });
  };

  const probeEstablished = async (established: Connection): Promise<void> => {
    const outcome = await ask(established, settings.probeTimeoutMs, ports.clock);
    // The loss of the connection is observed where it is seen, once.
    if (stopped || outcome.kind === 'disconnected') return;
    if (!established.isOpen() && connection === established) connection = null;
    seen(false, outcome);
  };

  const probeFresh = async (): Promise<void> => {
    const { address, watchOnly } = target;
    const probed = await probeOnNewConnection(ports, settings, address, settings.probeTimeoutMs, !watchOnly);
    if (stopped) {
      probed.connection?.close();
      return;
    }
    connection = probed.connection;
    seen(true, probed.outcome);
    if (connection !== null) connection.onLost(lost(connection));
  };

  const probe = async (): Promise<void> => {
    if (asking || stopped) return;
    asking = true;
    await (connection === null ? probeFresh() : probeEstablished(connection));
    asking = false;
    if (!askAgainAtOnce) return;
    askAgainAtOnce = false;
    void probe();
  };

  let stopTimer = (): void => undefined;
  const probeAgainLater = (): void => {
    stopTimer = ports.timers.after(settings.probeIntervalMs, () => {
      probeAgainLater();
      void probe();
    });
  };
  probeAgainLater();
  void probe();
  return {
    address: target.address,
    watchOnly: target.watchOnly,
    group: target.group,
    replica: target.replica,
    look: () => {
      if (!hasLostMaster) askAtOnce();
    },
    stop: () => {
      stopped = true;
      stopTimer();
      connection?.close();
    },
  };
}

export function createProber(settings: ProberSettings, ports: ProberPorts): Prober {
  const watchers = new Map<string, Watcher>();
  const groups = new Map<GroupKey, Set<Watcher>>();
  let handler: (observation: Observation) => void = () => undefined;
  const keyOf = ({ group, replica }: ReplicaRef): string => `${group} ${replica}`;

  const lookAround = (lost: SteerTarget): void => {
    for (const delayMs of LOOKS_AFTER_MS) {
      ports.timers.after(delayMs, () => {
        for (const watcher of groups.get(lost.group) ?? [])
          if (watcher.replica !== lost.replica) watcher.look();
      });
    }
  };

  const forget = (key: string, watcher: Watcher): void => {
    watcher.stop();
    watchers.delete(key);
    const others = groups.get(watcher.group);
    others?.delete(watcher);
    if (others?.size === 0) groups.delete(watcher.group);
  };

  const begin = (key: string, target: WatchTarget): void => {
    const watcher = watchServer(
      target,
      settings,
      ports,
      (observation) => handler(observation),
      () => lookAround(target),
    );
    watchers.set(key, watcher);
    const others = groups.get(target.group) ?? new Set();
    groups.set(target.group, others.add(watcher));
  };

  return {
    onObservation: (next) => {
      handler = next;
    },
    watch: (targets) => {
      const wanted = new Map(targets.map((target) => [keyOf(target), target]));
      for (const [key, watcher] of watchers) {
        const target = wanted.get(key);
        if (target?.address === watcher.address && target.watchOnly === watcher.watchOnly) continue;
        forget(key, watcher);
      }
      for (const [key, target] of wanted) if (!watchers.has(key)) begin(key, target);
    },
    probeFresh: async (target, timeoutMs) => {
      const isPrepared = watchers.get(keyOf(target))?.watchOnly !== true;
      const probed = await probeOnNewConnection(ports, settings, target.address, timeoutMs, isPrepared);
      probed.connection?.close();
      const ref = { group: target.group, replica: target.replica };
      return { ref, fresh: true, outcome: probed.outcome };
    },
    close: () => {
      for (const [key, watcher] of watchers) forget(key, watcher);
    },
  };
}
