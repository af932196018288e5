/**
 * Takes brokers that died out of the routes: masters without a set of ours, slaves, brokers of releases that only know of
 * name servers. One whose connection ended, or whose heartbeats stopped, goes once a quorum has found it dead; one that
 * no node has heard for its own time goes unless it answers somebody.
 */
import type { Registration } from '../../metadata/broker-set-state.ts';
import type { Instant } from '../../primitives/instant.ts';
import { LIMITS } from '../../primitives/limits.ts';
import { type BrokerRound, type BrokerRounds, wordsOf } from './broker-rounds.ts';
import { HEARTBEAT_TIMEOUT_MS, type SetContext } from './set-context.ts';
import type { BrokerSuspicion } from './suspect-broker.ts';

/** Between two rounds about one broker. */
const AGAIN_MS = { first: 1_000, longest: 30_000 } as const;
/** A removal that is not seen applied within this time is proposed again. */
const PATIENCE_MS = 2_000;

type Watch = { round: BrokerRound | null; vain: number; nextMs: number };

export class RegistrationExpiry {
  readonly #sets: SetContext;
  readonly #rounds: BrokerRounds;
  /** By address; of brokers that are in doubt. */
  readonly #watches = new Map<string, Watch>();

  constructor(sets: SetContext, rounds: BrokerRounds) {
    this.#sets = sets;
    this.#rounds = rounds;
  }

  look(registration: Registration, now: Instant): void {
    const sets = this.#sets;
    const { address } = registration;
    // The master of a set of ours is judged with its set; an election takes it out of the routes at commit.
    if (isMaster(sets, registration)) return;
    const suspicion = sets.suspicion(registration, this.#silenceMs(registration), now);
    const watch = this.#watches.get(address);
    if (suspicion.kind !== 'suspect') {
      if (watch?.round != null) this.#rounds.close(watch.round);
      this.#watches.delete(address);
      return;
    }
    if (watch !== undefined && watch.round !== null) this.#conclude(registration, watch, watch.round, now);
    else if (watch === undefined || now.monotonicMs >= watch.nextMs)
      this.#open(registration, watch, suspicion, now);
  }

  clear(): void {
    this.#watches.clear();
  }

  forget(address: string): void {
    this.#watches.delete(address);
  }

  /** A broker that also heartbeats to a controller is missed sooner than one that registers every 30 s. */
  #silenceMs(registration: Registration): number {
    const heartbeat = this.#sets.book.of(registration)?.heartbeat ?? null;
    if (heartbeat === null) return registration.timeoutMs;
    return Math.min(registration.timeoutMs, Math.max(heartbeat.timeoutMs, HEARTBEAT_TIMEOUT_MS));
  }

  #open(
    registration: Registration,
    before: Watch | undefined,
    { detail }: Extract<BrokerSuspicion, { kind: 'suspect' }>,
    now: Instant,
  ): void {
    if (before === undefined && this.#watches.size >= LIMITS.registrations) return;
    const { cluster, name, address, site } = registration;
    const round = this.#rounds.open({ cluster, name, address }, site, detail, now);
    if (round === null) return;
    const watch = before ?? { round: null, vain: 0, nextMs: 0 };
    watch.round = round;
    this.#watches.set(address, watch);
  }

  #conclude(registration: Registration, watch: Watch, round: BrokerRound, now: Instant): void {
    const sets = this.#sets;
    const verdict = this.#rounds.verdict(round, now);
    if (verdict === 'undecided') return;
    this.#rounds.close(round);
    watch.round = null;
    const { name, address, timeoutMs } = registration;
    const isOverdue =
      now.monotonicMs - Math.max(sets.watchingSinceMs, sets.heardAtMs(registration)) >= timeoutMs;
    const isHeard = [...wordsOf(round).values()].some((word) => word.verdict === 'alive');
    if (verdict === 'dead' || (isOverdue && !isHeard)) {
      const cause = verdict === 'dead' ? 'foundDead' : 'unheard';
      sets.context.log('warn', 'registration.expired', { set: name, address, cause });
      sets.context.emit({
        kind: 'propose',
        command: { type: 'registration.remove', name, address },
        asker: null,
      });
      watch.nextMs = now.monotonicMs + PATIENCE_MS;
      return;
    }
    watch.vain += 1;
    watch.nextMs =
      now.monotonicMs + Math.min(AGAIN_MS.longest, AGAIN_MS.first * 2 ** Math.min(watch.vain - 1, 10));
  }
}

function isMaster(sets: SetContext, { name, address }: Registration): boolean {
  const set = sets.setOf(name);
  if (set === null || set.master === null) return false;
  return set.brokers.get(set.master)?.address === address;
}
