/**
 * One pollux process after the other on one machine: the production loop, driven as the runtime drives it, on a
 * simulated disk, clock and network. The process may stand still, before a step or between a step and its effects,
 * and may end at any moment; the disk and the clock stay, unless the disk is lost.
 */
import type { ClientReply, ClientRequest } from '../../../src/core/coordinator/requests.ts';
import type { BrokerKind } from '../../../src/core/metadata/state.ts';
import type { NodeStatus } from '../../../src/core/node/face.ts';
import type { NodeEffect, NodeInput } from '../../../src/core/node/inputs.ts';
import { NodeLoop } from '../../../src/core/node/node-loop.ts';
import type { NodeOptions } from '../../../src/core/node/node-options.ts';
import type { PeerMessage } from '../../../src/core/node/peer-message.ts';
import type { DriverPort } from '../../../src/core/node/ports.ts';
import { must, unreachable } from '../../../src/core/primitives/assert.ts';
import type { NodeName, SiteName } from '../../../src/core/primitives/identifiers.ts';
import { refused } from '../../../src/core/primitives/refusal.ts';
import { type SeededRandom, seededRandom } from '../../../src/core/primitives/seeded-random.ts';
import { hasNeverTakenPart } from '../../../src/main/waiting-room.ts';
import { createStallDetector, STALL_LIMITS } from '../../../src/platform/stall-watch.ts';
import { DiskWriter } from './disk-writer.ts';
import type { NodeEnvironment } from './environment.ts';
import { NodeClock } from './node-clock.ts';
import { NodeTimers } from './node-timers.ts';
import type { Standing } from './places.ts';
import { Process } from './process.ts';
import type { SimulatedDisk } from './simulated-disk.ts';
import { type Directory, directoryOf, TakingPart } from './taking-part.ts';
import { Violation } from './violation.ts';
import type { World } from './world.ts';

/** Null when the process ended, or never took the request. */
export type OnReply = (reply: ClientReply | null) => void;

type Life = {
  readonly loop: NodeLoop;
  readonly process: Process;
  readonly takingPart: TakingPart;
  readonly drivers: ReadonlyMap<BrokerKind, DriverPort>;
  readonly waiting: Map<number, { readonly request: ClientRequest; readonly onReply: OnReply }>;
  nextRequestId: number;
  /** A batch was handed over and has not been reported back yet. */
  awaitsDisk: boolean;
};

/** How long the machine's supervisor waits before it starts a process that ended by itself. */
const RESTART_MS = { shortest: 20, longest: 400 } as const;

/** Longest that the rest of a turn of the event loop takes. */
const LONGEST_TURN_MS = 0.5;

export class SimulatedNode {
  readonly name: NodeName;
  readonly site: SiteName;
  readonly clock: NodeClock;
  readonly writer: DiskWriter;
  directory: Directory;
  readonly #world: World;
  readonly #options: NodeOptions;
  readonly #random: SeededRandom;
  #life: Life | null = null;
  #status: NodeStatus | null = null;

  constructor(world: World, { node, site }: Standing, options: NodeOptions) {
    this.name = node;
    this.site = site;
    this.#world = world;
    this.#options = options;
    this.directory = directoryOf(node, 0, false);
    this.#random = world.streams(`node ${node}`);
    this.clock = new NodeClock(() => world.nowMs);
    this.writer = new DiskWriter(world, this, world.streams(`disk ${node}`));
  }

  get disk(): SimulatedDisk {
    return this.writer.disk;
  }

  get isRunning(): boolean {
    return this.#life !== null;
  }

  get isPaused(): boolean {
    return this.#life?.process.isPaused === true;
  }

  /** Whether the loop waits for a batch to be on disk, so that other inputs may have to wait for their turn. */
  get awaitsDisk(): boolean {
    return this.#life?.awaitsDisk === true;
  }

  /** Its disk was never lost, or it is a full member again, as it finds itself. */
  get isWhole(): boolean {
    if (this.directory.number === 0) return true;
    return this.#life !== null && this.loop().state().joined.get(this.name) === this.directory.id;
  }

  /** Of the process that runs. */
  loop(): NodeLoop {
    return must(this.#life, `${this.name} runs`).loop;
  }

  /** As of the last step. */
  status(): NodeStatus {
    return must(this.#status, `${this.name} runs`);
  }

  get leads(): boolean {
    return this.#life !== null && this.status().role === 'leader';
  }

  start(): void {
    if (this.#life !== null) return;
    if (this.writer.cannotRead) {
      this.#world.note(`${this.name} cannot read its disk`);
      this.#startLater();
      return;
    }
    this.clock.restart(this.#random.next() * 1_000_000);
    const now = this.clock.now();
    const random = seededRandom(this.#random.integer(0, 2 ** 31));
    const process = new Process(this.#world, this.#random);
    const loop = this.#guarded(() => new NodeLoop(this.#options, this.disk.read(), random, now));
    const timers = new NodeTimers(this.#world, this.clock, process);
    const takingPart = new TakingPart(this.#world, this, timers);
    const drivers: ReadonlyMap<BrokerKind, DriverPort> =
      this.#world.options.drivers?.(this.#environment(process)) ?? new Map();
    const ends = { waiting: new Map(), nextRequestId: 1, awaitsDisk: false };
    const life: Life = { loop, process, takingPart, drivers, ...ends };
    this.#life = life;
    this.#status = loop.status(now);
    this.#world.judge.started(this);
    for (const driver of drivers.values())
      driver.onObservation((observation) => this.#inputOf(life, { kind: 'observed', observation }));
    this.#startTimers(life, timers);
    if (this.directory.number > 0 && hasNeverTakenPart(this.disk.read()))
      takingPart.wait(this.#random.integer(1, 2 ** 40));
    if (this.#world.options.areNodesMarked === true) takingPart.keepMark();
  }

  /** The process is gone, and so is everything that it had written. */
  loseDisk(isReplacement: boolean): void {
    this.crash(0);
    const former = this.writer.replaceDisk();
    this.directory = directoryOf(this.name, this.directory.number + 1, isReplacement);
    this.#world.note(`${this.name} has lost its disk`);
    for (const oracle of this.#world.judge.oracles) oracle.lostDisk?.(this, former);
  }

  /** The process is gone; of the batches on their way to the disk the first `keptBatches` got there. */
  crash(keptBatches: number): void {
    const life = this.#life;
    if (life === null) return;
    this.writer.crash(keptBatches);
    life.process.end();
    this.#life = null;
    this.#world.count('crashes');
    for (const oracle of this.#world.judge.oracles) oracle.crashed?.(this);
    for (const { onReply } of life.waiting.values()) this.#world.at(0, () => onReply(null));
  }

  /** The process ended by itself, because its disk did not keep a promise. Its supervisor starts it again. */
  fatal(why: string): void {
    this.#life?.process.arrive('disk', () => {
      this.#world.note(`${this.name} ends: ${why}`);
      this.#world.count('fatalDisks');
      this.crash(0);
      this.#startLater();
    });
  }

  pause(forMs: number, afterStep: boolean): void {
    this.#life?.process.pause(forMs, afterStep);
  }

  /** Everything works again for this node. */
  heal(): void {
    this.writer.heal();
    if (this.#life === null) this.start();
    else this.#life.process.heal();
  }

  /** `source` is where it comes from: what comes from one place arrives in order. */
  input(source: string, input: NodeInput): void {
    const life = this.#life;
    if (life !== null) life.process.arrive(source, () => this.#step(life, input));
  }

  /** The batch is on disk; the process is told, if it is still the one that asked. */
  persisted(persistId: number): void {
    this.input('disk', { kind: 'persisted', persistId });
  }

  receive(from: NodeName, message: PeerMessage): void {
    this.input(from, { kind: 'peer', from, message });
  }

  /** False when nobody takes the request here: the process does not run. */
  request(request: ClientRequest, onReply: OnReply): boolean {
    const life = this.#life;
    if (life === null) return false;
    if (life.takingPart.waits) {
      this.#world.at(0, () => onReply(refused('noLeader', 'This node does not take part yet.')));
      return true;
    }
    const requestId = life.nextRequestId;
    life.nextRequestId += 1;
    for (const oracle of this.#world.judge.oracles) oracle.asked?.(this, request);
    life.waiting.set(requestId, { request, onReply });
    this.input(`client ${requestId}`, { kind: 'request', requestId, request });
    return true;
  }

  /** Requests of this life that have not been answered. */
  get unanswered(): number {
    return this.#life?.waiting.size ?? 0;
  }

  /** The process ends and says that its disk was lost; the operator does what it says. */
  #refusedStart(): void {
    this.#world.note(`${this.name} may not start with ${this.directory.id}`);
    this.#world.count('refusedStarts');
    this.crash(0);
    this.directory.isReplacement = true;
    this.#startLater();
  }

  #startLater(): void {
    const { shortest, longest } = RESTART_MS;
    this.#world.at(shortest + this.#random.next() * (longest - shortest), () => this.start());
  }

  #startTimers(life: Life, timers: NodeTimers): void {
    const detect = createStallDetector(STALL_LIMITS);
    detect(this.clock.now());
    timers.setInterval(() => {
      const stalledMs = detect(this.clock.now());
      if (stalledMs === 0) return;
      this.#world.count('stallsNoticed');
      this.#step(life, { kind: 'stalled', stalledMs });
    }, STALL_LIMITS.intervalMs);
    const { tickIntervalMs } = this.#world.options;
    // Processes do not start in step with each other.
    timers.setTimeout(() => {
      this.#step(life, { kind: 'tick' });
      timers.setInterval(() => this.#step(life, { kind: 'tick' }), tickIntervalMs);
    }, this.#random.next() * tickIntervalMs);
  }

  #environment(process: Process): NodeEnvironment {
    const { network } = this.#world;
    return {
      node: this.name,
      site: this.site,
      clock: this.clock,
      timers: new NodeTimers(this.#world, this.clock, process),
      random: seededRandom(this.#random.integer(0, 2 ** 31)),
      reaches: (site) => network.carries(this.name, site),
      isReachedFrom: (site) => network.carries(site, this.name),
      arrive: (run, connection = 'servers') => process.arrive(connection, run),
    };
  }

  #inputOf(life: Life, input: NodeInput): void {
    if (this.#life === life) this.input('drivers', input);
  }

  /** One input to completion, then its effects. A broken invariant of the loop is the worst of violations. */
  #step(life: Life, input: NodeInput): void {
    if (this.#life !== life) return;
    if (life.takingPart.waits) {
      if (input.kind === 'peer' && life.takingPart.isRefusedBy(input.message)) this.#refusedStart();
      return;
    }
    const now = this.clock.now();
    if (input.kind === 'peer') {
      for (const oracle of this.#world.judge.oracles) oracle.received?.(this, input.from, input.message);
    }
    const effects = this.#guarded(() => life.loop.step(input, now));
    this.#status = life.loop.status(now);
    this.directory.tierId ??= life.loop.state().tierId;
    if (input.kind === 'persisted') life.awaitsDisk = false;
    if (effects.some(({ kind }) => kind === 'persist')) life.awaitsDisk = true;
    this.#world.stepped(this, input, effects.length);
    if (effects.length > 0) life.process.performAfterStep(effects, (effect) => this.#perform(life, effect));
  }

  #guarded<Value>(run: () => Value): Value {
    try {
      return run();
    } catch (error) {
      if (error instanceof Violation) throw error;
      throw new Violation('invariants of the loop hold', `${this.name}: ${String(error)}`, error);
    }
  }

  #perform(life: Life, effect: NodeEffect): void {
    switch (effect.kind) {
      case 'persist':
        this.writer.write(effect.persistId, effect.batch);
        return;
      case 'send':
        this.#world.send(this, effect.to, effect.message);
        return;
      case 'reply': {
        const waiting = life.waiting.get(effect.requestId);
        life.waiting.delete(effect.requestId);
        if (waiting === undefined) throw new Violation('every request is answered once', `${this.name}`);
        for (const oracle of this.#world.judge.oracles) oracle.replied?.(this, waiting.request, effect.reply);
        waiting.onReply(effect.reply);
        return;
      }
      case 'publish':
        for (const oracle of this.#world.judge.oracles) oracle.published?.(this, effect.event);
        return;
      case 'log':
        this.#world.note(`${this.name} logs ${effect.event}`);
        return;
      case 'watch':
        for (const [kind, driver] of life.drivers)
          driver.watch(effect.targets.filter((target) => target.kind === kind));
        return;
      case 'probe':
        this.#probe(life, effect);
        return;
      case 'steer':
        this.#steer(life, effect);
        return;
      case 'settle':
        this.#world.at(this.#random.next() * LONGEST_TURN_MS, () =>
          life.process.arrive('turn', () => this.#step(life, { kind: 'settle' })),
        );
        return;
      case 'heartbeat':
      case 'askBroker':
        return;
      default:
        unreachable(effect);
    }
  }

  #probe(life: Life, { broker, probeId, target, timeoutMs }: Extract<NodeEffect, { kind: 'probe' }>): void {
    const driver = life.drivers.get(broker);
    if (driver === undefined) {
      const { group, replica } = target;
      const observation = {
        ref: { group, replica },
        fresh: true,
        outcome: { kind: 'silent', waitedMs: 0 },
      } as const;
      this.#world.at(0, () => this.#inputOf(life, { kind: 'freshlyProbed', probeId, observation }));
      return;
    }
    driver.probeFresh(target, timeoutMs).then(
      (observation) => this.#inputOf(life, { kind: 'freshlyProbed', probeId, observation }),
      (error: unknown) => this.#world.fail(error),
    );
  }

  #steer(life: Life, { broker, request }: Extract<NodeEffect, { kind: 'steer' }>): void {
    const driver = life.drivers.get(broker);
    if (driver === undefined) {
      const { steerId, term, target } = request;
      const outcome = { kind: 'failed', reason: 'refused', detail: `no driver for ${broker}` } as const;
      const result = { steerId, term, ref: { group: target.group, replica: target.replica }, outcome };
      this.#world.at(0, () => this.#inputOf(life, { kind: 'steered', result }));
      return;
    }
    driver.steer(request).then(
      (result) => this.#inputOf(life, { kind: 'steered', result }),
      (error: unknown) => this.#world.fail(error),
    );
  }
}
