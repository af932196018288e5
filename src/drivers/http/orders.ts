/**
 * Orders for brokers that register themselves. Their id is `<term>.<steerId>` of the action that they come from, so
 * that a deposed leader's desk recognises a broker that already acts on newer ones and never takes it back; brokers
 * treat the id as opaque. Invariant: orders are for one life of a process (incarnation); another one gets none of them.
 */
import type { HeartbeatOrders } from '../../core/coordinator/requests.ts';
import type { SteerAction } from '../../core/failover/steering.ts';
import type { ServerReport } from '../../core/liveness/observation.ts';
import type { Epoch, ReplicaId } from '../../core/primitives/identifiers.ts';

export type OrdersId = { readonly term: number; readonly steerId: number };

/** What a process is told that nobody gave orders to: it has just started, and starts fenced. */
export const BOOT_ORDERS: OrdersId = { term: 0, steerId: 0 };

export const ordersText = ({ term, steerId }: OrdersId): string => `${term}.${steerId}`;

/** Null for what this desk, and any other of its kind, never wrote. */
export function parseOrdersText(text: string | null): OrdersId | null {
  const match = /^(\d{1,15})\.(\d{1,15})$/.exec(text ?? '');
  return match === null ? null : { term: Number(match[1]), steerId: Number(match[2]) };
}

export const isNewer = (one: OrdersId, other: OrdersId | null): boolean =>
  other === null || one.term > other.term || (one.term === other.term && one.steerId > other.steerId);

/** What a broker is told to be, without the id and the time of the next heartbeat. */
export type OrderedState = Omit<HeartbeatOrders, 'orders' | 'nextHeartbeatMs'>;

const FENCED = { role: 'fenced', follow: null, accept: [] } as const;

export const fencedAt = (reign: Epoch): OrderedState => ({ ...FENCED, epoch: reign });

/** What the desk knows of the group besides the action. */
export type OrderContext = {
  /** Highest epoch that the desk has heard of in the group. */
  readonly epoch: Epoch;
  /** Who is reached at that address; null where no replica of the group is. */
  readonly replicaAt: (address: string) => ReplicaId | null;
  /** What the replica was last told to be; null when this desk never told it anything. */
  readonly current: OrderedState | null;
  readonly report: ServerReport;
};

/**
 * The state that an action asks for, or a sentence why this kind of broker cannot be asked for it. `inspect`,
 * `check`, `keepTail` and `release` are not orders and are handled by the desk.
 */
export function orderedState(
  action: Exclude<SteerAction, { kind: 'inspect' | 'check' | 'keepTail' | 'release' }>,
  context: OrderContext,
): OrderedState | string {
  switch (action.kind) {
    case 'revoke':
      return fencedAt(context.epoch);
    case 'promote':
      return { role: 'master', epoch: action.epoch, follow: null, accept: action.members };
    case 'grant':
      return { ...(context.current ?? stateReported(context)), accept: action.members };
    case 'attach': {
      const replica = context.replicaAt(action.masterAddress);
      return replica === null
        ? `no replica of the group is reached at ${action.masterAddress}`
        : {
            role: 'slave',
            epoch: context.epoch,
            follow: { replica, address: action.masterAddress },
            accept: context.current?.accept ?? [],
          };
    }
    case 'pauseWrites':
    case 'resumeWrites':
      return 'brokers that register themselves take no order to hold writes back';
    default:
      return action satisfies never;
  }
}

/** What a broker says that it is, in the form of orders: the base where this desk never gave it any. */
export function stateReported(context: Pick<OrderContext, 'epoch' | 'replicaAt' | 'report'>): OrderedState {
  const { report } = context;
  if (report.role === 'master') return { role: 'master', epoch: context.epoch, follow: null, accept: [] };
  const followed = report.follows === null ? null : context.replicaAt(report.follows.address);
  if (report.follows === null || followed === null) return fencedAt(context.epoch);
  return {
    role: 'slave',
    epoch: context.epoch,
    follow: { replica: followed, address: report.follows.address },
    accept: [],
  };
}
