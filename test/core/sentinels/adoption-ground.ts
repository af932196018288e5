/** A node, and Sentinels, to take masters over on. */
import assert from 'node:assert/strict';
import type { ClientReply, ClientRequest, GroupPlan } from '../../../src/core/coordinator/requests.ts';
import { clusterName, groupName, replicaId, siteName } from '../../../src/core/primitives/identifiers.ts';
import { accepted, type RefusalCode } from '../../../src/core/primitives/refusal.ts';
import { adopt } from '../../../src/core/sentinels/adopt.ts';
import type { AdoptionOrder } from '../../../src/core/sentinels/course.ts';
import { fakeNode } from '../../doors/http/fake-node.ts';
import { FakeSentinels } from './fake-sentinels.ts';

export const MASTER = '10.1.0.1:6379';

/** A node that finds every server fit, but for the Sentinels, and declares what it is asked to. */
export class Ground {
  readonly sentinels = new FakeSentinels();
  readonly node = fakeNode();
  readonly steps: string[] = [];
  /** What preflight finds beside Sentinels. */
  problems: GroupPlan['problems'] = [];
  master: string | null = null;
  commits: (request: ClientRequest) => ClientReply = () => accepted({ kind: 'committed', index: 9 });
  /** Another Sentinel, unknown to all. */
  hasStranger = false;

  constructor() {
    this.node.answer = (request) => {
      if (request.type !== 'addGroup' && request.type !== 'takeGroup') throw new Error(request.type);
      const how = request.planOnly ? (request.proveWritable === true ? 'prove' : 'plan') : 'commit';
      this.steps.push(`${how} with ${this.sentinels.watching} watching`);
      return request.planOnly ? accepted({ kind: 'plan', plan: this.#plan() }) : this.commits(request);
    };
  }

  #plan(): GroupPlan {
    const watched = this.sentinels.watching > 0 || this.hasStranger;
    const found = { code: 'watchedBySentinel', message: 'A Sentinel watches the server.' };
    const replica = replicaId('orders-1');
    const problems = [...this.problems, ...(watched ? [{ replica, ...found }] : [])];
    const inspection = { watchedBySentinel: watched, problems: watched ? [found] : [] };
    return {
      fit: problems.length === 0,
      master: replica,
      servers: [
        {
          replica,
          site: siteName('idc-a'),
          address: this.master ?? MASTER,
          inspection: inspection as never,
          error: null,
        },
      ],
      problems,
      survives: [],
      waitCount: 1,
    };
  }

  adopt(change: Partial<AdoptionOrder> = {}, watchOnly = false) {
    const terms = {
      cluster: clusterName('default'),
      name: groupName('orders'),
      watchOnly,
      policy: 'any-one' as const,
      onShortage: 'degrade' as const,
      timeFenceSeconds: 3,
      detectionMs: 1_000,
      cooldownMs: 0,
      owner: '',
      labels: {},
    };
    const order = {
      sentinel: '10.0.0.1:26379',
      terms,
      said: new Map(),
      planOnly: false,
      by: 'eve',
      ...change,
    };
    return adopt(order, {
      sentinels: this.sentinels,
      face: this.node,
      timers: {
        after: (_, action) => {
          queueMicrotask(action);
          return () => undefined;
        },
      },
      idcOfAddress: (host) =>
        host.startsWith('10.1.') ? siteName('idc-a') : host.startsWith('10.2.') ? siteName('idc-b') : null,
    });
  }

  async refusal(code: RefusalCode, ...order: Parameters<Ground['adopt']>): Promise<string> {
    const reply = await this.adopt(...order);
    assert.ok(!reply.ok);
    assert.equal(reply.refusal.code, code, reply.refusal.message);
    return reply.refusal.message;
  }

  untouched(): void {
    assert.deepEqual(this.sentinels.told, []);
    assert.deepEqual(
      this.steps.filter((step) => step.startsWith('commit')),
      [],
    );
  }
}

export function declare(ground: Ground, request: Extract<ClientRequest, { type: 'addGroup' }>): ClientReply {
  const { declaration, by } = request;
  return ground.node.apply({
    ...declaration,
    type: 'group.add',
    key: `default/${declaration.name}` as never,
    capabilities: { canRevoke: true, syncSetAuthor: 'pollux' },
    recordId: 'adoption',
    by,
    wallMs: 1,
  });
}
