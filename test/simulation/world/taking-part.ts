/**
 * How one life of a node comes to take part, by the rules that ship: with a disk that was lost it keeps still until the
 * tier has let it in again, and whoever takes part looks after the mark of its directory. What waits here hears nothing
 * but answers to its own question, and its loop is not stepped.
 */

import type { PeerMessage } from '../../../src/core/node/peer-message.ts';
import type { NodeName } from '../../../src/core/primitives/identifiers.ts';
import { MARK_LOOK_INTERVAL_MS, TierMark } from '../../../src/main/tier-mark.ts';
import { LOOK_INTERVAL_MS, type PeerSeen, WaitingRoom } from '../../../src/main/waiting-room.ts';
import type { NodeTimers } from './node-timers.ts';
import type { SimulatedNode } from './simulated-node.ts';
import { Violation } from './violation.ts';
import type { World } from './world.ts';

/** What of a node goes with its disk: the id by which the tier knows it, and the tier that it is bound to. */
export type Directory = {
  /** How many disks of this node were lost before. */
  readonly number: number;
  readonly id: string;
  /** The operator starts the node as a replacement. */
  isReplacement: boolean;
  tierId: string | null;
};

export const directoryOf = (node: NodeName, number: number, isReplacement: boolean): Directory => ({
  number,
  id: `directory-${number}-of-${node}`,
  isReplacement,
  tierId: null,
});

export class TakingPart {
  readonly #world: World;
  readonly #node: SimulatedNode;
  readonly #timers: NodeTimers;
  /** What each peer said of its tier when they were last connected. */
  readonly #said = new Map<NodeName, string | null>();
  #room: WaitingRoom | null = null;

  constructor(world: World, node: SimulatedNode, timers: NodeTimers) {
    this.#world = world;
    this.#node = node;
    this.#timers = timers;
  }

  get waits(): boolean {
    return this.#room !== null;
  }

  /** `forwardId` is one that no earlier life has used. */
  wait(forwardId: number): void {
    const { name, directory } = this.#node;
    const joining = { node: name, directoryId: directory.id, isReplacement: directory.isReplacement };
    const room = new WaitingRoom(joining, directory.id, forwardId);
    this.#room = room;
    const interval = this.#timers.setInterval(() => {
      if (this.#room === null) this.#timers.clear(interval);
      else this.#look(room);
    }, LOOK_INTERVAL_MS);
  }

  /** True when the answer is that this start is refused. */
  isRefusedBy(message: PeerMessage): boolean {
    const verdict = this.#room?.heard(message) ?? null;
    if (verdict === null) return false;
    if (verdict.kind === 'refused') return true;
    this.#room = null;
    this.#world.count('letInAgain');
    this.#world.note(`${this.#node.name} was let in with ${this.#node.directory.id}`);
    return false;
  }

  keepMark(): void {
    const node = this.#node;
    const { id, isReplacement } = node.directory;
    const mark = new TierMark({ node: node.name, directoryId: id, isReplacement });
    const interval = this.#timers.setInterval(() => {
      if (this.waits) return;
      const loop = node.loop();
      const next = mark.look(loop.state(), loop.isCurrent(node.clock.now()), node.clock.monotonicMs());
      if (next === 'done') this.#timers.clear(interval);
      if (typeof next === 'string') return;
      node.request(next, (reply) => {
        if (reply !== null && node.isRunning && mark.isOfAnother(next, reply, node.loop().state()))
          throw new Violation(
            'a node that was let in stays in',
            `${node.name} finds another mark than ${id}`,
          );
      });
    }, MARK_LOOK_INTERVAL_MS);
  }

  #look(room: WaitingRoom): void {
    const node = this.#node;
    const peers = new Map<NodeName, PeerSeen>();
    for (const peer of this.#world.nodes) {
      if (peer === node) continue;
      const connected = peer.isRunning && this.#world.network.joins(node.name, peer.name);
      if (connected) this.#said.set(peer.name, peer.directory.tierId);
      peers.set(peer.name, { connected, tierId: this.#said.get(peer.name) ?? null });
    }
    const { judgement, ask } = room.look(peers, node.clock.monotonicMs());
    if (judgement === 'found')
      throw new Violation('a node without its disk founds nothing', `${node.name} would`);
    if (judgement === 'wait') this.#world.count('looksInVain');
    if (ask !== null) for (const peer of peers.keys()) this.#world.send(node, peer, ask);
  }
}
