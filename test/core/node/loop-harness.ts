/**
 * Three node loops in one process, with virtual time, an instant network and a disk that answers when it is told to.
 * Brokers are a table of reports that a test sets; steering is recorded and answered by the test's own function.
 */

import type { BrokerAnswer, BrokerAsk } from '../../../src/core/coordinator/broker-sets/rocketmq-port.ts';
import type { TierEvent, WatchTarget } from '../../../src/core/coordinator/effects.ts';
import type { ClientReply, ClientRequest } from '../../../src/core/coordinator/requests.ts';
import type { SteerOutcome, SteerRequest } from '../../../src/core/failover/steering.ts';
import type { ProbeOutcome, ServerReport } from '../../../src/core/liveness/observation.ts';
import type { NodeEffect, NodeInput } from '../../../src/core/node/inputs.ts';
import { NodeLoop } from '../../../src/core/node/node-loop.ts';
import type { NodeOptions } from '../../../src/core/node/node-options.ts';
import type { PeerMessage } from '../../../src/core/node/peer-message.ts';
import {
  incarnation,
  lineage,
  type NodeName,
  nodeName,
  siteName,
} from '../../../src/core/primitives/identifiers.ts';
import type { Instant } from '../../../src/core/primitives/instant.ts';
import { LIMITS } from '../../../src/core/primitives/limits.ts';
import { seededRandom } from '../../../src/core/primitives/seeded-random.ts';
import type { PersistBatch, RestoredLog } from '../../../src/core/raft/types.ts';

export const PLACES = [
  { node: nodeName('pollux-a'), site: siteName('idc-a') },
  { node: nodeName('pollux-b'), site: siteName('idc-b') },
  { node: nodeName('pollux-w'), site: siteName('witness') },
] as const;

const TICK_MS = 10;
const PROBE_EVERY_MS = 100;

type Disk = { restored: RestoredLog };

export type HarnessOptions = {
  readonly seed?: number;
  readonly entriesBeforeSnapshot?: number;
  readonly bytesBeforeSnapshot?: number;
  /** What a probe of this address sees now. */
  readonly probe?: (address: string, node: NodeName) => ProbeOutcome;
  /** What a RocketMQ broker answers to this node; null: the answer never comes. */
  readonly askBroker?: (address: string, ask: BrokerAsk, node: NodeName) => BrokerAnswer | null;
  readonly steer?: (request: SteerRequest, node: NodeName) => SteerOutcome;
};

export const report = (fields: Partial<ServerReport> = {}): ServerReport => ({
  incarnation: incarnation('run-1'),
  role: 'slave',
  loading: false,
  lineage: lineage('stream-1'),
  secondLineage: null,
  secondOffset: -1n,
  offset: 0n,
  follows: null,
  connectedSlaves: 0,
  epoch: null,
  ...fields,
});

const emptyLog = (): RestoredLog => ({
  hardState: { term: 0, votedFor: null, commitIndex: 0 },
  snapshot: null,
  entries: [],
});

/** What is on disk after a batch, by the order that PersistBatch documents. */
function written(log: RestoredLog, batch: PersistBatch): RestoredLog {
  const snapshot = batch.snapshot ?? log.snapshot;
  const base = Math.max(snapshot?.index ?? 0, (batch.compactBelow ?? 1) - 1);
  const cut = batch.truncateFrom ?? Number.POSITIVE_INFINITY;
  const first = batch.entries[0]?.index ?? Number.POSITIVE_INFINITY;
  const kept = log.entries.filter(({ index }) => index > base && index < Math.min(cut, first));
  return { hardState: batch.hardState ?? log.hardState, snapshot, entries: [...kept, ...batch.entries] };
}

export class LoopHarness {
  readonly events: TierEvent[] = [];
  /** Every batch that was handed to a disk. */
  readonly batches: { readonly node: NodeName; readonly entries: number }[] = [];
  readonly steered: { readonly node: NodeName; readonly request: SteerRequest }[] = [];
  /** Nodes whose disk does not answer. */
  readonly stalledDisks = new Set<NodeName>();
  /** Pairs `from>to` that lose everything. */
  readonly cut = new Set<string>();
  /** Called with everything that a node sends, at the moment at which it leaves. */
  onSend: (node: NodeName, message: PeerMessage) => void = () => undefined;
  /** Called with every effect, in order. */
  onEffect: (node: NodeName, effect: NodeEffect) => void = () => undefined;
  /** Actions whose results stay on the way until {@link releaseSteers}; they are carried out at once all the same. */
  holdSteer: (request: SteerRequest, node: NodeName) => boolean = () => false;
  readonly #heldSteers: (() => void)[] = [];
  /** The wall clock at a monotonic moment; a test may let it jump. */
  wallMsAt: (monotonicMs: number) => number = (monotonicMs) => 1_700_000_000_000 + monotonicMs;
  readonly #options: HarnessOptions;
  readonly #loops = new Map<NodeName, NodeLoop>();
  readonly #disks = new Map<NodeName, Disk>();
  readonly #watched = new Map<NodeName, readonly WatchTarget[]>();
  readonly #replies = new Map<string, ClientReply>();
  readonly #queue: (() => void)[] = [];
  readonly #held: { readonly node: NodeName; readonly done: () => void }[] = [];
  #nowMs = 1_000;
  #lastProbeMs = 0;
  #nextRequestId = 1;

  constructor(options: HarnessOptions = {}) {
    this.#options = options;
    for (const { node } of PLACES) this.start(node);
  }

  get now(): Instant {
    return { monotonicMs: this.#nowMs, wallMs: this.wallMsAt(this.#nowMs) };
  }

  start(node: NodeName): void {
    const disk = this.#disks.get(node) ?? { restored: emptyLog() };
    this.#disks.set(node, disk);
    const random = seededRandom(
      (this.#options.seed ?? 1) * 31 + PLACES.findIndex((place) => place.node === node),
    );
    this.#loops.set(node, new NodeLoop(this.#nodeOptions(node), disk.restored, random, this.now));
  }

  /** The process ends; what its disk has acknowledged stays. */
  crash(node: NodeName): void {
    this.#loops.delete(node);
    this.#watched.delete(node);
  }

  runs(node: NodeName): boolean {
    return this.#loops.has(node);
  }

  loop(node: NodeName): NodeLoop {
    const loop = this.#loops.get(node);
    if (loop === undefined) throw new Error(`${node} does not run`);
    return loop;
  }

  leader(): NodeName | null {
    return this.leaders()[0] ?? null;
  }

  /** Everybody who thinks so. */
  leaders(): NodeName[] {
    return [...this.#loops]
      .filter(([, loop]) => loop.status(this.now).role === 'leader')
      .map(([node]) => node);
  }

  follower(): NodeName {
    for (const [node, loop] of this.#loops) if (loop.status(this.now).role === 'follower') return node;
    throw new Error('no follower runs');
  }

  /** Lets time pass until the condition holds; false when it does not within `limitMs`. */
  runUntil(condition: () => boolean, limitMs = 20_000): boolean {
    const end = this.#nowMs + limitMs;
    while (!condition() && this.#nowMs < end) this.#tick();
    return condition();
  }

  run(forMs: number): void {
    const end = this.#nowMs + forMs;
    while (this.#nowMs < end) this.#tick();
  }

  /** Hands in a request; its reply is read with {@link reply}. */
  request(node: NodeName, request: ClientRequest): string {
    const ticket = this.hand(node, request);
    this.#drain();
    return ticket;
  }

  /** The same, with nothing else happening yet: several of these arrive in one go. */
  hand(node: NodeName, request: ClientRequest): string {
    const requestId = this.#nextRequestId;
    this.#nextRequestId += 1;
    this.input(node, { kind: 'request', requestId, request });
    return `${node}#${requestId}`;
  }

  reply(ticket: string): ClientReply | null {
    return this.#replies.get(ticket) ?? null;
  }

  /** Hands in a request and lets time pass until it is answered. */
  ask(node: NodeName, request: ClientRequest): ClientReply {
    const ticket = this.request(node, request);
    this.runUntil(() => this.reply(ticket) !== null);
    const reply = this.reply(ticket);
    if (reply === null) throw new Error(`no reply to ${request.type}`);
    return reply;
  }

  input(node: NodeName, input: NodeInput): void {
    const loop = this.#loops.get(node);
    if (loop === undefined) return;
    for (const effect of loop.step(input, this.now)) this.#perform(node, effect);
  }

  /** The disks of these nodes answer again, to everything they were asked. */
  releaseDisk(node: NodeName): void {
    this.stalledDisks.delete(node);
    for (const held of this.#held.splice(0)) {
      if (held.node === node) held.done();
      else this.#held.push(held);
    }
    this.#drain();
  }

  /** The results that were held arrive now, those of nodes that crashed meanwhile never. */
  releaseSteers(): void {
    this.#queue.push(...this.#heldSteers.splice(0));
    this.#drain();
  }

  #tick(): void {
    this.#nowMs += TICK_MS;
    for (const node of [...this.#loops.keys()]) this.input(node, { kind: 'tick' });
    if (this.#nowMs - this.#lastProbeMs >= PROBE_EVERY_MS) {
      this.#lastProbeMs = this.#nowMs;
      for (const [node, targets] of this.#watched) for (const target of targets) this.#observe(node, target);
    }
    this.#drain();
  }

  #observe(node: NodeName, { group, replica, address }: WatchTarget): void {
    const outcome = this.#probe(address, node);
    this.input(node, { kind: 'observed', observation: { ref: { group, replica }, fresh: false, outcome } });
  }

  #probe(address: string, node: NodeName): ProbeOutcome {
    return this.#options.probe?.(address, node) ?? { kind: 'silent', waitedMs: 100 };
  }

  #drain(): void {
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) next();
  }

  #perform(node: NodeName, effect: NodeEffect): void {
    this.onEffect(node, effect);
    switch (effect.kind) {
      case 'persist': {
        this.batches.push({ node, entries: effect.batch.entries.length });
        const loop = this.#loops.get(node);
        const done = (): void => {
          if (this.#loops.get(node) !== loop) return;
          const disk = this.#disks.get(node);
          if (disk !== undefined) disk.restored = written(disk.restored, effect.batch);
          this.input(node, { kind: 'persisted', persistId: effect.persistId });
        };
        if (this.stalledDisks.has(node)) this.#held.push({ node, done });
        else this.#queue.push(done);
        return;
      }
      case 'settle':
        this.#queue.push(() => this.input(node, { kind: 'settle' }));
        return;
      case 'send':
        this.onSend(node, effect.message);
        if (this.cut.has(`${node}>${effect.to}`)) return;
        this.#queue.push(() => this.input(effect.to, { kind: 'peer', from: node, message: effect.message }));
        return;
      case 'reply':
        this.#replies.set(`${node}#${effect.requestId}`, effect.reply);
        return;
      case 'watch':
        this.#watched.set(node, effect.targets);
        return;
      case 'probe': {
        const { group, replica, address } = effect.target;
        const observation = { ref: { group, replica }, fresh: true, outcome: this.#probe(address, node) };
        this.#queue.push(() =>
          this.input(node, { kind: 'freshlyProbed', probeId: effect.probeId, observation }),
        );
        return;
      }
      case 'steer': {
        const { request } = effect;
        this.steered.push({ node, request });
        const { steerId, term, target } = request;
        const ref = { group: target.group, replica: target.replica };
        const outcome = this.#options.steer?.(request, node) ?? {
          kind: 'failed',
          reason: 'unreachable',
          detail: 'no server in this test',
        };
        const loop = this.#loops.get(node);
        const arrive = (): void => {
          if (this.#loops.get(node) === loop)
            this.input(node, { kind: 'steered', result: { steerId, term, ref, outcome } });
        };
        (this.holdSteer(request, node) ? this.#heldSteers : this.#queue).push(arrive);
        return;
      }
      case 'publish':
        if (node === this.leader()) this.events.push(effect.event);
        return;
      case 'askBroker': {
        const { askId, address, ask, timeoutMs } = effect;
        const silent: BrokerAnswer = { kind: 'silent', waitedMs: timeoutMs };
        const answer =
          this.#options.askBroker === undefined ? silent : this.#options.askBroker(address, ask, node);
        const loop = this.#loops.get(node);
        if (answer === null) return;
        this.#queue.push(() => {
          if (this.#loops.get(node) === loop) this.input(node, { kind: 'brokerAnswered', askId, answer });
        });
        return;
      }
      case 'log':
      case 'heartbeat':
        return;
    }
  }

  #nodeOptions(self: NodeName): NodeOptions {
    const site = PLACES.find(({ node }) => node === self)?.site ?? siteName('witness');
    return {
      raft: {
        self,
        voters: PLACES.map(({ node }) => node),
        electionTimeoutMs: 500,
        heartbeatIntervalMs: 50,
        clockDriftRatio: 0.1,
      },
      coordinator: {
        self,
        site,
        voters: PLACES,
        bootstrap: {
          tierId: 'tier-1',
          sites: PLACES.map((place) => ({
            name: place.site,
            kind: place.site === 'witness' ? 'witness' : 'idc',
          })),
          members: PLACES.map((place) => ({
            name: place.node,
            site: place.site,
            httpUrl: 'http://127.0.0.1:1',
          })),
          token: { id: `token-of-${self}`, sha256: 'a'.repeat(64), role: 'operator', createdWallMs: 0 },
        },
        idPrefix: self,
        probeIntervalMs: PROBE_EVERY_MS,
      },
      requestTimeoutMs: 5_000,
      entriesBeforeSnapshot: this.#options.entriesBeforeSnapshot ?? 1_000,
      bytesBeforeSnapshot: this.#options.bytesBeforeSnapshot ?? LIMITS.bytesBeforeSnapshot,
    };
  }
}

/** A harness with a leader that may act, and a tier that is founded. */
export function foundedTier(options: HarnessOptions = {}): {
  readonly tier: LoopHarness;
  readonly leader: NodeName;
} {
  const tier = new LoopHarness(options);
  tier.runUntil(() => {
    const leader = tier.leader();
    return leader !== null && tier.loop(leader).state().tierId !== null;
  });
  const leader = tier.leader();
  if (leader === null) throw new Error('no leader was elected');
  return { tier, leader };
}
