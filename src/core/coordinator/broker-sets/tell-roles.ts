/**
 * Tells every broker of a set who its master is, the old master too: as a request that it acknowledges, through whichever
 * node reaches it, again and again with growing pauses until it has or another epoch is committed. A new leader begins
 * anew; a broker acts only on an epoch above its own, so what arrives twice changes nothing.
 *
 * An old master that runs is told first, and in two steps. Once its slaves leave it, or it leaves them, a broker newer
 * than 5.3.3 is alone in its sync state set by its own decision, and acknowledges whatever waited for the others, which
 * is gone with its reign. So it is made master once more, in an epoch that nobody else has and with a sync state set that
 * no broker completes: what waits runs into its timeout. Only then is it told to follow, and all the others whom.
 */
import { claimsToReign } from '../../metadata/broker-set-queries.ts';
import type { Broker, BrokerSet } from '../../metadata/broker-set-state.ts';
import type { Instant } from '../../primitives/instant.ts';
import type { BrokerAnswer, BrokerAsk } from './rocketmq-port.ts';
import type { SetContext } from './set-context.ts';
import { noteAcknowledged } from './set-notes.ts';
import type { SetRun, Telling } from './set-run.ts';

/** A broker answers once it has changed its role, and a master waits until its consume queues have caught up. */
const ROLE_CHANGE_MS = 10_000;
/** One that was not heard lately is not waited for as long. */
const UNHEARD_MS = 2_000;
/** Pauses once all ways were tried; twice as long each time. */
const PAUSE_MS = { first: 500, longest: 10_000 } as const;
/** The others wait so long for an old master that is heard. */
const OLD_MASTER_MS = 1_000;
/** What a broker calls itself that reigns. */
const REIGNS = 0;
/** No broker has this id among the brokers of a set, so that it never confirms anything. */
const NOBODY = 0;

const newTelling = (step: Telling['step']): Telling => ({
  step,
  done: false,
  out: false,
  failures: 0,
  triedAtMs: 0,
  nextMs: 0,
});

export function tellRoles(sets: SetContext, set: BrokerSet, run: SetRun, now: Instant): void {
  const master = set.master === null ? undefined : set.brokers.get(set.master);
  if (master === undefined || master.address === '') return;
  run.toldSinceMs ??= now.monotonicMs;
  const told = [...set.brokers.values()].filter(({ address }) => address !== '');
  for (const broker of told) {
    if (run.tellings.has(broker.id)) continue;
    const mayReign = broker.id !== master.id && claimsToReign(sets.context.state(), set, broker);
    run.tellings.set(broker.id, newTelling(mayReign ? 'look' : 'tell'));
  }
  const isHeld = now.monotonicMs - run.toldSinceMs < OLD_MASTER_MS;
  const holdsUp = told.some((broker) => isHeld && mayAcknowledge(sets, set, run, broker, now));
  for (const broker of told) {
    const telling = run.tellings.get(broker.id);
    if (telling === undefined || telling.done || telling.out || (holdsUp && telling.step === 'tell'))
      continue;
    if (isDue(sets, set, broker, telling, now)) tell(sets, set, run, broker, telling, master, now);
  }
}

/** It runs, and may still take what it alone has for what all have. */
function mayAcknowledge(
  sets: SetContext,
  set: BrokerSet,
  run: SetRun,
  broker: Broker,
  { monotonicMs }: Instant,
): boolean {
  const telling = run.tellings.get(broker.id);
  if (telling === undefined || telling.done || telling.step === 'tell') return false;
  return monotonicMs - sets.heardAtMs(sets.refOf(set, broker)) < set.detectionMs;
}

function isDue(sets: SetContext, set: BrokerSet, broker: Broker, telling: Telling, now: Instant): boolean {
  const evidence = sets.book.of(sets.refOf(set, broker));
  // Its epoch file has this epoch: it follows, or reigns, already.
  if (evidence?.heartbeat?.brokerId === broker.id && evidence.heartbeat.epoch >= set.masterEpoch) {
    telling.done = true;
    return false;
  }
  if (now.monotonicMs >= telling.nextMs) return true;
  // It is back: what could not be said before is said at once.
  const isBack = evidence !== null && evidence.closedAtMs === null && evidence.heardAtMs > telling.triedAtMs;
  return isBack && now.monotonicMs - telling.triedAtMs >= PAUSE_MS.first;
}

function askOf(set: BrokerSet, broker: Broker, { step }: Telling, master: Broker): BrokerAsk {
  const { masterEpoch, syncStateSet, syncStateSetEpoch } = set;
  if (step === 'look') return { kind: 'probe' };
  const isHeld = step === 'hold';
  const { id, address } = isHeld ? broker : master;
  return {
    kind: 'changeRole',
    masterAddress: address,
    masterBrokerId: id,
    masterEpoch: isHeld ? masterEpoch - 1 : masterEpoch,
    syncStateSet: isHeld ? [NOBODY, id] : syncStateSet,
    syncStateSetEpoch,
  };
}

function tell(
  sets: SetContext,
  set: BrokerSet,
  run: SetRun,
  broker: Broker,
  telling: Telling,
  master: Broker,
  now: Instant,
): void {
  const ref = sets.refOf(set, broker);
  const ways = [null, ...sets.waysTo(ref, now)];
  const via = ways[telling.failures % ways.length] ?? null;
  const isHeard = now.monotonicMs - sets.heardAtMs(ref) < set.detectionMs;
  const timeoutMs = isHeard && telling.step === 'tell' ? ROLE_CHANGE_MS : UNHEARD_MS;
  const { masterEpoch } = set;
  const question = { address: broker.address, ask: askOf(set, broker, telling, master), timeoutMs };
  const isAsked = sets.asks.ask(question, via, now, (answer, at) => {
    telling.out = false;
    const current = sets.setOf(set.name);
    if (current === null || current.masterEpoch !== masterEpoch || run.tellings.get(broker.id) !== telling)
      return;
    heedAnswer(sets, current, broker, telling, { answer, ways: ways.length }, at);
    tellRoles(sets, current, run, at);
  });
  telling.triedAtMs = now.monotonicMs;
  if (isAsked) telling.out = true;
  else telling.nextMs = now.monotonicMs + PAUSE_MS.first;
}

/** The step after this one; null where the answer leads to none. */
function nextStep({ step }: Telling, answer: BrokerAnswer): Telling['step'] | null {
  if (step === 'tell') return null;
  if (answer.kind === 'answeredError' || answer.kind === 'acknowledged') return 'tell';
  if (answer.kind !== 'answered') return null;
  return step === 'look' && answer.brokerId === REIGNS ? 'hold' : 'tell';
}

function heedAnswer(
  sets: SetContext,
  set: BrokerSet,
  broker: Broker,
  telling: Telling,
  { answer, ways }: { readonly answer: BrokerAnswer; readonly ways: number },
  now: Instant,
): void {
  const next = nextStep(telling, answer);
  if (next !== null) {
    telling.step = next;
    telling.nextMs = now.monotonicMs;
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
