/**
 * Asking every node whether a broker is dead: each makes a fresh probe and testifies, and what a quorum makes of it is
 * the verdict. Nothing here acts on a broker.
 */
import { type DeathKind, kindOfDeath } from '../../liveness/death.ts';
import { CONFIRMATION_PROBE_MS, type Testimony } from '../../liveness/testimony.ts';
import { judge, type Verdict } from '../../liveness/verdict.ts';
import type { HistoryEvidence } from '../../metadata/state-parts.ts';
import { type NodeName, type SiteName, siteName } from '../../primitives/identifiers.ts';
import type { Instant } from '../../primitives/instant.ts';
import { LIMITS } from '../../primitives/limits.ts';
import type { Context } from '../context.ts';
import type { BrokerAsks } from './broker-asks.ts';
import type { BrokerBook } from './broker-book.ts';
import type { BrokerRef, BrokerSetMessage } from './messages.ts';
import type { BrokerAnswer } from './rocketmq-port.ts';

/** A round ends then, with whoever has answered. */
const ROUND_TIMEOUT_MS = 800;

/** Of a broker that stands nobody knows where: no voter stands there. */
const NOWHERE = siteName('');

export type BrokerRound = {
  readonly confirmId: number;
  readonly broker: BrokerRef;
  readonly site: SiteName;
  readonly startedMs: number;
  readonly startedWallMs: number;
  readonly suspicion: string;
  readonly words: Map<NodeName, { readonly word: Testimony; readonly wallMs: number }>;
};

export type RoundsPorts = {
  readonly context: Context;
  readonly book: BrokerBook;
  readonly asks: BrokerAsks;
  /** A node's testimony on the answer to a fresh probe. */
  readonly testify: (broker: BrokerRef, answer: BrokerAnswer, now: Instant) => Testimony;
  /** Something new came in about this round. */
  readonly onWord: (round: BrokerRound, now: Instant) => void;
};

export class BrokerRounds {
  readonly #ports: RoundsPorts;
  readonly #open = new Map<number, BrokerRound>();

  constructor(ports: RoundsPorts) {
    this.#ports = ports;
  }

  /** Null while too many are open. */
  open(broker: BrokerRef, site: SiteName | null, suspicion: string, now: Instant): BrokerRound | null {
    this.#dropOverdue(now);
    if (this.#open.size >= LIMITS.brokerRounds) return null;
    const { context } = this.#ports;
    const { self, voters } = context.options;
    const round: BrokerRound = {
      confirmId: context.takeId(),
      broker,
      site: site ?? NOWHERE,
      startedMs: now.monotonicMs,
      startedWallMs: now.wallMs,
      suspicion,
      words: new Map(),
    };
    this.#open.set(round.confirmId, round);
    const { term } = context.leadership;
    const message = { type: 'confirmBroker', term, confirmId: round.confirmId, broker } as const;
    for (const { node } of voters) if (node !== self) context.emit({ kind: 'send', to: node, message });
    this.#probe(broker, now, (testimony, at) => this.#note(self, round.confirmId, testimony, at));
    return round;
  }

  /** Another node leads, and asks. */
  asked(
    from: NodeName,
    { term, confirmId, broker }: Extract<BrokerSetMessage, { type: 'confirmBroker' }>,
    now: Instant,
  ): void {
    const { context } = this.#ports;
    // A question of an older term comes from somebody who may not act on the answer any more.
    if (term < context.leadership.term) return;
    this.#probe(broker, now, (testimony) => {
      const message = { type: 'confirmBrokerReply', term, confirmId, broker, testimony } as const;
      context.emit({ kind: 'send', to: from, message });
    });
  }

  replied(
    from: NodeName,
    message: Extract<BrokerSetMessage, { type: 'confirmBrokerReply' }>,
    now: Instant,
  ): void {
    if (message.term !== this.#ports.context.leadership.term) return;
    this.#note(from, message.confirmId, message.testimony, now);
  }

  /** So far; a round whose time is over without a verdict found nobody dead. */
  verdict(round: BrokerRound, now: Instant): Verdict {
    const verdict = judge(wordsOf(round), this.#ports.context.options.voters, round.site);
    if (verdict === 'undecided' && now.monotonicMs - round.startedMs > ROUND_TIMEOUT_MS) return 'notDead';
    return verdict;
  }

  kindOfDeath(round: BrokerRound): DeathKind {
    return kindOfDeath(wordsOf(round), this.#ports.context.options.voters, round.site);
  }

  close(round: BrokerRound): void {
    this.#open.delete(round.confirmId);
  }

  clear(): void {
    this.#open.clear();
  }

  #probe(broker: BrokerRef, now: Instant, onTestimony: (testimony: Testimony, now: Instant) => void): void {
    const { asks, book, testify } = this.#ports;
    const question = {
      address: broker.address,
      ask: { kind: 'probe' },
      timeoutMs: CONFIRMATION_PROBE_MS,
    } as const;
    asks.ask(question, null, now, (answer, at) => {
      const testimony = testify(broker, answer, at);
      if (testimony.verdict === 'alive' && testimony.ground === 'answer' && hasAnswered(answer.kind))
        book.answered(broker, at);
      onTestimony(testimony, at);
    });
  }

  #note(from: NodeName, confirmId: number, testimony: Testimony, now: Instant): void {
    const round = this.#open.get(confirmId);
    // The site of a voter is the tier's knowledge, not the voter's claim.
    const voter = this.#ports.context.options.voters.find(({ node }) => node === from);
    if (round === undefined || voter === undefined) return;
    const detail = testimony.detail.slice(0, LIMITS.textCharacters);
    round.words.set(from, { word: { ...testimony, detail, site: voter.site }, wallMs: now.wallMs });
    this.#ports.onWord(round, now);
  }

  /** Whoever opened one has forgotten it: a set that was cleaned away, say. */
  #dropOverdue(now: Instant): void {
    for (const round of this.#open.values())
      if (now.monotonicMs - round.startedMs > ROUND_TIMEOUT_MS * 4) this.close(round);
  }
}

const hasAnswered = (kind: string): boolean =>
  kind === 'answered' || kind === 'answeredError' || kind === 'acknowledged';

export const wordsOf = ({ words }: BrokerRound): ReadonlyMap<NodeName, Testimony> =>
  new Map([...words].map(([node, { word }]) => [node, word]));

/** What the round heard, for the history; the leader's own suspicion first. */
export function evidenceOf(round: BrokerRound, { options }: Context): HistoryEvidence[] {
  const suspected: HistoryEvidence = {
    node: options.self,
    site: options.site,
    verdict: 'dead',
    detail: `suspected: ${round.suspicion}`,
    wallMs: round.startedWallMs,
  };
  const heard = [...round.words].map(
    ([node, said]): HistoryEvidence => ({
      node,
      site: said.word.site,
      verdict: said.word.verdict,
      detail: said.word.detail,
      wallMs: said.wallMs,
    }),
  );
  return [suspected, ...heard];
}
