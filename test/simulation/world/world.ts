/**
 * A whole tier in one process under virtual time: nodes, network, disks and clocks, all of it drawn from one seed. The
 * same seed is the same history. Where drivers of brokers take part, what they promised is settled before the next
 * event; without them nothing is ever awaited.
 */
import type { NodeInput } from '../../../src/core/node/inputs.ts';
import type { PeerMessage } from '../../../src/core/node/peer-message.ts';
import { must } from '../../../src/core/primitives/assert.ts';
import type { NodeName } from '../../../src/core/primitives/identifiers.ts';
import type { Oracle } from '../oracles/oracle.ts';
import type { DriverFactory } from './environment.ts';
import { EventQueue } from './event-queue.ts';
import { type Fault, perform } from './faults.ts';
import { Judge } from './judge.ts';
import { FAIR_WEATHER, Network, type Weather } from './network.ts';
import { nodeOptions, type TierTiming } from './node-options.ts';
import { STANDINGS, type Standing, type TierSize } from './places.ts';
import { SimulatedNode } from './simulated-node.ts';
import { type Streams, streamsOf } from './streams.ts';

export type WorldOptions = {
  readonly seed: number;
  readonly size: TierSize;
  readonly timing: TierTiming;
  readonly tickIntervalMs: number;
  readonly weather?: Weather;
  readonly oracles: readonly Oracle[];
  /** Nodes leave the marks by which the tier knows a lost disk. */
  readonly areNodesMarked?: boolean;
  readonly drivers?: DriverFactory;
  /** Lets everything that was promised come true before the next event; one turn of the real event loop by default. */
  readonly settle?: () => Promise<void>;
  /** Takes each line of the readable transcript. */
  readonly onNote?: (line: string) => void;
};

const oneTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export class World {
  readonly options: WorldOptions;
  readonly streams: Streams;
  readonly standings: readonly Standing[];
  readonly network: Network;
  readonly judge: Judge;
  readonly nodes: readonly SimulatedNode[];
  /** How often each kind of thing happened. */
  readonly counts: Record<string, number> = {};
  nowMs = 0;
  /** Inputs that the loops handled. */
  steps = 0;
  readonly #queue = new EventQueue();
  #fingerprint = 0;
  /** Faults that wait for somebody to begin to lead, the oldest first. */
  readonly #awaitingElection: { readonly afterMs: number; readonly fault: Fault }[] = [];
  /** Of which disk of its sender the newest message was that arrived, by sender and receiver. */
  readonly #newestDisks = new Map<string, number>();
  #isHealed = false;
  #failure: { readonly error: unknown } | null = null;

  constructor(options: WorldOptions) {
    this.options = options;
    this.streams = streamsOf(options.seed);
    this.standings = STANDINGS[options.size];
    this.network = new Network(this.standings, this.streams('network'));
    this.network.weather = options.weather ?? FAIR_WEATHER;
    this.judge = new Judge(options.oracles);
    this.nodes = this.standings.map(
      (standing) => new SimulatedNode(this, standing, nodeOptions(standing, this.standings, options.timing)),
    );
    this.judge.begin(this.nodes);
    for (const node of this.nodes) node.start();
  }

  /** A digest of everything that happened: equal for equal histories, and as good as never else. */
  get fingerprint(): number {
    return this.#fingerprint;
  }

  get isHealed(): boolean {
    return this.#isHealed;
  }

  node(name: NodeName): SimulatedNode {
    return must(
      this.nodes.find((node) => node.name === name),
      `${name} is a node`,
    );
  }

  /** Of those who call themselves leader the one of the latest term. */
  leader(): SimulatedNode | null {
    let leader: SimulatedNode | null = null;
    for (const node of this.nodes)
      if (node.leads && (leader === null || node.status().term > leader.status().term)) leader = node;
    return leader;
  }

  at(delayMs: number, run: () => void): void {
    this.#queue.add(this.nowMs + delayMs, run);
  }

  async run(forMs: number): Promise<void> {
    await this.runUntil(() => false, forMs);
  }

  /** Lets time pass until the condition holds, which is looked at after every event; false when it does not in time. */
  async runUntil(condition: () => boolean, limitMs: number): Promise<boolean> {
    const endMs = this.nowMs + limitMs;
    const settle = this.options.drivers === undefined ? null : (this.options.settle ?? oneTurn);
    while (!condition()) {
      const event = this.#queue.takeUntil(endMs);
      if (event === null) {
        this.nowMs = endMs;
        return false;
      }
      this.nowMs = event.atMs;
      event.run();
      if (settle !== null) await settle();
      if (this.#failure !== null) throw this.#failure.error;
    }
    return true;
  }

  /** Carries a fault out, if it has a victim now. */
  perform(fault: Fault): void {
    if (this.#isHealed || !perform(this, fault)) return;
    this.count(fault.kind);
    this.note(`fault ${JSON.stringify(fault)}`);
  }

  /** The same, so long after the next election; each election sets off one such fault. */
  performAfterElection(afterMs: number, fault: Fault): void {
    this.#awaitingElection.push({ afterMs, fault });
  }

  /** From now on everything works, except that clocks go on to drift. */
  heal(): void {
    this.note('everything works again');
    this.#isHealed = true;
    this.network.heal();
    for (const node of this.nodes) node.heal();
  }

  send(from: SimulatedNode, to: NodeName, message: PeerMessage): void {
    for (const oracle of this.judge.oracles) oracle.sent?.(from, to, message);
    if (!this.network.carries(from.name, to)) return;
    const { number } = from.directory;
    for (const delayMs of this.network.delaysOf(from.name, to, message)) {
      this.at(delayMs, () => {
        if (this.network.carries(from.name, to) && this.#isOfNewestDisk(from, to, number))
          this.node(to).receive(from.name, message);
      });
    }
  }

  /**
   * A node keeps one connection of each peer, and what a former process wrote into an older one is gone once the new
   * one is accepted. Between processes with the same disk the world lets it arrive all the same, for that is harder.
   */
  #isOfNewestDisk(from: SimulatedNode, to: NodeName, number: number): boolean {
    if (from.directory.number === 0) return true;
    const way = `${from.name} ${to}`;
    const newest = Math.max(number, this.#newestDisks.get(way) ?? 0);
    this.#newestDisks.set(way, newest);
    return number === newest;
  }

  /** A node has handled an input. */
  stepped(node: SimulatedNode, input: NodeInput, effects: number): void {
    this.steps += 1;
    this.#mix(Math.round(this.nowMs * 1_000));
    this.#mix(input.kind.length * 64 + effects);
    if (!this.judge.stepped(node, input)) return;
    this.#mix(node.status().term);
    this.note(`${node.name} leads term ${node.status().term}`);
    const next = this.#awaitingElection.shift();
    if (next !== undefined) this.at(next.afterMs, () => this.perform(next.fault));
  }

  count(what: string, times = 1): void {
    this.counts[what] = (this.counts[what] ?? 0) + times;
  }

  note(line: string): void {
    this.options.onNote?.(`${this.nowMs.toFixed(1).padStart(9)} ms  ${line}`);
  }

  /** For what goes wrong outside of an event, as in a promise: the run ends with it. */
  fail(error: unknown): void {
    this.#failure ??= { error };
  }

  #mix(value: number): void {
    this.#fingerprint = (Math.imul(this.#fingerprint ^ value, 0x01000193) ^ (value >>> 7)) >>> 0;
  }
}
