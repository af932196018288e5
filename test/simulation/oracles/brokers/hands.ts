/**
 * One steering hand: once the hand of a newer term, or of a later way to the server in the same term, has been on a
 * server, no older one does anything there; nor does an earlier connection of the same hand, whatever was on its way.
 */
import type { ServerProcess } from '../../redis/server-process.ts';
import type { Session } from '../../redis/session.ts';
import { demand } from '../../world/violation.ts';
import { type BrokerOracle, handIn } from './broker-oracle.ts';

/** Compared from the left. */
type Order = readonly [term: number, path: number, connection: number];

function orderOf(session: Session): Order | null {
  const hand = handIn(session.user?.name);
  return hand === null ? null : [hand.term, hand.path, session.id];
}

function isBefore(one: Order, other: Order): boolean {
  const differs = one.findIndex((value, index) => value !== other[index]);
  return differs >= 0 && (one[differs] ?? 0) < (other[differs] ?? 0);
}

export function hands(): BrokerOracle {
  const newest = new WeakMap<ServerProcess, Order>();
  return {
    server: {
      executing(process, session, name) {
        const order = orderOf(session);
        if (order === null) return;
        const before = newest.get(process) ?? order;
        demand(
          !isBefore(order, before),
          'a newer hand silences the older ones',
          () =>
            `${name} of hand ${order.join('/')} on ${process.host.address}, after hand ${before.join('/')}`,
        );
        newest.set(process, order);
      },
    },
  };
}
