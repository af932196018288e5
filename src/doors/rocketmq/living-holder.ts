/**
 * Who lives where a broker says that it is, or with the id that it says it has: a copy of a disk, or a second broker at one
 * address, would take the place of a master that still reigns. A broker that moves stands still at its old place, and its
 * heartbeats from there end.
 */
import type { Broker } from '../../core/metadata/broker-set-state.ts';
import type { DoorView } from './commands/command.ts';
import type { SetNames } from './names.ts';

export type Claim = SetNames & Pick<Broker, 'address'> & { readonly brokerId: number };

/** One sentence; null where nobody does whose heartbeats arrive here. */
export function livingHolder(
  { face, book }: Pick<DoorView, 'face' | 'book'>,
  { name, brokerId, address }: Claim,
): string | null {
  for (const set of face.state().brokerSets.values()) {
    for (const broker of set.brokers.values()) {
      const isSelf = set.name === name && broker.id === brokerId;
      const isClaimed = isSelf ? broker.address !== address : broker.address === address;
      if (isClaimed && book.isAlive({ cluster: set.cluster, name: set.name, address: broker.address }))
        return `broker ${broker.id} of ${set.name} lives: its heartbeats arrive from ${broker.address}`;
    }
  }
  return null;
}
