/** What the nodes have seen of brokers, for operators: this node's own evidence first, then what the others told it. */
import type { NodeName } from '../../primitives/identifiers.ts';
import type { Instant } from '../../primitives/instant.ts';
import type { BrokerBook } from './broker-book.ts';
import type { BrokerVantages } from './broker-vantages.ts';
import type { BrokerRef } from './messages.ts';

export type BrokerEvidenceRow = {
  readonly ref: BrokerRef;
  readonly vantage: NodeName;
  /** Since the newest sign of any kind. */
  readonly ageMs: number;
  /** The connection over which it was heard last has ended. */
  readonly isClosed: boolean;
  /** What its newest heartbeat said; null where there was none, and in what other nodes told. */
  readonly heartbeat: {
    readonly epoch: number;
    readonly maxOffset: bigint;
    readonly confirmOffset: bigint;
    readonly ageMs: number;
  } | null;
};

export function brokerEvidenceRows(
  { book, vantages }: { readonly book: BrokerBook; readonly vantages: BrokerVantages },
  self: NodeName,
  refs: readonly BrokerRef[],
  { monotonicMs }: Instant,
): BrokerEvidenceRow[] {
  return refs.flatMap((ref) => {
    const own = book.of(ref);
    const rows: BrokerEvidenceRow[] = vantages.rowsOf(ref).map(({ node, heardAtMs, closed }) => ({
      ref,
      vantage: node,
      ageMs: monotonicMs - heardAtMs,
      isClosed: closed,
      heartbeat: null,
    }));
    if (own === null) return rows;
    const { heardAtMs, closedAtMs, heartbeat } = own;
    const said =
      heartbeat === null
        ? null
        : {
            epoch: heartbeat.epoch,
            maxOffset: heartbeat.maxOffset,
            confirmOffset: heartbeat.confirmOffset,
            ageMs: monotonicMs - heartbeat.atMs,
          };
    const isClosed = closedAtMs !== null;
    return [{ ref, vantage: self, ageMs: monotonicMs - heardAtMs, isClosed, heartbeat: said }, ...rows];
  });
}
