/**
 * Tells every broker of a set who its master is, the old master too: as a request that it acknowledges, through whichever
 * node reaches it, again and again with growing pauses until it has or another epoch is committed. A new leader begins
 * anew; a broker acts only on an epoch above its own, so what arrives twice changes nothing.
 *
 * An old master that was gone and comes back as it was is left to its own question first (1004, every five seconds), whose
 * answer at the door stops it from acknowledging. Told at once, it parts from its slaves, and one newer than 5.3.3 then
 * takes whatever waits for them for acknowledged by all.
 */
import { claimsToReign } from '../../metadata/broker-set-queries.ts';
import type { Broker, BrokerSet } from '../../metadata/broker-set-state.ts';
import type { Instant } from '../../primitives/instant.ts';
import type { BrokerAnswer, BrokerAsk } from './rocketmq-port.ts';
import type { SetContext } from './set-context.ts';
import { noteAcknowledged, recordOf } from './set-notes.ts';
import type { SetRun, Telling } from './set-run.ts';

/** A broker answers once it has changed its role, and a master waits until its consume queues have caught up. */
const ROLE_CHANGE_MS = 10_000;
/** One that was not heard lately is not waited for as long. */
const UNHEARD_MS = 2_000;
/** Pauses once all ways were tried; twice as long each time. */
const PAUSE_MS = { first: 500, longest: 10_000 } as const;

const LOOK: BrokerAsk = { kind: 'probe' };
/** What a broker calls itself that reigns. */
const REIGNS = 0;
/** Somewhat longer than brokers wait before they ask. */
const ASKS_ITSELF_MS = 6_000;

const newTelling = (looks: boolean): Telling => ({
  looks,
  notBeforeMs: 0,
  done: false,
  out: false,
  failures: 0,
  triedAtMs: 0,
  nextMs: 0,
});

export function tellRoles(sets: SetContext, set: BrokerSet, run: SetRun, now: Instant): void {
  const master = set.master === null ? undefined : set.brokers.get(set.master);
  if (master === undefined || master.address === '') return;
  const ask: BrokerAsk = {
    kind: 'changeRole',
    masterAddress: master.address,
    masterBrokerId: master.id,
    masterEpoch: set.masterEpoch,
    syncStateSet: set.syncStateSet,
    syncStateSetEpoch: set.syncStateSetEpoch,
  };
  for (const broker of set.brokers.values()) {
    if (broker.address === '') continue;
    let telling = run.tellings.get(broker.id);
    if (telling === undefined) {
      telling = newTelling(mayBeBack(sets, set, run, broker, now));
      run.tellings.set(broker.id, telling);
    }
    if (!telling.done && !telling.out && isDue(sets, set, broker, telling, now))
      tell(sets, set, run, broker, telling, ask, now);
  }
}

/** An old master, as far as anybody knows, but for one that reigned and was there when its successor was elected. */
function mayBeBack(
  sets: SetContext,
  set: BrokerSet,
  { isFresh }: SetRun,
  broker: Broker,
  { monotonicMs }: Instant,
): boolean {
  const isHeard = monotonicMs - sets.heardAtMs(sets.refOf(set, broker)) < set.detectionMs;
  const isReplaced = isFresh && isHeard && recordOf(sets, set)?.from === broker.id;
  return !isReplaced && claimsToReign(sets.context.state(), set, broker);
}

function isDue(sets: SetContext, set: BrokerSet, broker: Broker, telling: Telling, now: Instant): boolean {
  const evidence = sets.book.of(sets.refOf(set, broker));
  // Its epoch file has this epoch: it follows, or reigns, already.
  if (evidence?.heartbeat?.brokerId === broker.id && evidence.heartbeat.epoch >= set.masterEpoch) {
    telling.done = true;
    return false;
  }
  if (now.monotonicMs < telling.notBeforeMs) return false;
  if (now.monotonicMs >= telling.nextMs) return true;
  // It is back: what could not be said before is said at once.
  const isBack = evidence !== null && evidence.closedAtMs === null && evidence.heardAtMs > telling.triedAtMs;
  return isBack && now.monotonicMs - telling.triedAtMs >= PAUSE_MS.first;
}

function tell(
  sets: SetContext,
  set: BrokerSet,
  run: SetRun,
  broker: Broker,
  telling: Telling,
  ask: BrokerAsk,
  now: Instant,
): void {
  const ref = sets.refOf(set, broker);
  const ways = [null, ...sets.waysTo(ref, now)];
  const via = ways[telling.failures % ways.length] ?? null;
  const isHeard = now.monotonicMs - sets.heardAtMs(ref) < set.detectionMs;
  const timeoutMs = isHeard && !telling.looks ? ROLE_CHANGE_MS : UNHEARD_MS;
  const { masterEpoch } = set;
  const question = { address: broker.address, ask: telling.looks ? LOOK : ask, timeoutMs };
  const isAsked = sets.asks.ask(question, via, now, (answer, at) => {
    telling.out = false;
    const current = sets.setOf(set.name);
    if (current === null || current.masterEpoch !== masterEpoch || run.tellings.get(broker.id) !== telling)
      return;
    heedAnswer(sets, current, broker, telling, { answer, ways: ways.length }, at);
  });
  telling.triedAtMs = now.monotonicMs;
  if (isAsked) telling.out = true;
  else telling.nextMs = now.monotonicMs + PAUSE_MS.first;
}

function heedAnswer(
  sets: SetContext,
  set: BrokerSet,
  broker: Broker,
  telling: Telling,
  { answer, ways }: { readonly answer: BrokerAnswer; readonly ways: number },
  now: Instant,
): void {
  if (telling.looks && answer.kind === 'answered') {
    telling.looks = false;
    telling.notBeforeMs = now.monotonicMs + (answer.brokerId === REIGNS ? ASKS_ITSELF_MS : 0);
    telling.nextMs = telling.notBeforeMs;
    return;
  }
  if (answer.kind === 'acknowledged' || answer.kind === 'answered') {
    telling.done = true;
    sets.context.log('info', 'brokerSet.roleTold', {
      set: set.name,
      broker: broker.id,
      masterEpoch: set.masterEpoch,
      role: broker.id === set.master ? 'master' : 'slave',
    });
    noteAcknowledged(sets, set, broker.id, now);
    return;
  }
  telling.failures += 1;
  // Whatever becomes of it meanwhile: it is not told at once when it is reached the next time.
  telling.looks ||= claimsToReign(sets.context.state(), set, broker);
  const rounds = Math.floor(telling.failures / ways);
  const pauseMs =
    telling.failures % ways === 0
      ? Math.min(PAUSE_MS.longest, PAUSE_MS.first * 2 ** Math.min(rounds - 1, 10))
      : 0;
  telling.nextMs = now.monotonicMs + pauseMs;
  if (answer.kind === 'answeredError')
    sets.context.log('warn', 'brokerSet.roleRefused', {
      set: set.name,
      broker: broker.id,
      code: answer.code,
      remark: answer.remark,
    });
}
