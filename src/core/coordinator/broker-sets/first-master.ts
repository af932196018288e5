/**
 * The first master of a set that never had one: whoever asks. Nothing was acknowledged by this set yet, but its brokers may
 * have had a life without a controller: one that lives and holds more goes first, and asks as well.
 */
import type { BrokerSet } from '../../metadata/broker-set-state.ts';
import type { Instant } from '../../primitives/instant.ts';
import { refused } from '../../primitives/refusal.ts';
import type { BrokerSetRequest } from './broker-set-request.ts';
import { highestHeard } from './choose-master.ts';
import { closedIdcs } from './set-brakes.ts';
import type { SetContext } from './set-context.ts';
import type { SetRun } from './set-run.ts';

type Asked = Pick<Extract<BrokerSetRequest, { kind: 'electMaster' }>, 'brokerId' | 'designated' | 'by'>;

/** Null where it is proposed. */
export function firstMaster(
  sets: SetContext,
  set: BrokerSet,
  run: SetRun,
  { brokerId, designated, by }: Asked,
  now: Instant,
): ReturnType<typeof refused> | null {
  const broker = brokerId === null ? undefined : set.brokers.get(brokerId);
  if (broker === undefined)
    return refused('notActive', `Broker set ${set.name} has never had a master; none asks.`);
  if (broker.address === '') return refused('brokerNotAlive', `Broker ${broker.id} has not registered yet.`);
  const { id, site } = broker;
  if (!designated) {
    if (site !== null && closedIdcs(sets.context.state()).has(site))
      return refused(
        'automaticStopped',
        `Automatic action is stopped in ${site}, where broker ${id} stands.`,
      );
    const fuller = whoHoldsMore(sets, set, id, now);
    if (fuller !== null)
      return refused('notActive', `Broker ${fuller} of ${set.name} holds more than ${id}, and lives.`);
  }
  sets.propose(
    run,
    {
      type: 'brokerSet.elect',
      name: set.name,
      expectedMasterEpoch: set.masterEpoch,
      masterEpoch: Math.max(set.masterEpoch, highestHeard(set, sets.heartbeatsOf(set))) + 1,
      master: id,
      reason: 'firstMaster',
      unsafe: false,
      recordId: sets.context.newRecordId(),
      by,
      detail: designated ? `broker ${id} was asked for` : `broker ${id} asked first`,
      evidence: [],
      candidates: [{ id, site, epoch: null, maxOffset: null, chosen: true, detail: 'it asked first' }],
      predictedLossBytes: 0n,
      wallMs: now.wallMs,
    },
    now,
  );
  return null;
}

/** By what they last said themselves; who never said anything holds nothing. */
function whoHoldsMore(sets: SetContext, set: BrokerSet, asking: number, now: Instant): number | null {
  const heldBy = (id: number): { readonly epoch: number; readonly maxOffset: bigint } => {
    const broker = set.brokers.get(id);
    const said = broker === undefined ? null : sets.book.of(sets.refOf(set, broker))?.heartbeat;
    return { epoch: Math.max(0, said?.epoch ?? 0), maxOffset: said?.maxOffset ?? 0n };
  };
  const own = heldBy(asking);
  for (const broker of set.brokers.values()) {
    if (broker.id === asking || broker.address === '' || !sets.isAlive(sets.refOf(set, broker), now))
      continue;
    const { epoch, maxOffset } = heldBy(broker.id);
    if (epoch > own.epoch || (epoch === own.epoch && maxOffset > own.maxOffset)) return broker.id;
  }
  return null;
}
