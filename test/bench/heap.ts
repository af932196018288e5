/**
 * Memory over ten million commands through the loops of three nodes in one process: after each tenth, garbage is
 * collected and what remains is counted. The loops are those that ship; the disk, the network and the clock are not
 * there: a batch counts as written, messages are handed over in order, and time passes with the work. Snapshots are
 * taken as often as a tenth holds a whole number of times, so that each count finds logs of the same length.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Command } from '../../src/core/metadata/command.ts';
import type { NodeInput } from '../../src/core/node/inputs.ts';
import { NodeLoop } from '../../src/core/node/node-loop.ts';
import { type NodeName, nodeName, siteName } from '../../src/core/primitives/identifiers.ts';
import type { Instant } from '../../src/core/primitives/instant.ts';
import { seededRandom } from '../../src/core/primitives/seeded-random.ts';
import type { Benchmark, Outcome, Progress, Size } from './benchmark.ts';
import { pairMaker } from './processes/pair-maker.ts';
import { rounded } from './samples.ts';

/** A leak of one byte a command would show as more than this in the second half. */
const GOAL_RATIO = 1.05;
const COMMAND_BYTES = 200;
/** Divides both the commands of a tenth and those between two snapshots. */
const IN_FLIGHT = 64;
const COUNTS = 10;
const MEGABYTE = 1024 * 1024;
const SIZES = {
  full: { commands: 10_000_000, entriesBeforeSnapshot: 40_000 },
  tiny: { commands: 19_200, entriesBeforeSnapshot: 640 },
} as const satisfies Record<Size, unknown>;

const PLACES = [
  { node: nodeName('pollux-a'), site: siteName('idc-a') },
  { node: nodeName('pollux-b'), site: siteName('idc-b') },
  { node: nodeName('pollux-w'), site: siteName('witness') },
] as const;
const TICK_MS = 10;
const MOST_TICKS_TO_ELECT = 1_000;
/** So many inputs are handled between two ticks, about what a node under load does in that time. */
const INPUTS_PER_TICK = 2_000;

type Waiting = { readonly to: NodeName; readonly input: NodeInput };

class Tier {
  readonly #loops = new Map<NodeName, NodeLoop>();
  #queue: Waiting[] = [];
  #now: Instant = { monotonicMs: 1_000, wallMs: 1_700_000_000_000 };
  #handled = 0;
  readonly #onCommitted: () => void;

  constructor(entriesBeforeSnapshot: number, onCommitted: () => void) {
    this.#onCommitted = onCommitted;
    PLACES.forEach(({ node, site }, position) => {
      const options = {
        raft: {
          self: node,
          voters: PLACES.map((place) => place.node),
          electionTimeoutMs: 500,
          heartbeatIntervalMs: 50,
          clockDriftRatio: 0.1,
        },
        coordinator: {
          self: node,
          site,
          voters: PLACES,
          bootstrap: {
            tierId: 'benchmark',
            sites: PLACES.map((place) => ({ name: place.site, kind: 'idc' as const })),
            members: PLACES.map((place) => ({
              name: place.node,
              site: place.site,
              httpUrl: 'http://127.0.0.1',
            })),
            token: { id: 'benchmark', sha256: '0'.repeat(64), role: 'operator' as const, createdWallMs: 0 },
          },
          idPrefix: node,
          probeIntervalMs: 100,
        },
        requestTimeoutMs: 10_000,
        entriesBeforeSnapshot,
      };
      const nothing = {
        hardState: { term: 0, votedFor: null, commitIndex: 0 },
        snapshot: null,
        entries: [],
      };
      this.#loops.set(node, new NodeLoop(options, nothing, seededRandom(position + 1), this.#now));
    });
  }

  give(to: NodeName, input: NodeInput): void {
    this.#queue.push({ to, input });
  }

  /** Time passes until a leader has founded the tier. */
  elect(): NodeName {
    for (let ticks = 0; ticks < MOST_TICKS_TO_ELECT; ticks += 1) {
      this.tick();
      this.run();
      for (const [node, loop] of this.#loops)
        if (loop.status(this.#now).role === 'leader' && loop.state().tierId !== null) return node;
    }
    throw new Error('nobody was elected');
  }

  tick(): void {
    const { monotonicMs, wallMs } = this.#now;
    this.#now = { monotonicMs: monotonicMs + TICK_MS, wallMs: wallMs + TICK_MS };
    for (const node of this.#loops.keys()) this.give(node, { kind: 'tick' });
  }

  /** Handles inputs in the order in which they came, until there are none. */
  run(): void {
    while (this.#queue.length > 0) {
      const batch = this.#queue;
      this.#queue = [];
      for (const { to, input } of batch) this.#handle(to, input);
    }
  }

  #handle(node: NodeName, input: NodeInput): void {
    this.#handled += 1;
    if (this.#handled % INPUTS_PER_TICK === 0) this.tick();
    const effects = this.#loops.get(node)?.step(input, this.#now) ?? [];
    for (const effect of effects) {
      switch (effect.kind) {
        case 'persist':
          this.give(node, { kind: 'persisted', persistId: effect.persistId });
          break;
        case 'settle':
          this.give(node, { kind: 'settle' });
          break;
        case 'send':
          this.give(effect.to, { kind: 'peer', from: node, message: effect.message });
          break;
        case 'reply':
          if (!effect.reply.ok) throw new Error(`a command was refused: ${effect.reply.refusal.message}`);
          this.#onCommitted();
          break;
        default:
          break;
      }
    }
  }
}

/** What the collector leaves: objects, and the bytes outside of the heap that they hold. */
function collectedBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') throw new Error('this Node does not let its collector be called');
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function measure(size: Size, progress: Progress): Promise<Outcome> {
  const { commands, entriesBeforeSnapshot } = SIZES[size];
  const pairAt = pairMaker(COMMAND_BYTES);
  let [next, committed] = [0, 0];
  const propose = (): void => {
    const command: Command = { type: 'keyValue.set', ...pairAt(next) };
    next += 1;
    tier.give(leader, { kind: 'request', requestId: next, request: { type: 'propose', command } });
  };
  const tier = new Tier(entriesBeforeSnapshot, () => {
    committed += 1;
    if (next < until) propose();
  });
  const leader = tier.elect();
  const bytes: number[] = [];
  const startedMs = performance.now();
  let until = 0;
  for (let nth = 1; nth <= COUNTS; nth += 1) {
    until = (commands / COUNTS) * nth;
    for (let lane = 0; lane < IN_FLIGHT; lane += 1) propose();
    tier.run();
    if (committed !== until) throw new Error(`${committed} of ${until} commands are committed`);
    const counted = collectedBytes();
    bytes.push(counted);
    progress(`${committed} commands: ${rounded(counted / MEGABYTE)} MB`);
  }
  const elapsedMs = performance.now() - startedMs;
  const [middle = Number.NaN, end = Number.NaN] = [bytes[COUNTS / 2 - 1], bytes.at(-1)];
  return {
    figure: end / MEGABYTE,
    peer: middle / MEGABYTE,
    ratio: end / middle,
    unit: 'MB',
    met: end / middle <= GOAL_RATIO,
    goal: `at most ${GOAL_RATIO} of what it was after half of the commands`,
    comparedWith: 'the same three loops after half of the commands',
    details: {
      commands,
      commandBytes: COMMAND_BYTES,
      inFlight: IN_FLIGHT,
      entriesBeforeSnapshot,
      megabytes: bytes.map((each) => rounded(each / MEGABYTE)),
      grownBytesPerCommand: rounded((end - middle) / (commands / 2)),
      commandsPerSecond: Math.round((commands * 1_000) / elapsedMs),
    },
  };
}

export const heap: Benchmark = {
  summary: 'memory over ten million commands through the loops of three nodes',
  measure,
};
