/**
 * Asks brokers afresh for their epochs and offsets before one of them is chosen, on all ways at once: directly, and
 * through every node that is heard. What a heartbeat said a second ago chooses nobody.
 */
import type { BrokerSet } from '../../metadata/broker-set-state.ts';
import type { GroupName } from '../../primitives/identifiers.ts';
import type { Instant } from '../../primitives/instant.ts';
import type { BrokerEvidence } from './broker-book.ts';
import type { AskedBroker } from './choose-master.ts';
import type { BrokerAnswer } from './rocketmq-port.ts';
import type { SetContext } from './set-context.ts';
import type { Collection } from './set-run.ts';

/** How long a broker may take to answer. */
const ANSWER_MS = 400;
/** A collection ends then, with whoever has answered. */
const COLLECTION_MS = 1_000;

export function startCollection(
  sets: SetContext,
  set: BrokerSet,
  ids: readonly number[],
  now: Instant,
  onAnswer: (name: GroupName, now: Instant) => void,
): Collection {
  const collection: Collection = { startedMs: now.monotonicMs, ways: new Map(), answers: new Map() };
  for (const id of ids) {
    const broker = set.brokers.get(id);
    if (broker === undefined || broker.address === '') continue;
    const ref = sets.refOf(set, broker);
    const question = { address: broker.address, ask: { kind: 'probe' }, timeoutMs: ANSWER_MS } as const;
    const ways = [null, ...sets.waysTo(ref, now)];
    collection.ways.set(id, ways.length);
    for (const via of ways) {
      const isAsked = sets.asks.ask(question, via, now, (answer, at) => {
        const isIt = answer.kind === 'answered' && (answer.brokerName ?? set.name) === set.name;
        if (via === null && isIt) sets.book.answered(ref, at);
        note(collection, id, answer);
        onAnswer(set.name, at);
      });
      if (!isAsked) note(collection, id, { kind: 'silent', waitedMs: 0 });
    }
  }
  return collection;
}

function note({ ways, answers }: Collection, id: number, answer: BrokerAnswer): void {
  ways.set(id, (ways.get(id) ?? 1) - 1);
  const before = answers.get(id);
  // A way on which it cannot be reached says nothing against one on which it answered.
  if (before?.kind === 'answered') return;
  if (before === undefined || answer.kind === 'answered' || answer.kind === 'answeredError')
    answers.set(id, answer);
}

export function isCollected({ startedMs, ways, answers }: Collection, now: Instant): boolean {
  if (now.monotonicMs - startedMs >= COLLECTION_MS) return true;
  return [...ways].every(([id, out]) => out <= 0 || answers.get(id)?.kind === 'answered');
}

export const askedOf = (
  sets: SetContext,
  set: BrokerSet,
  ids: readonly number[],
  collection: Collection,
  now: Instant,
): AskedBroker[] =>
  ids.flatMap((id) => {
    const broker = set.brokers.get(id);
    if (broker === undefined) return [];
    const heartbeat = sets.book.of(sets.refOf(set, broker))?.heartbeat ?? null;
    const priority = heartbeat?.priority ?? Number.MAX_SAFE_INTEGER;
    const serves = isSteady(heartbeat, now);
    return [{ id, site: broker.site, priority, serves, answer: collection.answers.get(id) ?? null }];
  });

/** A broker that serves says so every second; one that waits for its role, with every try: not before five are over. */
const STEADY_MS = 3_000;

const isSteady = (heartbeat: BrokerEvidence['heartbeat'], { monotonicMs }: Instant): boolean =>
  heartbeat !== null &&
  heartbeat.beforeMs !== null &&
  heartbeat.atMs - heartbeat.beforeMs < STEADY_MS &&
  monotonicMs - heartbeat.atMs < STEADY_MS;
