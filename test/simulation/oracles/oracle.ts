/**
 * What an oracle may look at, and when it is told. Oracles judge from the outside: messages as they leave, disks as
 * they are, what was applied, answered and published. They share no code with what they judge, only its types; they
 * throw a `Violation`.
 */
import type { TierEvent } from '../../../src/core/coordinator/effects.ts';
import type { ClientReply, ClientRequest } from '../../../src/core/coordinator/requests.ts';
import type { NodeInput } from '../../../src/core/node/inputs.ts';
import type { PeerMessage } from '../../../src/core/node/peer-message.ts';
import type { NodeName } from '../../../src/core/primitives/identifiers.ts';
import type { PersistBatch, RaftEntry } from '../../../src/core/raft/types.ts';
import type { SimulatedDisk } from '../world/simulated-disk.ts';
import type { SimulatedNode } from '../world/simulated-node.ts';

/** What is common knowledge in a life: everybody who runs, and every entry that anybody has applied, in order. */
export type Overview = {
  readonly nodes: readonly SimulatedNode[];
  /** Entry i stands at i - 1. */
  readonly decided: readonly RaftEntry[];
};

export type Oracle = {
  /** How often it had something to judge that is rare, by name; nothing is proven by an oracle that never looks. */
  readonly counts?: Readonly<Record<string, number>>;
  /** Once, before anything happens. */
  begin?(overview: Overview): void;
  /** A node has read its disk and runs. */
  started?(node: SimulatedNode): void;
  crashed?(node: SimulatedNode): void;
  /** The disk of a node is gone for good, and the node has an empty one. */
  lostDisk?(node: SimulatedNode, former: SimulatedDisk): void;
  /** A batch is on this node's disk, whole. */
  persisted?(node: SimulatedNode, batch: PersistBatch): void;
  /** After every input that a node has handled, before its effects are performed. */
  stepped?(node: SimulatedNode, input: NodeInput): void;
  /** A node calls itself leader of this term for the first time in this life. */
  elected?(node: SimulatedNode, term: number): void;
  /** A node applied an entry before any other did; `overview.decided` ends with it. */
  decided?(node: SimulatedNode, entry: RaftEntry): void;
  /** A node applied this entry; `decided` comes first. */
  applied?(node: SimulatedNode, entry: RaftEntry): void;
  /** A leader's snapshot replaced the state of a node. */
  restored?(node: SimulatedNode, index: number): void;
  /** A message is handed to the node's loop. */
  received?(node: SimulatedNode, from: NodeName, message: PeerMessage): void;
  sent?(node: SimulatedNode, to: NodeName, message: PeerMessage): void;
  /** A client asks this node for something; the same object comes back with the reply. */
  asked?(node: SimulatedNode, request: ClientRequest): void;
  replied?(node: SimulatedNode, request: ClientRequest, reply: ClientReply): void;
  published?(node: SimulatedNode, event: TierEvent): void;
  /** The life is over, and everything was healed before. */
  ended?(): void;
};
