/**
 * Servers and producers, as small as they can be and still lose writes. Servers hold lists of writes; a producer
 * counts what WAIT would count; a killed server comes back empty, as another process.
 *
 * The books of acknowledged writes share no arithmetic with the rules that they judge: whether a write was acknowledged
 * is decided by who is attached and holds it.
 */
import type { ServerReport } from '../../src/core/liveness/observation.ts';
import type { Replica } from '../../src/core/metadata/state.ts';
import { must } from '../../src/core/primitives/assert.ts';
import {
  type Lineage,
  lineage,
  type ReplicaId,
  type SiteName,
} from '../../src/core/primitives/identifiers.ts';
import { A2, addressOf, B1, B2, M, processOf } from '../core/failover/group-fixture.ts';

const BYTES_PER_WRITE = 10n;
const BLACKHOLE = '127.0.0.1:1';
export const SERVERS = [M, A2, B1, B2] as const;

export type ModelServer = {
  readonly id: ReplicaId;
  life: number;
  up: boolean;
  role: 'master' | 'slave';
  writes: number[];
  lineage: Lineage;
  second: { lineage: Lineage; offset: bigint } | null;
  follows: ReplicaId | null;
  inbound: Set<ReplicaId>;
  /** k of the sync set whose producers may write here; null when none may. */
  waitCount: number | null;
  /** The tier reaches it. */
  reachable: boolean;
  /** It and the others of its IDC are cut off from the other IDC. */
  cutOff: boolean;
};

export const offsetOf = (server: ModelServer): bigint => BigInt(server.writes.length) * BYTES_PER_WRITE;

export class ModelServers {
  readonly all: ReadonlyMap<ReplicaId, ModelServer>;
  readonly acknowledged = new Set<number>();
  readonly #sites: ReadonlyMap<ReplicaId, SiteName>;
  #nextWrite = 1;
  #nextLineage = 1;

  /** All of them on one stream, the first one their master, with producers that wait for `waitCount` slaves. */
  constructor(replicas: readonly Pick<Replica, 'id' | 'site'>[], waitCount: number) {
    this.#sites = new Map(replicas.map((replica) => [replica.id, replica.site]));
    this.all = new Map(SERVERS.map((id) => [id, this.#server(id)]));
    const master = this.of(M);
    master.role = 'master';
    master.inbound = new Set([A2, B1, B2]);
    master.waitCount = waitCount;
    for (const id of [A2, B1, B2]) this.of(id).follows = M;
  }

  #server(id: ReplicaId): ModelServer {
    return {
      id,
      life: 1,
      up: true,
      role: 'slave',
      writes: [],
      lineage: lineage('L1'),
      second: null,
      follows: null,
      inbound: new Set(),
      waitCount: null,
      reachable: true,
      cutOff: false,
    };
  }

  of(id: ReplicaId): ModelServer {
    return must(this.all.get(id), 'a model server');
  }

  freshLineage(): Lineage {
    this.#nextLineage += 1;
    return lineage(`X${this.#nextLineage}`);
  }

  #connected(one: ModelServer, other: ModelServer): boolean {
    const site = (server: ModelServer) => this.#sites.get(server.id);
    return one.up && other.up && (site(one) === site(other) || !(one.cutOff || other.cutOff));
  }

  attachedTo(master: ModelServer): ModelServer[] {
    return [...this.all.values()].filter(
      (server) =>
        server.follows === master.id && master.inbound.has(server.id) && this.#connected(server, master),
    );
  }

  /** A write on every server that takes any, an old master that nobody has fenced yet among them. */
  writeAnywhere(): void {
    for (const server of this.all.values()) {
      if (!server.up || server.role !== 'master' || server.waitCount === null) continue;
      server.writes.push(this.#nextWrite);
      this.#nextWrite += 1;
    }
  }

  /** A slave receives up to `count` further writes; a slave of a slave receives from that one. */
  replicate(id: ReplicaId, count: number): void {
    const slave = this.of(id);
    if (slave.follows === null || slave.role !== 'slave') return;
    const upstream = this.of(slave.follows);
    if (!upstream.inbound.has(id) || !this.#connected(slave, upstream)) return;
    const offset = offsetOf(slave);
    const shares =
      slave.lineage === upstream.lineage ||
      (upstream.second !== null &&
        slave.lineage === upstream.second.lineage &&
        offset <= upstream.second.offset);
    if (!shares || offset > offsetOf(upstream)) {
      slave.writes = [...upstream.writes];
      slave.second = upstream.second;
    } else {
      if (slave.lineage !== upstream.lineage) slave.second = { lineage: slave.lineage, offset };
      slave.writes = upstream.writes.slice(0, slave.writes.length + count);
    }
    slave.lineage = upstream.lineage;
  }

  /** Every producer that waits, on any master, learns what WAIT would count now. */
  acknowledgeEverywhere(): void {
    for (const master of this.all.values()) {
      const k = master.waitCount;
      if (!master.up || master.role !== 'master' || k === null || k === 0) continue;
      const held = this.attachedTo(master)
        .filter((slave) => slave.lineage === master.lineage)
        .map((slave) => slave.writes.length)
        .sort((one, other) => other - one);
      for (const write of master.writes.slice(0, held[k - 1] ?? 0)) this.acknowledged.add(write);
    }
  }

  kill(id: ReplicaId): void {
    this.of(id).up = false;
  }

  /** It boots fenced and without data. */
  restart(id: ReplicaId): void {
    const server = this.of(id);
    Object.assign(server, this.#server(id), {
      life: server.life + 1,
      lineage: this.freshLineage(),
      reachable: server.reachable,
      cutOff: server.cutOff,
    });
  }

  setReachable(id: ReplicaId, reachable: boolean): void {
    this.of(id).reachable = reachable;
  }

  setCutOff(id: ReplicaId, cutOff: boolean): void {
    this.of(id).cutOff = cutOff;
  }

  reaches(server: ModelServer): boolean {
    return server.up && server.reachable;
  }

  report(server: ModelServer): ServerReport {
    const upstream = server.follows === null ? null : this.of(server.follows);
    const linkUp = upstream?.inbound.has(server.id) === true && this.#connected(server, upstream);
    const address = server.follows === null ? BLACKHOLE : addressOf(server.follows);
    return {
      incarnation: processOf(server.id, server.life),
      role: server.role,
      loading: false,
      lineage: server.lineage,
      secondLineage: server.second?.lineage ?? null,
      secondOffset: server.second === null ? -1n : server.second.offset + 1n,
      offset: offsetOf(server),
      follows:
        server.role === 'master' ? null : { address, linkUp, syncing: false, lastReceivedSecondsAgo: 0 },
      connectedSlaves: this.attachedTo(server).length,
      epoch: null,
    };
  }

  revoke(server: ModelServer): void {
    server.inbound = new Set();
    server.waitCount = null;
    server.follows = null;
    server.role = 'slave';
  }
}
