/**
 * Which brokers the other nodes heard, and when, as they tell one another: a broker that reaches only a follower is alive
 * all the same, and a leader that cannot reach one asks through a node that can.
 */
import type { NodeName } from '../../primitives/identifiers.ts';
import type { Instant } from '../../primitives/instant.ts';
import { LIMITS } from '../../primitives/limits.ts';
import { type BrokerBook, brokerKey } from './broker-book.ts';
import type { BrokerRef, BrokerSeen } from './messages.ts';

type Row = { readonly heardAtMs: number; readonly closed: boolean };

export class BrokerVantages {
  readonly #seen = new Map<NodeName, Map<string, Row>>();
  /** Where the next portion of the own evidence begins. */
  #cursor = 0;

  record(from: NodeName, brokers: readonly BrokerSeen[], { monotonicMs }: Instant): void {
    let rows = this.#seen.get(from);
    if (rows === undefined) {
      rows = new Map();
      this.#seen.set(from, rows);
    }
    for (const broker of brokers) {
      const key = brokerKey(broker);
      rows.delete(key);
      rows.set(key, { heardAtMs: monotonicMs - broker.ageMs, closed: broker.closed });
      const [oldest] = rows.keys();
      if (rows.size > LIMITS.brokersTracked && oldest !== undefined) rows.delete(oldest);
    }
  }

  /** When any other node heard it last; null where none did, or where its connection there has ended since. */
  heardAtMs(ref: BrokerRef): number | null {
    const [newest] = this.#openRows(ref);
    return newest?.heardAtMs ?? null;
  }

  /** Nodes that heard it, newest first. */
  nodesThatHeard(ref: BrokerRef): NodeName[] {
    return this.#openRows(ref).map(({ node }) => node);
  }

  /** The node that heard any broker last, and when. */
  newest(): { readonly node: NodeName; readonly heardAtMs: number } | null {
    let newest: { readonly node: NodeName; readonly heardAtMs: number } | null = null;
    for (const [node, rows] of this.#seen) {
      const row = [...rows.values()].at(-1);
      if (row === undefined || row.closed || row.heardAtMs <= (newest?.heardAtMs ?? -Infinity)) continue;
      newest = { node, heardAtMs: row.heardAtMs };
    }
    return newest;
  }

  /** The next portion of this node's evidence, for the others; portions take turns, so that all of it is told in time. */
  share(book: BrokerBook, { monotonicMs }: Instant): BrokerSeen[] {
    const all = [...book.entries()];
    const from = all.length <= LIMITS.brokersSeenAtOnce ? 0 : this.#cursor % all.length;
    const portion = all.slice(from, from + LIMITS.brokersSeenAtOnce);
    this.#cursor = from + portion.length;
    return portion.map(({ ref, heardAtMs, closedAtMs }) => ({
      ...ref,
      ageMs: Math.max(0, monotonicMs - heardAtMs),
      closed: closedAtMs !== null,
    }));
  }

  /** What each other node told of it last, also where its connection there has ended. */
  rowsOf(ref: BrokerRef): ({ readonly node: NodeName } & Row)[] {
    const key = brokerKey(ref);
    return [...this.#seen].flatMap(([node, seen]) => {
      const row = seen.get(key);
      return row === undefined ? [] : [{ node, ...row }];
    });
  }

  #openRows(ref: BrokerRef): ({ readonly node: NodeName } & Row)[] {
    const rows = this.rowsOf(ref).filter(({ closed }) => !closed);
    return rows.sort((one, other) => other.heardAtMs - one.heardAtMs);
  }
}
