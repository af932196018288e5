/**
 * Follows the groups and tells what changed: committed changes as soon as they are applied here, and what this node
 * sees of the servers at intervals. While nobody listens only the last known state is kept up to date.
 */
import type { BrokerGroup } from '../../../core/metadata/state.ts';
import type { NodeFace } from '../../../core/node/face.ts';
import type { GroupKey, ReplicaId } from '../../../core/primitives/identifiers.ts';
import type { GroupDirectory } from '../group-directory.ts';
import { lastMaster } from '../records/master-record.ts';
import type { Sightings } from '../sightings.ts';
import { eventsOf, isOver } from './group-events.ts';
import { masterText, slaveText } from './instance.ts';
import type { Publication } from './publication.ts';

export const LOOK_INTERVAL_MS = 250;

export type GroupWatchPorts = {
  readonly face: NodeFace;
  readonly directory: GroupDirectory;
  readonly sightings: Sightings;
  readonly quorum: number;
  readonly hasListeners: () => boolean;
  readonly publish: (publications: readonly Publication[]) => void;
  /** A text that cannot be made is no reason to end the node. */
  readonly onBug: (error: Error, what: string) => void;
};

export class GroupWatch {
  readonly #ports: GroupWatchPorts;
  readonly #known = new Map<GroupKey, BrokerGroup>();
  /** `group/replica` of servers that clients were told are down. */
  readonly #toldDown = new Set<string>();
  /** Groups in a failover that clients have not been told the end of, and who was master before it. */
  readonly #failovers = new Map<GroupKey, ReplicaId>();
  #timer: NodeJS.Timeout | null = null;
  #unsubscribe: (() => void) | null = null;

  constructor(ports: GroupWatchPorts) {
    this.#ports = ports;
  }

  start(): void {
    // What is there when the node starts is no news.
    for (const group of this.#served()) this.#known.set(group.key, group);
    this.#unsubscribe = this.#ports.face.subscribe((event) => {
      if (event.type === 'groupPhase' || event.type === 'routesChanged')
        this.#guarded(() => this.#follow(event.group));
    });
    this.#timer = setInterval(() => this.#guarded(() => this.look()), LOOK_INTERVAL_MS);
  }

  stop(): void {
    this.#unsubscribe?.();
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  /** Every group whose state is another one than before, and every server whose standing is. */
  look(): void {
    const state = this.#ports.face.state();
    for (const key of this.#known.keys()) if (!state.groups.has(key)) this.#follow(key);
    for (const group of this.#served()) {
      if (this.#known.get(group.key) !== group) this.#follow(group.key);
      if (!this.#ports.hasListeners()) continue;
      const told = [...this.#standings(group), ...this.#end(group)];
      if (told.length > 0) this.#ports.publish(told);
    }
  }

  #guarded(act: () => void): void {
    try {
      act();
    } catch (cause) {
      this.#ports.onBug(cause instanceof Error ? cause : new Error(String(cause)), 'events');
    }
  }

  *#served(): Iterable<BrokerGroup> {
    for (const group of this.#ports.face.state().groups.values()) {
      if (this.#ports.directory.serves(group)) yield group;
    }
  }

  #follow(key: GroupKey): void {
    const found = this.#ports.face.state().groups.get(key) ?? null;
    const after = found !== null && this.#ports.directory.serves(found) ? found : null;
    const before = this.#known.get(key) ?? null;
    if (after === before) return;
    if (after === null) this.#forget(key);
    else this.#known.set(key, after);
    const named = after ?? before;
    if (named === null || !this.#ports.hasListeners()) return;
    const old = before === null ? null : lastMaster(before);
    const oldKey = old === null ? '' : `${key}/${old.id}`;
    const told = eventsOf({
      name: this.#ports.directory.nameOf(named),
      before,
      after,
      quorum: this.#ports.quorum,
      isToldDown: this.#toldDown.has(oldKey),
    });
    for (const { channel } of told) {
      if (channel === '+odown') this.#toldDown.add(oldKey);
      if (channel === '+try-failover' && old !== null) this.#failovers.set(key, old.id);
      // Who was told that it is down as a master is told so again as a slave, for it is another thing to listen for.
      if (channel === '+switch-master' || channel === '-odown') this.#toldDown.delete(oldKey);
      if (channel === '+failover-end') this.#failovers.delete(key);
    }
    const all = after === null ? told : [...told, ...this.#end(after)];
    if (all.length > 0) this.#ports.publish(all);
  }

  #end(group: BrokerGroup): Publication[] {
    const { directory, sightings } = this.#ports;
    const old = this.#failovers.get(group.key);
    const isDown = (slave: ReplicaId): boolean =>
      sightings.of(group.key, slave)?.standing === 'suspect' || this.#toldDown.has(`${group.key}/${slave}`);
    if (old === undefined || !isOver(group, old, isDown)) return [];
    this.#failovers.delete(group.key);
    const masterName = directory.nameOf(group);
    return [{ channel: '+failover-end', payload: masterText(masterName, lastMaster(group)), masterName }];
  }

  #standings(group: BrokerGroup): Publication[] {
    const { directory, sightings } = this.#ports;
    const name = directory.nameOf(group);
    const master = lastMaster(group);
    return group.replicas.flatMap((replica) => {
      const standing = sightings.of(group.key, replica.id)?.standing ?? 'unknown';
      const key = `${group.key}/${replica.id}`;
      const isToldDown = this.#toldDown.has(key);
      const isDown = standing === 'suspect' || (standing === 'unknown' && isToldDown);
      if (isDown === isToldDown) return [];
      // While its reign ends the master counts as down, whatever it answers.
      if (!isDown && replica.id === master.id && group.phase.kind !== 'active') return [];
      if (isDown) this.#toldDown.add(key);
      else this.#toldDown.delete(key);
      const payload = replica.id === master.id ? masterText(name, master) : slaveText(name, replica, master);
      return [{ channel: isDown ? '+sdown' : '-sdown', payload, masterName: name }];
    });
  }

  #forget(key: GroupKey): void {
    this.#known.delete(key);
    this.#failovers.delete(key);
    for (const down of this.#toldDown) if (down.startsWith(`${key}/`)) this.#toldDown.delete(down);
  }
}
