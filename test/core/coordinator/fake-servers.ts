/**
 * Three servers that replicate at once, or not at all, behind the harness of three loops. They do what a steering
 * action says in the obvious way and keep what a test asks about: who is writable, who was told what.
 */
import type { Inspection, SteerOutcome, SteerRequest } from '../../../src/core/failover/steering.ts';
import type { ProbeOutcome, ServerReport } from '../../../src/core/liveness/observation.ts';
import { must } from '../../../src/core/primitives/assert.ts';
import {
  incarnation,
  type Lineage,
  lineage,
  type NodeName,
  nodeName,
  type ReplicaId,
  replicaId,
} from '../../../src/core/primitives/identifiers.ts';

export const [M, A2, B1] = ['m', 'a2', 'b1'].map(replicaId) as [ReplicaId, ReplicaId, ReplicaId];
const BLACKHOLE = '127.0.0.1:1';
export const addressOf = (id: ReplicaId): string => `${id}:6379`;

export type FakeServer = {
  readonly id: ReplicaId;
  life: number;
  /** `hung`: it keeps its connections and says nothing. */
  state: 'up' | 'hung' | 'down';
  role: 'master' | 'slave';
  lineage: Lineage;
  second: { readonly lineage: Lineage; readonly offset: bigint } | null;
  offset: bigint;
  follows: string | null;
  /** Who may replicate from it; null while nobody manages it: everybody. */
  inbound: ReadonlySet<ReplicaId> | null;
  /** Version of the sync set whose producers may write; null: nobody. */
  producer: number | null;
  paused: boolean;
  /** It takes nothing in although its link is up. */
  lags: boolean;
  /** Nothing arrives of whoever it follows, and its link goes on saying that it is up. */
  deaf: boolean;
  /** In a full resync from whoever it follows. */
  syncing: boolean;
  lastReceivedMs: number;
  /** Servers that it does not reach. */
  readonly noWayTo: Set<string>;
  /** Nodes that do not reach it. */
  readonly unreachableFrom: Set<NodeName>;
  /** What it answers to an action of that kind, instead of doing it. */
  readonly answers: Map<string, SteerOutcome>;
  keys: bigint;
  released: boolean;
};

export class FakeServers {
  nowMs: () => number = () => 0;
  /** Masters send nothing but what is written; otherwise something all the time. */
  idle = false;
  /** Steering that was carried out, as `b1 promote`. */
  readonly done: string[] = [];
  readonly #servers: ReadonlyMap<string, FakeServer>;
  #nextLineage = 2;

  /** One stream: the first is the master, the others follow it, and nobody manages them yet. */
  constructor(ids: readonly ReplicaId[] = [M, A2, B1]) {
    const master = must(ids[0], 'a group has a first server');
    this.#servers = new Map(
      ids.map((id) => [
        addressOf(id),
        {
          ...this.#boot(id, 1),
          lineage: lineage(`stream-of-${master}`),
          offset: 100n,
          keys: 1n,
          role: id === master ? 'master' : 'slave',
          follows: id === master ? null : addressOf(master),
          inbound: null,
        },
      ]),
    );
  }

  #boot(id: ReplicaId, life: number): FakeServer {
    return {
      id,
      life,
      state: 'up',
      role: 'slave',
      lineage: this.#freshLineage(),
      second: null,
      offset: 0n,
      follows: null,
      inbound: new Set(),
      producer: null,
      paused: false,
      lags: false,
      deaf: false,
      syncing: false,
      lastReceivedMs: 0,
      noWayTo: new Set(),
      unreachableFrom: new Set(),
      answers: new Map(),
      keys: 0n,
      released: false,
    };
  }

  #freshLineage(): Lineage {
    this.#nextLineage += 1;
    return lineage(`stream-${this.#nextLineage}`);
  }

  of(id: ReplicaId): FakeServer {
    return must(this.#servers.get(addressOf(id)), `a server ${id}`);
  }

  /** The process dies; connections to it are refused. */
  kill(id: ReplicaId): void {
    this.of(id).state = 'down';
  }

  /** It boots fenced, as another process and without data. */
  restart(id: ReplicaId): void {
    const { life, unreachableFrom } = this.of(id);
    Object.assign(this.of(id), this.#boot(id, life + 1), { unreachableFrom });
  }

  /** A write on every master that takes writes. */
  write(bytes = 10n): void {
    for (const server of this.#servers.values()) if (this.#isWritable(server)) server.offset += bytes;
    this.#replicate();
  }

  writable(): ReplicaId[] {
    return [...this.#servers.values()].filter((server) => this.#isWritable(server)).map(({ id }) => id);
  }

  #isWritable({ state, role, producer, paused }: FakeServer): boolean {
    return state !== 'down' && role === 'master' && producer !== null && !paused;
  }

  #linked(slave: FakeServer): FakeServer | null {
    const upstream = slave.follows === null ? undefined : this.#servers.get(slave.follows);
    if (upstream === undefined || upstream.state === 'down' || slave.state === 'down') return null;
    if (slave.noWayTo.has(upstream.id)) return null;
    return upstream.inbound === null || upstream.inbound.has(slave.id) ? upstream : null;
  }

  /** Twice, so that a slave of a slave has it too. */
  #replicate(): void {
    for (const slave of [...this.#servers.values(), ...this.#servers.values()]) {
      const upstream = this.#linked(slave);
      if (upstream === null || upstream.state === 'hung' || slave.state === 'hung' || slave.deaf) continue;
      if (!this.idle || slave.offset !== upstream.offset) slave.lastReceivedMs = this.nowMs();
      if (slave.lags) continue;
      const { lineage: stream, second, offset, keys } = upstream;
      Object.assign(slave, { lineage: stream, second, offset, keys });
    }
  }

  report(server: FakeServer): ServerReport {
    const { role, offset, second } = server;
    const address = server.follows ?? BLACKHOLE;
    const linkUp = this.#linked(server) !== null;
    const lastReceivedSecondsAgo = linkUp ? Math.floor((this.nowMs() - server.lastReceivedMs) / 1_000) : -1;
    const syncing = server.syncing && server.follows !== null;
    return {
      incarnation: incarnation(`${server.id}-${server.life}`),
      role,
      loading: false,
      lineage: server.lineage,
      secondLineage: second?.lineage ?? null,
      secondOffset: second?.offset ?? -1n,
      offset,
      follows:
        role === 'master' ? null : { address, linkUp: linkUp && !syncing, syncing, lastReceivedSecondsAgo },
      connectedSlaves: [...this.#servers.values()].filter((one) => this.#linked(one) === server).length,
      epoch: null,
    };
  }

  /** A test may stand between. */
  probe = (address: string, node: NodeName): ProbeOutcome => {
    const server = this.#servers.get(address);
    this.#replicate();
    if (server === undefined || server.state === 'down') return { kind: 'refused', error: 'ECONNREFUSED' };
    if (server.state === 'hung' || server.unreachableFrom.has(node)) return { kind: 'silent', waitedMs: 100 };
    return { kind: 'answered', answerMs: 1, report: this.report(server) };
  };

  readonly steer = ({ target, action }: SteerRequest, node: NodeName): SteerOutcome => {
    const server = this.#servers.get(target.address);
    if (server === undefined || server.state !== 'up' || server.unreachableFrom.has(node))
      return { kind: 'failed', reason: 'unreachable', detail: `${target.address} does not answer` };
    const answer = server.answers.get(action.kind);
    if (answer !== undefined) return answer;
    if (action.kind === 'inspect') return { kind: 'inspected', inspection: this.#inspection(server) };
    const report = this.report(server);
    if ('expectedIncarnation' in action && action.expectedIncarnation !== report.incarnation)
      return { kind: 'failed', reason: 'mismatch', detail: `runs as ${report.incarnation}` };
    if (action.kind === 'keepTail') {
      const { lineage: of, cut } = action;
      const counts = { writes: 2, perhapsExpiries: 0, others: 1 };
      const place = { node: nodeName('pollux-a'), file: 'tails/t.resp', sha256: 'ab' };
      const bytes = Number(server.offset - cut);
      this.done.push(`${server.id} keepTail`);
      return {
        kind: 'tailKept',
        tail: {
          replica: server.id,
          ...place,
          lineage: of,
          cut,
          offset: server.offset,
          bytes,
          complete: true,
          ...counts,
        },
      };
    }
    if (action.kind === 'check') {
      const check = { findings: [], administrators: [], fileWrites: 0, fileWritten: false };
      return { kind: 'checked', check };
    }
    this.done.push(`${server.id} ${action.kind}`);
    switch (action.kind) {
      case 'revoke':
        Object.assign(server, { role: 'slave', follows: null, inbound: new Set(), producer: null });
        break;
      case 'promote': {
        if (server.offset < action.minimumOffset)
          return { kind: 'failed', reason: 'mismatch', detail: `stands at ${server.offset}` };
        if (server.role === 'slave') {
          const second = { lineage: server.lineage, offset: server.offset };
          Object.assign(server, { role: 'master', second, lineage: this.#freshLineage(), follows: null });
        }
        this.#grant(server, action.members, action.producer.syncSetVersion);
        break;
      }
      case 'grant':
        this.#grant(server, action.members, action.producer?.syncSetVersion ?? null);
        break;
      case 'attach':
        Object.assign(server, { role: 'slave', follows: action.masterAddress });
        break;
      case 'pauseWrites':
      case 'resumeWrites':
        server.paused = action.kind === 'pauseWrites';
        break;
      case 'release':
        Object.assign(server, { inbound: null, released: true });
    }
    this.#replicate();
    return { kind: 'done', report: this.report(server) };
  };

  #grant(server: FakeServer, members: readonly ReplicaId[], producer: number | null): void {
    Object.assign(server, { inbound: new Set(members), producer, paused: false });
  }

  #inspection(server: FakeServer): Inspection {
    return {
      report: this.report(server),
      version: '7.0.15',
      configFile: '/etc/redis.conf',
      prepared: false,
      keys: server.keys,
      persistence: 'none',
      watchedBySentinel: false,
      problems: [],
      changes: [],
    };
  }
}
