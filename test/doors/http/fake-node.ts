/**
 * A node of one: commands are applied at once to a real store, everything else is answered by what a test sets. The
 * tier has two IDCs and a witness, group orders-a with its master in idc-a, group orders-b with its master in idc-b,
 * and topic `orders` on both.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { BrokerHeard } from '../../../src/core/coordinator/broker-sets/broker-heard.ts';
import type { BrokerEvidenceRow } from '../../../src/core/coordinator/broker-sets/evidence-rows.ts';
import type { BrokerRef } from '../../../src/core/coordinator/broker-sets/messages.ts';
import type { TierEvent } from '../../../src/core/coordinator/effects.ts';
import type { ClientReply, ClientRequest } from '../../../src/core/coordinator/requests.ts';
import type { AlertView, EvidenceRow } from '../../../src/core/coordinator/views.ts';
import { applyCommand, createMetadata } from '../../../src/core/metadata/apply.ts';
import type { Command } from '../../../src/core/metadata/command.ts';
import { routesDependOn } from '../../../src/core/metadata/queries.ts';
import type { NodeFace, NodeStatus } from '../../../src/core/node/face.ts';
import {
  clusterName,
  epoch,
  groupKey,
  groupName,
  incarnation,
  lineage,
  nodeName,
  replicaId,
  siteName,
  term,
  topicName,
} from '../../../src/core/primitives/identifiers.ts';
import { accepted } from '../../../src/core/primitives/refusal.ts';

export const TOKEN = 'open-sesame';

export class FakeNode implements NodeFace {
  readonly store = createMetadata();
  readonly submitted: ClientRequest[] = [];
  readonly heard: BrokerHeard[] = [];
  readonly listeners = new Set<(event: TierEvent) => void>();
  current = true;
  leader: NodeStatus['leader'] = nodeName('node-a');
  evidenceRows: EvidenceRow[] = [];
  brokerEvidenceRows: BrokerEvidenceRow[] = [];
  alertRows: AlertView[] = [];
  /** Answers what is not a command; a test replaces it. */
  answer: (request: ClientRequest) => ClientReply | Promise<ClientReply> = (request) => {
    throw new Error(`no answer is set for ${request.type}`);
  };
  #revision = 0;

  state = () => this.store;
  routesRevision = () => this.#revision;
  isCurrent = () => this.current;
  evidence = () => this.evidenceRows;
  brokerEvidence = (refs: readonly BrokerRef[]) =>
    this.brokerEvidenceRows.filter(({ ref }) => refs.some(({ address }) => address === ref.address));
  alerts = () => this.alertRows;

  status(): NodeStatus {
    const { appliedIndex } = this.store;
    return {
      node: nodeName('node-a'),
      site: siteName('idc-a'),
      role: 'leader',
      term: term(1),
      leader: this.leader,
      commitIndex: appliedIndex,
      appliedIndex,
      lastIndex: appliedIndex,
      snapshotIndex: 0,
      leaderHeardMsAgo: 0,
    };
  }

  brokerHeard(heard: BrokerHeard): void {
    this.heard.push(heard);
  }

  async submit(request: ClientRequest): Promise<ClientReply> {
    this.submitted.push(request);
    return request.type === 'propose' ? this.apply(request.command) : this.answer(request);
  }

  subscribe(listener: (event: TierEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  publish(event: TierEvent): void {
    for (const listener of this.listeners) listener(event);
  }

  apply(command: Command): ClientReply {
    const index = this.store.appliedIndex + 1;
    const result = applyCommand(this.store, command, { index, term: 1 });
    if (!result.ok) return result;
    if (routesDependOn(command.type)) this.#revision = index;
    return accepted({ kind: 'committed', index });
  }
}

const cluster = clusterName('default');
export const keyOf = (group: string) => groupKey(cluster, groupName(group));

export function must(reply: ClientReply): void {
  assert.ok(reply.ok, reply.ok ? '' : JSON.stringify(reply.refusal));
}

/** Declares a group whose first replica is the master, adopted and active at epoch 1, with WAIT 2. */
export function addActiveGroup(
  node: FakeNode,
  name: string,
  sites: readonly string[],
  firstPort: number,
): void {
  const ids = sites.map((_, position) => replicaId(`${name}-${position + 1}`));
  const [master, ...slaves] = ids;
  assert.ok(master !== undefined);
  const key = keyOf(name);
  must(
    node.apply({
      type: 'group.add',
      key,
      cluster,
      name: groupName(name),
      kind: 'redis',
      watchOnly: false,
      capabilities: { canRevoke: true, syncSetAuthor: 'pollux' },
      replicas: sites.map((site, position) => {
        const address = `127.0.0.1:${firstPort + position}`;
        return {
          id: replicaId(`${name}-${position + 1}`),
          site: siteName(site),
          endpoints: { client: address, replication: address, announced: null },
          priority: 100,
        };
      }),
      preferredMaster: null,
      policy: 'cross-idc',
      onShortage: 'block',
      timeFenceSeconds: 3,
      detectionMs: 1_000,
      cooldownMs: 60_000,
      owner: 'payments',
      labels: {},
      recordId: `${name}-adoption`,
      by: 'token-1',
      wallMs: 1_000,
    }),
  );
  must(
    node.apply({
      type: 'group.promote',
      key,
      epoch: epoch(1),
      candidate: master,
      incarnation: incarnation(`run-${master}`),
      cut: 9_007_199_254_740_993n,
      cutLineage: lineage('lineage-0'),
      cutEpoch: null,
      branches: [],
      members: slaves.map((replica) => ({
        replica,
        incarnation: incarnation(`run-${replica}`),
        caughtUp: true,
      })),
      rule: { kind: 'anyOf', k: 2 },
      degraded: false,
      candidates: [],
      predictedLossBytes: 0n,
      incarnations: ids.map((replica) => ({ replica, incarnation: incarnation(`run-${replica}`) })),
      wallMs: 2_000,
    }),
  );
  must(
    node.apply({
      type: 'group.activate',
      key,
      epoch: epoch(1),
      lineage: lineage('lineage-1'),
      reinstated: false,
      wallMs: 3_000,
    }),
  );
}

export function fakeNode(): FakeNode {
  const node = new FakeNode();
  must(
    node.apply({
      type: 'tier.bootstrap',
      tierId: 'tier-1',
      sites: [
        { name: siteName('idc-a'), kind: 'idc' },
        { name: siteName('idc-b'), kind: 'idc' },
        { name: siteName('witness'), kind: 'witness' },
      ],
      members: [
        { name: nodeName('node-a'), site: siteName('idc-a'), httpUrl: 'http://127.0.0.1:7400' },
        { name: nodeName('node-b'), site: siteName('idc-b'), httpUrl: 'http://127.0.0.1:7410' },
        { name: nodeName('node-w'), site: siteName('witness'), httpUrl: 'http://127.0.0.1:7420' },
      ],
      token: {
        id: 'token-1',
        sha256: createHash('sha256').update(TOKEN).digest('hex'),
        role: 'operator',
        createdWallMs: 0,
      },
    }),
  );
  addActiveGroup(node, 'orders-a', ['idc-a', 'idc-a', 'idc-b'], 7_101);
  addActiveGroup(node, 'orders-b', ['idc-b', 'idc-b', 'idc-a'], 7_201);
  must(
    node.apply({
      type: 'topic.add',
      topic: {
        cluster,
        name: topicName('orders'),
        queues: [
          { group: keyOf('orders-a'), readQueues: 4, writeQueues: 4 },
          { group: keyOf('orders-b'), readQueues: 4, writeQueues: 4 },
        ],
        permission: 'readWrite',
        order: false,
        near: 'prefer',
        attributes: {},
        source: 'declared',
        owner: 'payments',
        labels: {},
      },
    }),
  );
  return node;
}
