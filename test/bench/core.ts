/**
 * The pure core: three voters in one process, entries of 200 bytes, 64 of them under way. No disk, no network and no
 * state machine: a batch counts as written at once, and messages are handed over as objects, in order. Snapshots of no
 * bytes are taken as often as a node takes its own, so that the log stays as long as it would.
 */
import { nodeName } from '../../src/core/primitives/identifiers.ts';
import { LIMITS } from '../../src/core/primitives/limits.ts';
import { seededRandom } from '../../src/core/primitives/seeded-random.ts';
import { createRaftCore, type RaftCore } from '../../src/core/raft/raft-core.ts';
import type { RaftEnvelope } from '../../src/core/raft/types.ts';
import type { Benchmark, Outcome, Progress, Size } from './benchmark.ts';
import { median, rounded } from './samples.ts';

const GOAL_PER_SECOND = 300_000;
const ENTRY_BYTES = 200;
const IN_FLIGHT = 64;
const SIZES = {
  full: { rounds: 9, warmup: 200_000, entries: 500_000 },
  tiny: { rounds: 1, warmup: 640, entries: 6_400 },
} as const satisfies Record<Size, unknown>;

const VOTERS = ['pollux-a', 'pollux-b', 'pollux-w'].map((name) => nodeName(name));
const TICK_MS = 10;
const MOST_TICKS_TO_ELECT = 1_000;
/** Between two looks at the clock, as many turns go by as a tick lasts at the rate of the goal. */
const TURNS_PER_TICK = Math.round((GOAL_PER_SECOND / IN_FLIGHT / 1_000) * TICK_MS);

/** How the client hands over what it wants committed: all of one turn at once, as a node's loop does, or one by one. */
type Handing = 'gathered' | 'single';

type Member = { readonly core: RaftCore; snapshotIndex: number; committed: number };

class Group {
  readonly #members = new Map<string, Member>();
  readonly #queue: { readonly from: (typeof VOTERS)[number]; readonly envelope: RaftEnvelope }[] = [];
  #nowMs = 0;

  constructor() {
    VOTERS.forEach((self, position) => {
      const core = createRaftCore(
        { self, voters: VOTERS, electionTimeoutMs: 500, heartbeatIntervalMs: 50, clockDriftRatio: 0.1 },
        { hardState: { term: 0, votedFor: null, commitIndex: 0 }, snapshot: null, entries: [] },
        seededRandom(position + 1),
        this.#nowMs,
      );
      this.#members.set(self, { core, snapshotIndex: 0, committed: 0 });
    });
  }

  /** Time passes until somebody leads and has committed in its term. */
  elect(): Member {
    for (let ticks = 0; ticks < MOST_TICKS_TO_ELECT; ticks += 1) {
      this.tick();
      this.settle();
      for (const member of this.#members.values()) {
        const { role, hasCommittedInTerm } = member.core.status();
        if (role === 'leader' && hasCommittedInTerm) return member;
      }
    }
    throw new Error('nobody was elected');
  }

  tick(): void {
    this.#nowMs += TICK_MS;
    for (const { core } of this.#members.values()) core.tick(this.#nowMs);
  }

  propose(leader: Member, commands: readonly Uint8Array[]): void {
    if (leader.core.propose(commands, this.#nowMs) === null) throw new Error('the leader takes no commands');
  }

  /** Every node works until none has anything to do: what one sends is handed to the others in the order of sending. */
  settle(): void {
    let isBusy = true;
    while (isBusy) {
      isBusy = false;
      for (const [name, member] of this.#members) isBusy = this.#drain(nodeName(name), member) || isBusy;
      for (const { from, envelope } of this.#queue.splice(0)) {
        this.#members.get(envelope.to)?.core.step(from, envelope.message, this.#nowMs);
        isBusy = true;
      }
    }
  }

  #drain(name: (typeof VOTERS)[number], member: Member): boolean {
    const { core } = member;
    let isBusy = false;
    while (core.hasReady()) {
      isBusy = true;
      for (const envelope of core.takeReady().messagesNow) this.#queue.push({ from: name, envelope });
      const { messages, committed } = core.acknowledge();
      for (const envelope of messages) this.#queue.push({ from: name, envelope });
      for (const { kind } of committed) if (kind === 'command') member.committed += 1;
      const last = committed.at(-1)?.index ?? 0;
      if (last - member.snapshotIndex >= LIMITS.entriesBeforeSnapshot) {
        core.compact(last, NO_STATE);
        member.snapshotIndex = last;
      }
    }
    return isBusy;
  }

  committedByEach(): readonly number[] {
    return [...this.#members.values()].map(({ committed }) => committed);
  }
}

const NO_STATE = new Uint8Array(0);

/** Every entry has bytes of its own, from the pool that Node makes small Buffers of, as encoded commands have. */
const payload = (position: number): Uint8Array => Buffer.allocUnsafe(ENTRY_BYTES).fill(position & 0xff);

type Run = { readonly perSecond: number; readonly turns: number };

/** The client keeps `IN_FLIGHT` commands under way: for each that is committed it hands over the next. */
function commitEntries(group: Group, leader: Member, entries: number, handing: Handing): Run {
  const before = leader.committed;
  let proposed = 0;
  let turns = 0;
  const startedMs = performance.now();
  while (leader.committed - before < entries) {
    const free = Math.min(IN_FLIGHT - (proposed - (leader.committed - before)), entries - proposed);
    const commands = Array.from({ length: free }, (_, nth) => payload(proposed + nth));
    if (handing === 'gathered') group.propose(leader, commands);
    else for (const command of commands) group.propose(leader, [command]);
    proposed += free;
    group.settle();
    turns += 1;
    if (turns % TURNS_PER_TICK === 0) group.tick();
  }
  return { perSecond: (entries * 1_000) / (performance.now() - startedMs), turns };
}

/** The peer: the same entries, as objects in three arrays, handed over and acknowledged; nothing is decided or kept. */
function moveEntries(entries: number): Run {
  type Entry = { readonly index: number; readonly term: number; readonly data: Uint8Array };
  const logs: Entry[][] = [[], [], []];
  let committed = 0;
  let turns = 0;
  const startedMs = performance.now();
  while (committed < entries) {
    const count = Math.min(IN_FLIGHT, entries - committed);
    const batch = Array.from(
      { length: count },
      (_, nth): Entry => ({
        index: committed + nth + 1,
        term: 1,
        data: payload(committed + nth),
      }),
    );
    for (const log of logs) {
      for (const entry of batch) log.push(entry);
      if (log.length >= LIMITS.entriesBeforeSnapshot)
        log.splice(0, log.length - LIMITS.entriesKeptBehindSnapshot);
    }
    committed += count;
    turns += 1;
  }
  return { perSecond: (entries * 1_000) / (performance.now() - startedMs), turns };
}

async function measure(size: Size, progress: Progress): Promise<Outcome> {
  const { rounds, warmup, entries } = SIZES[size];
  const group = new Group();
  const leader = group.elect();
  for (const handing of ['gathered', 'single'] as const) commitEntries(group, leader, warmup, handing);
  moveEntries(warmup);
  const measured: Record<Handing | 'bare', Run[]> = { gathered: [], single: [], bare: [] };
  for (let round = 1; round <= rounds; round += 1) {
    measured.gathered.push(commitEntries(group, leader, entries, 'gathered'));
    measured.bare.push(moveEntries(entries));
    measured.single.push(commitEntries(group, leader, entries, 'single'));
    const shown = Object.entries(measured).map(
      ([which, runs]) => `${which} ${Math.round(runs.at(-1)?.perSecond ?? 0)}/s`,
    );
    progress(`round ${round}: ${shown.join(', ')}`);
  }
  const perSecond = (runs: readonly Run[]): number => median(runs.map((run) => run.perSecond));
  const figure = perSecond(measured.gathered);
  const peer = perSecond(measured.bare);
  const each = group.committedByEach();
  const expected = 2 * (warmup + rounds * entries);
  if (each.some((committed) => committed !== expected))
    throw new Error(`the nodes committed ${each.join(', ')} of ${expected} entries`);
  return {
    figure,
    peer,
    ratio: figure / peer,
    unit: 'entries/s',
    met: figure >= GOAL_PER_SECOND,
    goal: `at least ${GOAL_PER_SECOND} committed entries a second`,
    comparedWith: 'the same entries moved through three arrays, without consensus',
    details: {
      entryBytes: ENTRY_BYTES,
      inFlight: IN_FLIGHT,
      entriesPerRound: entries,
      rounds,
      entriesPerTurn: rounded(entries / median(measured.gathered.map(({ turns }) => turns))),
      perRound: measured.gathered.map((run) => Math.round(run.perSecond)),
      proposedOneByOnePerSecond: Math.round(perSecond(measured.single)),
    },
  };
}

export const core: Benchmark = {
  summary: 'entries committed by the pure core of three nodes in one process',
  measure,
};
