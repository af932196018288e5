/** What the rules of broker sets work with: evidence, questions, and what a leader knows of each set. */
import type { BrokerSetCommand } from '../../metadata/broker-set-command.ts';
import type { Broker, BrokerSet } from '../../metadata/broker-set-state.ts';
import { checkCommand } from '../../metadata/command-codec.ts';
import type { AlertCode } from '../../primitives/alert-code.ts';
import type { GroupName, NodeName } from '../../primitives/identifiers.ts';
import type { Instant } from '../../primitives/instant.ts';
import { LIMITS } from '../../primitives/limits.ts';
import type { Context } from '../context.ts';
import type { ClientReply } from '../requests.ts';
import { isHeard } from '../vantage.ts';
import type { BrokerAsks } from './broker-asks.ts';
import type { BrokerBook, BrokerEvidence } from './broker-book.ts';
import type { BrokerVantages } from './broker-vantages.ts';
import type { BrokerRef } from './messages.ts';
import { enterEpoch, newSetRun, type SetRun } from './set-run.ts';
import { type BrokerSuspicion, suspectBroker } from './suspect-broker.ts';

/** A command that was proposed and not seen applied within this time is proposed again by its rule. */
const PROPOSAL_PATIENCE_MS = 2_000;
/** Silence after which a broker counts as gone where its heartbeats name no time: RocketMQ's own default. */
export const HEARTBEAT_TIMEOUT_MS = 10_000;

export type SetContextParts = {
  readonly context: Context;
  readonly book: BrokerBook;
  readonly vantages: BrokerVantages;
  readonly asks: BrokerAsks;
};

export class SetContext {
  readonly context: Context;
  readonly book: BrokerBook;
  readonly vantages: BrokerVantages;
  readonly asks: BrokerAsks;
  readonly runs = new Map<GroupName, SetRun>();
  /** Since when this node listens to brokers; set at its first tick. */
  watchingSinceMs = Number.POSITIVE_INFINITY;

  constructor({ context, book, vantages, asks }: SetContextParts) {
    this.context = context;
    this.book = book;
    this.vantages = vantages;
    this.asks = asks;
  }

  setOf(name: GroupName): BrokerSet | null {
    return this.context.state().brokerSets.get(name) ?? null;
  }

  /** Of the master epoch that is committed; what belonged to an earlier one is forgotten. */
  run(set: BrokerSet, now: Instant): SetRun {
    let run = this.runs.get(set.name);
    if (run === undefined) {
      run = newSetRun(now.monotonicMs);
      this.runs.set(set.name, run);
    }
    enterEpoch(run, set.masterEpoch);
    return run;
  }

  /** Proposes a command of a set; its rules rest until it is applied, or must be taken for lost. */
  propose(run: SetRun, command: BrokerSetCommand, now: Instant): void {
    run.proposedAtMs = now.monotonicMs;
    // It repeats what brokers and operators said: one that is not fit for the log must not end this node.
    const checked = checkCommand(command);
    if (!checked.ok) {
      this.context.log('error', 'brokerSet.unfit', { command: command.type, why: checked.refusal.message });
      this.answerAll(run, checked);
      return;
    }
    this.context.emit({ kind: 'propose', command, asker: null });
  }

  awaitsProposal({ proposedAtMs }: SetRun, now: Instant): boolean {
    return proposedAtMs !== null && now.monotonicMs - proposedAtMs < PROPOSAL_PATIENCE_MS;
  }

  answerAll(run: SetRun, reply: ClientReply): void {
    for (const { asker } of run.askers.splice(0)) this.context.emit({ kind: 'reply', asker, reply });
  }

  refOf(
    { cluster, name }: Pick<BrokerSet, 'cluster' | 'name'>,
    { address }: Pick<Broker, 'address'>,
  ): BrokerRef {
    return { cluster, name, address };
  }

  /** What each broker of the set said last. */
  heartbeatsOf(set: BrokerSet): (NonNullable<BrokerEvidence['heartbeat']> | null)[] {
    return [...set.brokers.values()].map(
      (broker) => this.book.of(this.refOf(set, broker))?.heartbeat ?? null,
    );
  }

  /** Silence after which a master is suspected: a broker that names a shorter one is taken at its word, within reason. */
  masterSilenceMs(set: BrokerSet, ref: BrokerRef): number {
    const named = this.book.of(ref)?.heartbeat?.timeoutMs ?? Number.POSITIVE_INFINITY;
    return Math.max(LIMITS.shortestDetectionMs, Math.min(set.detectionMs, named));
  }

  suspicion(ref: BrokerRef, silenceMs: number, now: Instant): BrokerSuspicion {
    return suspectBroker({
      own: this.book.of(ref),
      elsewhereAtMs: this.vantages.heardAtMs(ref),
      silenceMs,
      now,
      watchingSinceMs: this.watchingSinceMs,
      stalledUntilMs: this.context.stalledUntilMs,
    });
  }

  /** Whether any node heard it within its own time: what a Controller calls alive. */
  isAlive(ref: BrokerRef, now: Instant): boolean {
    const own = this.book.of(ref);
    const withinMs = own?.heartbeat?.timeoutMs ?? HEARTBEAT_TIMEOUT_MS;
    const ownAtMs = own === null || own.closedAtMs !== null ? Number.NEGATIVE_INFINITY : own.heardAtMs;
    const heardAtMs = Math.max(ownAtMs, this.vantages.heardAtMs(ref) ?? Number.NEGATIVE_INFINITY);
    return now.monotonicMs - heardAtMs < withinMs;
  }

  /** Newest sign of it at any node. */
  heardAtMs(ref: BrokerRef): number {
    const own = this.book.of(ref)?.heardAtMs ?? Number.NEGATIVE_INFINITY;
    return Math.max(own, this.vantages.heardAtMs(ref) ?? Number.NEGATIVE_INFINITY);
  }

  /** Ways to a broker beside the direct one: those that heard it first, and only nodes that are heard themselves. */
  waysTo(ref: BrokerRef, now: Instant): NodeName[] {
    const { self, voters } = this.context.options;
    const others = voters.map(({ node }) => node).filter((node) => node !== self);
    const heard = this.vantages.nodesThatHeard(ref);
    const ordered = [...heard, ...others.filter((node) => !heard.includes(node))];
    return ordered.filter((node) => others.includes(node) && isHeard(this.context, node, now));
  }

  raise(set: BrokerSet, code: AlertCode, message: string, now: Instant): void {
    this.context.raise(set.key, code, message, now);
  }

  lower(set: BrokerSet, code: AlertCode): void {
    this.context.lower(set.key, code);
  }
}
