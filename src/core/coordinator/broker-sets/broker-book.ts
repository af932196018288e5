/**
 * What this node itself has seen of each RocketMQ broker: signs at its doors, and answers to its own questions. Bounded:
 * the broker that was heard longest ago goes first. Nothing is judged here, and nothing here is ever replicated.
 */
import type { Instant } from '../../primitives/instant.ts';
import { LIMITS } from '../../primitives/limits.ts';
import type { BrokerHeard, BrokerHeartbeat } from './broker-heard.ts';
import type { BrokerRef } from './messages.ts';

export type BrokerEvidence = {
  readonly ref: BrokerRef;
  /** Newest sign of life of any kind. */
  readonly heardAtMs: number;
  /** `beforeMs`: when the one before it came. */
  readonly heartbeat: (BrokerHeartbeat & { readonly atMs: number; readonly beforeMs: number | null }) | null;
  /** Newest sign other than a heartbeat and an answer. */
  readonly registeredAtMs: number | null;
  /** The connection over which it was heard last; null where it only ever answered. */
  readonly channel: number | null;
  /** When that connection ended; null as soon as anything is heard after it. */
  readonly closedAtMs: number | null;
};

export const brokerKey = ({ cluster, name, address }: BrokerRef): string => `${cluster}/${name}@${address}`;

const nothingBefore = (ref: BrokerRef): Omit<BrokerEvidence, 'heardAtMs'> => ({
  ref,
  heartbeat: null,
  registeredAtMs: null,
  channel: null,
  closedAtMs: null,
});

export class BrokerBook {
  readonly #entries = new Map<string, BrokerEvidence>();
  readonly #most: number;

  constructor(most: number = LIMITS.brokersTracked) {
    this.#most = most;
  }

  /** The evidence after this sign; null where it changed nothing. */
  heard(heard: BrokerHeard, { monotonicMs: atMs }: Instant): BrokerEvidence | null {
    const ref: BrokerRef = { cluster: heard.cluster, name: heard.name, address: heard.address };
    const before = this.#entries.get(brokerKey(ref));
    if (heard.what === 'closed') {
      // The end of an older connection says nothing of one over which it was heard since.
      if (before === undefined || before.channel !== heard.channel || before.closedAtMs !== null) return null;
      const closed = { ...before, closedAtMs: atMs };
      this.#entries.set(brokerKey(ref), closed);
      return closed;
    }
    const known = { ...(before ?? nothingBefore(ref)), heardAtMs: atMs, closedAtMs: null };
    const { channel } = heard;
    if (heard.what === 'registered') return this.#put({ ...known, channel, registeredAtMs: atMs });
    const { brokerId, epoch, maxOffset, confirmOffset, timeoutMs, priority, zone } = heard;
    const said = { brokerId, epoch, maxOffset, confirmOffset, timeoutMs, priority, zone };
    const beforeMs = before?.heartbeat?.atMs ?? null;
    return this.#put({ ...known, channel, heartbeat: { ...said, atMs, beforeMs } });
  }

  /** It answered a question of this node, over a connection made for it. */
  answered(ref: BrokerRef, { monotonicMs: atMs }: Instant): void {
    const before = this.#entries.get(brokerKey(ref)) ?? nothingBefore(ref);
    this.#put({ ...before, heardAtMs: atMs, closedAtMs: null });
  }

  of(ref: BrokerRef): BrokerEvidence | null {
    return this.#entries.get(brokerKey(ref)) ?? null;
  }

  /** The one heard longest ago first. */
  entries(): IterableIterator<BrokerEvidence> {
    return this.#entries.values();
  }

  get size(): number {
    return this.#entries.size;
  }

  #put(evidence: BrokerEvidence): BrokerEvidence {
    const key = brokerKey(evidence.ref);
    this.#entries.delete(key);
    this.#entries.set(key, evidence);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#most && oldest !== undefined) this.#entries.delete(oldest);
    return evidence;
  }
}
