/**
 * Judges RocketMQ broker sets: signs of brokers come in from the doors, what is decided is committed, and brokers are
 * told. Like the coordinator, every entry point runs to completion and nothing is awaited. On a node that does not lead it
 * keeps evidence, tells the others of it, testifies, and asks brokers for its leader.
 */

import type { Testimony } from '../../liveness/testimony.ts';
import type { BrokerSet, Registration } from '../../metadata/broker-set-state.ts';
import type { Command } from '../../metadata/command.ts';
import { unreachable } from '../../primitives/assert.ts';
import type { GroupName, NodeName } from '../../primitives/identifiers.ts';
import type { Instant } from '../../primitives/instant.ts';
import { accepted, type Result, refused } from '../../primitives/refusal.ts';
import type { Context } from '../context.ts';
import type { Asker } from '../effects.ts';
import { GroupSweep } from '../group-sweep.ts';
import { siteHeard } from '../vantage.ts';
import { BrokerAsks } from './broker-asks.ts';
import { BrokerBook } from './broker-book.ts';
import type { BrokerHeard } from './broker-heard.ts';
import { type BrokerRound, BrokerRounds } from './broker-rounds.ts';
import type { BrokerSetRequest } from './broker-set-request.ts';
import { BrokerVantages } from './broker-vantages.ts';
import { type BrokerEvidenceRow, brokerEvidenceRows } from './evidence-rows.ts';
import { RegistrationExpiry } from './expire-registrations.ts';
import { type JudgeParts, judgeSet } from './judge-set.ts';
import type { BrokerRef, BrokerSetMessage } from './messages.ts';
import { MasterReach } from './reach-masters.ts';
import { RegistrationsUnderWay } from './registrations-under-way.ts';
import type { BrokerAnswer } from './rocketmq-port.ts';
import { heedRefusal, lowerAlerts } from './set-alerts.ts';
import { noteElection } from './set-brakes.ts';
import { SetContext } from './set-context.ts';
import { logApplied } from './set-log.ts';
import { brokerSetRequest, expireAskers } from './set-requests.ts';
import { testifyBroker } from './testify-broker.ts';

/** How often sets are looked at in turns, beside the moments at which something about one is heard. */
const SWEEP_INTERVAL_MS = 20;
/**
 * Turns in which each registration is looked at once, where there are not too many: what ends one is silence for seconds
 * at least, and the end of a connection is heard of at once.
 */
const TURNS_OF_REGISTRATIONS = 12;
/** How often a node tells the others which brokers it hears. */
const SHARE_INTERVAL_MS = 500;
/** Of a broker that heartbeats, and whose set is not known here. */
const SILENCE_MS = 3_000;
/** Of one that only registers: RocketMQ's own default. */
const REGISTRATION_MS = 120_000;
/** A leader that hears no broker for this long, while another node does, gives its place to that node. */
const BLIND_MS = 3_000;

export class BrokerSets {
  readonly registrations: RegistrationsUnderWay;
  readonly #context: Context;
  readonly #sets: SetContext;
  readonly #rounds: BrokerRounds;
  readonly #expiry: RegistrationExpiry;
  readonly #reach: MasterReach;
  readonly #parts: JudgeParts;
  readonly #setSweep = new GroupSweep<GroupName, BrokerSet>();
  readonly #registrationSweep = new GroupSweep<string, Registration>();
  #lastSweepMs = Number.NEGATIVE_INFINITY;
  #lastShareMs = Number.NEGATIVE_INFINITY;
  /** When this node itself heard any broker last. */
  #heardMs = Number.NEGATIVE_INFINITY;

  constructor(context: Context) {
    this.#context = context;
    const book = new BrokerBook();
    const asks = new BrokerAsks(context);
    this.#sets = new SetContext({ context, book, vantages: new BrokerVantages(), asks });
    this.#rounds = new BrokerRounds({
      context,
      book,
      asks,
      testify: (broker, answer, now) => this.#testify(broker, answer, now),
      onWord: (round, now) => this.#lookAt(round, now),
    });
    this.registrations = new RegistrationsUnderWay(context);
    this.#expiry = new RegistrationExpiry(this.#sets, this.#rounds);
    this.#reach = new MasterReach(this.#sets);
    this.#parts = { sets: this.#sets, rounds: this.#rounds };
  }

  heard(heard: BrokerHeard, now: Instant): void {
    if (heard.what !== 'closed') this.#heardMs = now.monotonicMs;
    const before = this.#sets.book.of(heard);
    const evidence = this.#sets.book.heard(heard, now);
    // The end of a connection, or a sign after one, may change a verdict at once; the rest is looked at in turns.
    if (evidence === null || !this.#context.leads(now)) return;
    const isNews = evidence.closedAtMs !== null || before === null || before.closedAtMs !== null;
    if (isNews) this.#lookAtBroker(heard, now);
  }

  answered(askId: number, answer: BrokerAnswer, now: Instant): void {
    this.#sets.asks.answered(askId, answer, now);
  }

  fromPeer(from: NodeName, message: BrokerSetMessage, now: Instant): void {
    switch (message.type) {
      case 'askBroker':
        this.#sets.asks.relay(from, message);
        return;
      case 'brokerAnswered':
        this.#sets.asks.relayAnswered(message, now);
        return;
      case 'confirmBroker':
        this.#rounds.asked(from, message, now);
        return;
      case 'confirmBrokerReply':
        this.#rounds.replied(from, message, now);
        return;
      case 'brokersSeen':
        this.#sets.vantages.record(from, message.brokers, now);
        return;
      default:
        unreachable(message);
    }
  }

  request(asker: Asker, request: BrokerSetRequest, now: Instant): void {
    brokerSetRequest(this.#sets, asker, request, now, (set, at) => judgeSet(this.#parts, set, at));
  }

  tick(now: Instant): void {
    const sets = this.#sets;
    sets.watchingSinceMs = Math.min(sets.watchingSinceMs, now.monotonicMs);
    sets.asks.expire(now);
    if (now.monotonicMs - this.#lastShareMs >= SHARE_INTERVAL_MS) {
      this.#lastShareMs = now.monotonicMs;
      this.#share(now);
      this.#reach.look(now);
    }
    if (now.monotonicMs - this.#lastSweepMs < SWEEP_INTERVAL_MS || !this.#context.leads(now)) return;
    this.#lastSweepMs = now.monotonicMs;
    const { brokerSets, registrations } = this.#context.state();
    for (const set of this.#setSweep.next(brokerSets)) {
      judgeSet(this.#parts, set, now);
      const run = sets.run(set, now);
      expireAskers(sets, run, now);
      lowerAlerts(sets, set, run, now);
    }
    const atOnce = Math.ceil(registrations.size / TURNS_OF_REGISTRATIONS);
    for (const registration of this.#registrationSweep.next(registrations, atOnce))
      this.#expiry.look(registration, now);
  }

  /** After a command of any kind; those about broker sets end what waited for them. */
  applied(command: Command, result: Result<null>, index: number, now: Instant): void {
    const sets = this.#sets;
    logApplied(sets, command, result, now);
    if (!result.ok) heedRefusal(sets, command, result.refusal, now);
    switch (command.type) {
      case 'registration.set':
        this.registrations.applied(command, result, index);
        return;
      case 'registration.remove':
        this.#expiry.forget(command.address);
        return;
      case 'brokerSet.clean':
        this.#cleaned(command.name);
        return;
      case 'brokerSet.elect':
      case 'brokerSet.loseMaster':
      case 'brokerSet.raiseEpoch':
      case 'brokerSet.alterSyncStateSet':
        break;
      default:
        return;
    }
    const set = sets.setOf(command.name);
    const before = sets.runs.get(command.name);
    if (set === null || before === undefined) return;
    const run = sets.run(set, now);
    if (command.type !== 'brokerSet.alterSyncStateSet') run.proposedAtMs = null;
    if (command.type === 'brokerSet.elect') {
      run.isFresh = result.ok;
      if (result.ok && command.reason === 'masterLost') noteElection(run, run.electingAfter, now);
      const value = { kind: 'applied', index, changed: true } as const;
      sets.answerAll(run, result.ok ? accepted(value) : result);
    }
    judgeSet(this.#parts, set, now);
  }

  /** The gathered commands were not taken: what was proposed is proposed again by whoever leads. */
  proposalsRefused(): void {
    this.registrations.clear();
    for (const run of this.#sets.runs.values()) run.proposedAtMs = null;
  }

  /** Another term: what was asked for in the one before is void, and whoever waits is told. */
  clear(): void {
    const reply = refused('notLeader', 'Leadership moved; ask again.');
    for (const run of this.#sets.runs.values()) this.#sets.answerAll(run, reply);
    this.#sets.runs.clear();
    this.#sets.asks.clear();
    this.#rounds.clear();
    this.#reach.clear();
    this.#expiry.clear();
    this.registrations.clear();
  }

  evidenceRows(refs: readonly BrokerRef[], now: Instant): readonly BrokerEvidenceRow[] {
    return brokerEvidenceRows(this.#sets, this.#context.options.self, refs, now);
  }

  /** Whether this node hears brokers itself. */
  hearsBrokers(now: Instant): boolean {
    return now.monotonicMs - this.#heardMs < BLIND_MS;
  }

  /** A node that hears brokers; null where none is known to. */
  nodeThatHears(now: Instant): NodeName | null {
    const newest = this.#sets.vantages.newest();
    return newest !== null && now.monotonicMs - newest.heardAtMs < BLIND_MS ? newest.node : null;
  }

  #cleaned(name: GroupName): void {
    const sets = this.#sets;
    const run = sets.runs.get(name);
    if (run === undefined || sets.setOf(name) !== null) return;
    sets.answerAll(run, refused('unknownBrokerSet', `Broker set ${name} was cleaned away.`));
    sets.runs.delete(name);
  }

  #share(now: Instant): void {
    const brokers = this.#sets.vantages.share(this.#sets.book, now);
    if (brokers.length === 0) return;
    const { self, voters } = this.#context.options;
    for (const { node } of voters)
      if (node !== self)
        this.#context.emit({ kind: 'send', to: node, message: { type: 'brokersSeen', brokers } });
  }

  #lookAt({ broker }: BrokerRound, now: Instant): void {
    this.#lookAtBroker(broker, now);
  }

  #lookAtBroker({ name, address }: BrokerRef, now: Instant): void {
    if (!this.#context.leads(now)) return;
    const set = this.#sets.setOf(name);
    if (set !== null) judgeSet(this.#parts, set, now);
    const registration = this.#context.state().registrations.get(address);
    if (registration !== undefined && registration.name === name) this.#expiry.look(registration, now);
  }

  /** A broker that only registers every 30 s has not fallen silent because it said nothing for a while. */
  #silenceMs(set: BrokerSet | null, registration: Registration | null, broker: BrokerRef): number {
    if (this.#sets.book.of(broker)?.heartbeat == null) return registration?.timeoutMs ?? REGISTRATION_MS;
    return set === null ? SILENCE_MS : this.#sets.masterSilenceMs(set, broker);
  }

  #testify(broker: BrokerRef, answer: BrokerAnswer, now: Instant): Testimony {
    const sets = this.#sets;
    const { options, stalledUntilMs } = this.#context;
    const set = sets.setOf(broker.name);
    const registration = this.#context.state().registrations.get(broker.address);
    const member =
      set === null ? undefined : [...set.brokers.values()].find(({ address }) => address === broker.address);
    const site = member?.site ?? registration?.site ?? null;
    return testifyBroker({
      own: sets.book.of(broker),
      name: broker.name,
      answer,
      silenceMs: this.#silenceMs(set, registration ?? null, broker),
      now,
      stalledUntilMs,
      site: options.site,
      brokerSiteHeard: site === null ? null : siteHeard(this.#context, site, now),
    });
  }
}
