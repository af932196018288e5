/**
 * What a door sees of the node: the applied state to read from, one way to ask for anything else, and events.
 * Doors never see consensus or the coordinator.
 */
import type { BrokerHeard } from '../coordinator/broker-sets/broker-heard.ts';
import type { BrokerEvidenceRow } from '../coordinator/broker-sets/evidence-rows.ts';
import type { BrokerRef } from '../coordinator/broker-sets/messages.ts';
import type { TierEvent } from '../coordinator/effects.ts';
import type { ClientReply, ClientRequest } from '../coordinator/requests.ts';
import type { AlertView, EvidenceRow } from '../coordinator/views.ts';
import type { MetadataState } from '../metadata/state.ts';
import type { NodeName, SiteName, Term } from '../primitives/identifiers.ts';

export type NodeStatus = {
  readonly node: NodeName;
  readonly site: SiteName;
  readonly role: 'follower' | 'preCandidate' | 'candidate' | 'leader';
  readonly term: Term;
  readonly leader: NodeName | null;
  readonly commitIndex: number;
  readonly appliedIndex: number;
  readonly lastIndex: number;
  readonly snapshotIndex: number;
  /** Milliseconds since this node last heard from a leader (0 on a leader with a lease). */
  readonly leaderHeardMsAgo: number | null;
};

export type NodeFace = {
  /** The applied state; read it within one turn and do not keep it. Its values may be kept. */
  state(): MetadataState;
  /** Log index of the newest change that any route depends on. Rises only when a route may differ. */
  routesRevision(): number;
  /** False where this node cannot confirm that it is current: answers from it carry `stale: true`. */
  isCurrent(): boolean;
  status(): NodeStatus;
  /** This node's own evidence (and, on the leader, the others'), newest per replica and vantage. */
  evidence(): readonly EvidenceRow[];
  /** The same of these RocketMQ brokers, of every vantage. */
  brokerEvidence(refs: readonly BrokerRef[]): readonly BrokerEvidenceRow[];
  /** What needs an operator, newest first; the leader's view, elsewhere as it last told. */
  alerts(): readonly AlertView[];
  /** A sign of a RocketMQ broker at a door of this node; nobody waits for it. */
  brokerHeard(heard: BrokerHeard): void;
  submit(request: ClientRequest): Promise<ClientReply>;
  subscribe(listener: (event: TierEvent) => void): () => void;
};
