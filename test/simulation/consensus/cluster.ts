/**
 * A whole Raft group in one process under a simulated clock, network and disk, all drawn from one seed. Messages are
 * lost, doubled, delayed and overtaken, ways are cut in one direction, nodes pause, crash with a batch on its way to
 * the disk and start again from what is there, clocks run at different speeds. The oracle judges every step.
 */
import assert from 'node:assert/strict';
import { type NodeName, nodeName } from '../../../src/core/primitives/identifiers.ts';
import { type SeededRandom, seededRandom } from '../../../src/core/primitives/seeded-random.ts';
import { createRaftCore, type RaftCore } from '../../../src/core/raft/raft-core.ts';
import type { RaftEntry, RaftEnvelope, RaftMessage, Ready } from '../../../src/core/raft/types.ts';
import { EventQueue } from '../world/event-queue.ts';
import { chained, type Leader, Oracle, textOf } from './oracle.ts';
import { SimulatedDisk } from './simulated-disk.ts';

export const ELECTION_TIMEOUT_MS = 100;
const HEARTBEAT_MS = 20;
const TICK_MS = 10;
const DRIFT = 0.2;
/** Each clock errs by less than half the drift between two of them. */
const CLOCK_ERROR = DRIFT * 0.49;
const ENTRIES_BETWEEN_SNAPSHOTS = 12;

type Life = { readonly core: RaftCore; batchOut: Ready | null; leadsTerm: number };

type SimulatedNode = {
  readonly name: NodeName;
  readonly clockRate: number;
  readonly disk: SimulatedDisk;
  life: Life | null;
  pausedUntilMs: number;
  inbox: (() => void)[];
  appliedIndex: number;
  digest: number;
};

export type Faults = {
  readonly loss: number;
  readonly duplication: number;
  /** Longest delay of an ordinary message, and the share of those that take far longer. */
  readonly delayMs: number;
  readonly longDelay: number;
  /** Longest ordinary write, and the share of those that take far longer. */
  readonly diskMs: number;
  readonly longWrite: number;
  readonly crash: number;
  /** While a batch is on its way to the disk. */
  readonly crashInBatch: number;
  readonly downMs: number;
  readonly cut: number;
  /** A node loses all its ways out, or all its ways in, or both. */
  readonly isolation: number;
  readonly pause: number;
  readonly transfer: number;
};

export const NO_FAULTS: Faults = {
  loss: 0,
  duplication: 0,
  delayMs: 4,
  longDelay: 0,
  diskMs: 2,
  longWrite: 0,
  crash: 0,
  crashInBatch: 0,
  downMs: 0,
  cut: 0,
  isolation: 0,
  pause: 0,
  transfer: 0,
};

export class Cluster {
  readonly oracle = new Oracle();
  readonly nodes: SimulatedNode[];
  readonly counts = { leaders: 0, crashes: 0, snapshots: 0, reads: 0, leases: 0, transfers: 0 };
  faults: Faults = NO_FAULTS;
  readonly #random: SeededRandom;
  readonly #voters: readonly NodeName[];
  readonly #entriesPerAppend: number;
  readonly #cuts = new Set<string>();
  readonly #reads = new Map<number, number>();
  readonly #queue = new EventQueue();
  #nextId = 1;
  nowMs = 0;

  constructor(seed: number, size: number) {
    this.#random = seededRandom(seed);
    this.#entriesPerAppend = this.#random.integer(1, 4);
    this.#voters = Array.from({ length: size }, (_, position) => nodeName(`n${position + 1}`));
    this.nodes = this.#voters.map((name) => ({
      name,
      clockRate: 1 + (this.#random.next() * 2 - 1) * CLOCK_ERROR,
      disk: new SimulatedDisk(),
      life: null,
      pausedUntilMs: 0,
      inbox: [],
      appliedIndex: 0,
      digest: 0,
    }));
    for (const node of this.nodes) {
      this.start(node);
      this.#tickForEver(node);
    }
  }

  run(forMs: number): void {
    const endMs = this.nowMs + forMs;
    for (let event = this.#queue.takeUntil(endMs); event !== null; event = this.#queue.takeUntil(endMs)) {
      this.nowMs = event.atMs;
      event.run();
    }
    this.nowMs = endMs;
  }

  /** Everything works again from now on. */
  heal(): void {
    this.faults = NO_FAULTS;
    this.#cuts.clear();
    for (const node of this.nodes) {
      node.pausedUntilMs = 0;
      if (node.life === null) this.start(node);
    }
  }

  start(node: SimulatedNode): void {
    const restored = node.disk.read();
    node.appliedIndex = 0;
    node.digest = 0;
    if (restored.snapshot !== null) this.#restore(node, restored.snapshot);
    const core = createRaftCore(
      {
        self: node.name,
        voters: this.#voters,
        electionTimeoutMs: ELECTION_TIMEOUT_MS,
        heartbeatIntervalMs: HEARTBEAT_MS,
        clockDriftRatio: DRIFT,
        limits: {
          entriesPerAppend: this.#entriesPerAppend,
          bytesPerAppend: 40,
          appendsInFlight: 4,
          snapshotChunkBytes: 48,
          entriesKeptBehindSnapshot: 4,
          entriesPerApply: 7,
          roundsRemembered: 64,
        },
      },
      restored,
      this.#random,
      this.#localMs(node),
    );
    node.life = { core, batchOut: null, leadsTerm: 0 };
    this.#pump(node);
  }

  /** The batch on its way may have reached the disk, whole, or not. */
  crash(node: SimulatedNode): void {
    const batch = node.life?.batchOut?.persist ?? null;
    if (batch !== null && this.#random.next() < 0.3) this.#write(node, batch);
    node.life = null;
    node.inbox = [];
    this.counts.crashes += 1;
  }

  leader(): SimulatedNode | null {
    return this.nodes.find((node) => node.life?.core.status().role === 'leader') ?? null;
  }

  /** Hands a command to whoever leads; true when it was taken. */
  propose(node: SimulatedNode): boolean {
    const { life } = node;
    if (life === null || life.batchOut !== null) return false;
    const count = this.#random.integer(1, 5);
    const commands = Array.from({ length: count }, () => Buffer.from(`c${this.#nextId++}`));
    const taken = life.core.propose(commands, this.#localMs(node)) !== null;
    this.#pump(node);
    return taken;
  }

  read(node: SimulatedNode): void {
    const { life } = node;
    if (life === null || life.batchOut !== null) return;
    const readId = this.#nextId++;
    const { decided } = this.oracle;
    if (life.core.requestRead(readId, this.#localMs(node))) this.#reads.set(readId, decided);
    this.#pump(node);
  }

  #localMs(node: SimulatedNode): number {
    return 1_000 + this.nowMs * node.clockRate;
  }

  #tickForEver(node: SimulatedNode): void {
    this.#at(TICK_MS * (0.5 + this.#random.next()), () => {
      this.#input(node, () => node.life?.core.tick(this.#localMs(node)));
      this.#misbehave(node);
      this.#tickForEver(node);
    });
  }

  /** Faults and clients, drawn once a tick. */
  #misbehave(node: SimulatedNode): void {
    const { crash, cut, isolation, pause, transfer } = this.faults;
    const chance = (probability: number): boolean => this.#random.next() < probability;
    if (node.life !== null && chance(crash)) this.#crashForAWhile(node);
    if (chance(cut))
      this.#cut([`${node.name}>${this.#voters[this.#random.integer(0, this.#voters.length)]}`]);
    if (chance(isolation)) this.#isolate(node.name);
    if (chance(pause)) node.pausedUntilMs = this.nowMs + this.#random.next() * 3 * ELECTION_TIMEOUT_MS;
    if (this.nowMs < node.pausedUntilMs) return;
    if (chance(transfer)) this.#transfer(node);
    if (chance(0.3)) this.propose(node);
    if (chance(0.1)) this.read(node);
  }

  #crashForAWhile(node: SimulatedNode): void {
    this.crash(node);
    const isQuick = this.#random.next() < 0.5;
    this.#at(this.#random.next() * (isQuick ? ELECTION_TIMEOUT_MS / 10 : this.faults.downMs), () => {
      if (node.life === null) this.start(node);
    });
  }

  #isolate(name: NodeName): void {
    const others = this.#voters.filter((voter) => voter !== name);
    const [out, back] = [this.#random.next() < 0.8, this.#random.next() < 0.8];
    this.#cut(
      others.flatMap((other) => [
        ...(out ? [`${name}>${other}`] : []),
        ...(back ? [`${other}>${name}`] : []),
      ]),
    );
  }

  #cut(ways: readonly string[]): void {
    for (const way of ways) this.#cuts.add(way);
    this.#at(this.#random.next() * 5 * ELECTION_TIMEOUT_MS, () => {
      for (const way of ways) this.#cuts.delete(way);
    });
  }

  #transfer(node: SimulatedNode): void {
    const { life } = node;
    if (life === null || life.batchOut !== null) return;
    if (life.core.transferLeadership(null, this.#localMs(node))) this.counts.transfers += 1;
    this.#pump(node);
  }

  /** One input to completion; it waits while a batch is out or the process stands still. */
  #input(node: SimulatedNode, run: () => void): void {
    node.inbox.push(run);
    this.#pump(node);
  }

  #pump(node: SimulatedNode): void {
    const { life } = node;
    while (life !== null && node.life === life && life.batchOut === null) {
      if (this.nowMs < node.pausedUntilMs) return;
      const run = node.inbox.shift();
      if (run !== undefined) run();
      else if (!life.core.hasReady()) return;
      this.#observe(node, life);
      if (life.core.hasReady() && this.#random.next() < 0.8) this.#takeBatch(node, life);
    }
  }

  #takeBatch(node: SimulatedNode, life: Life): void {
    const ready = life.core.takeReady();
    life.batchOut = ready;
    this.#send(node, ready.messagesNow);
    if (ready.persist === null) this.#finishBatch(node, life);
    else this.#awaitDisk(node, life);
  }

  #awaitDisk(node: SimulatedNode, life: Life): void {
    const { diskMs, longWrite, crashInBatch } = this.faults;
    const isLong = this.#random.next() < longWrite;
    const writeMs = 0.1 + this.#random.next() * (isLong ? ELECTION_TIMEOUT_MS : diskMs);
    if (this.#random.next() < crashInBatch)
      this.#at(this.#random.next() * writeMs, () => {
        if (node.life === life) this.#crashForAWhile(node);
      });
    this.#at(writeMs, () => {
      if (node.life !== life) return;
      this.#finishBatch(node, life);
      this.#pump(node);
    });
  }

  #finishBatch(node: SimulatedNode, life: Life): void {
    const persist = life.batchOut?.persist ?? null;
    if (persist !== null) this.#write(node, persist);
    life.batchOut = null;
    const done = life.core.acknowledge();
    this.#send(node, done.messages);
    this.#observe(node, life);
    if (done.snapshotToRestore !== null) this.#restore(node, done.snapshotToRestore);
    for (const entry of done.committed) this.#apply(node, life, entry);
    for (const { readId, index } of done.confirmedReads) {
      this.oracle.readConfirmed(node.name, index, this.#takeRead(readId));
      this.counts.reads += 1;
    }
    for (const readId of done.refusedReads) this.#takeRead(readId);
    const { snapshotIndex, commitIndex } = life.core.status();
    assert.ok(commitIndex <= node.disk.lastIndex, 'a commit index is on the own disk');
    if (node.appliedIndex - snapshotIndex >= ENTRIES_BETWEEN_SNAPSHOTS)
      life.core.compact(node.appliedIndex, this.#snapshotOf(node));
  }

  #write(node: SimulatedNode, batch: NonNullable<Ready['persist']>): void {
    node.disk.write(batch);
    this.oracle.persisted(node.name, node.disk, batch.entries);
  }

  #takeRead(readId: number): number {
    const decided = this.#reads.get(readId);
    assert.ok(decided !== undefined, `read ${readId} is answered once, and was asked for`);
    this.#reads.delete(readId);
    return decided;
  }

  /** Tells the oracle of every new leadership at the moment it begins. */
  #observe(node: SimulatedNode, life: Life): void {
    const { role, term } = life.core.status();
    if (role !== 'leader' || life.leadsTerm === term) return;
    life.leadsTerm = term;
    this.counts.leaders += 1;
    this.oracle.elected(node.name, term, node.disk, this.#leaders());
  }

  #leaders(): Leader[] {
    const leaders: Leader[] = [];
    for (const node of this.nodes) {
      const status = node.life?.core.status();
      if (status?.role !== 'leader') continue;
      const leaseHolds = this.#localMs(node) < status.leaseUntilMs;
      if (leaseHolds) this.counts.leases += 1;
      leaders.push({ node: node.name, term: status.term, leaseHolds });
    }
    return leaders;
  }

  #apply(node: SimulatedNode, life: Life, entry: RaftEntry): void {
    assert.equal(
      entry.index,
      node.appliedIndex + 1,
      'each committed entry is handed out exactly once, in order',
    );
    this.oracle.applied(node.name, life.core.status().term, entry, this.#leaders());
    node.appliedIndex = entry.index;
    node.digest = chained(node.digest, entry.term, textOf(entry.data));
  }

  #snapshotOf(node: SimulatedNode): Uint8Array {
    return Buffer.from(`${node.digest} ${'x'.repeat(node.appliedIndex % 150)}`);
  }

  #restore(node: SimulatedNode, snapshot: { readonly index: number; readonly data: Uint8Array }): void {
    const digest = Number(textOf(snapshot.data).split(' ')[0]);
    assert.equal(
      digest,
      this.oracle.digestAt(snapshot.index),
      `snapshot at ${snapshot.index} on ${node.name}`,
    );
    node.appliedIndex = snapshot.index;
    node.digest = digest;
    this.counts.snapshots += 1;
  }

  #send(node: SimulatedNode, envelopes: readonly RaftEnvelope[]): void {
    for (const { to, message } of envelopes) {
      this.oracle.sent(node.name, to, message);
      if (this.#random.next() >= this.faults.loss) this.#deliver(node.name, to, message);
      if (this.#random.next() < this.faults.duplication) this.#deliver(node.name, to, message);
    }
  }

  #deliver(from: NodeName, to: NodeName, message: RaftMessage): void {
    const isLong = this.#random.next() < this.faults.longDelay;
    const delayMs = 0.5 + this.#random.next() * (isLong ? 5 * ELECTION_TIMEOUT_MS : this.faults.delayMs);
    this.#at(delayMs, () => {
      const target = this.nodes.find(({ name }) => name === to);
      if (target === undefined || target.life === null || this.#cuts.has(`${from}>${to}`)) return;
      this.#input(target, () => target.life?.core.step(from, message, this.#localMs(target)));
    });
  }

  #at(delayMs: number, run: () => void): void {
    this.#queue.add(this.nowMs + delayMs, run);
  }
}
