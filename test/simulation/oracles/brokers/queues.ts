/** No queue has two owners in any allocation that is worked out from one applied state, and none is forgotten. */
import { memberId, siteName } from '../../../../src/core/primitives/identifiers.ts';
import { allocateByIdc } from '../../../../src/core/routing/allocate.ts';
import { queuesToAllocate } from '../../../../src/core/routing/topic-queues.ts';
import type { SimulatedNode } from '../../world/simulated-node.ts';
import { demand } from '../../world/violation.ts';
import type { BrokerOracle } from './broker-oracle.ts';

const MEMBERS = ['one', 'two', 'three'].flatMap((name, index) => [
  { member: memberId(`a-${name}`), idc: siteName('idc-a') },
  ...(index === 0 ? [] : [{ member: memberId(`b-${name}`), idc: siteName('idc-b') }]),
]);

export function queues(): BrokerOracle {
  const looked = new Map<string, number>();
  return {
    node: {
      stepped(node: SimulatedNode) {
        const revision = node.loop().routesRevision();
        if (looked.get(node.name) === revision) return;
        looked.set(node.name, revision);
        const state = node.loop().state();
        for (const topic of state.topics.values()) {
          const { assignments, unowned } = allocateByIdc({
            queues: queuesToAllocate(state, topic),
            members: MEMBERS,
          });
          const owned = assignments.flatMap(({ queues: own }) =>
            own.map(({ group, queue }) => `${group} ${queue}`),
          );
          const all = topic.queues.reduce((sum, { readQueues }) => sum + readQueues, 0);
          demand(
            new Set(owned).size === owned.length && owned.length === all && unowned.length === 0,
            'every queue has one owner',
            () => `${topic.name} on ${node.name}: ${owned.join(', ')}`,
          );
        }
      },
    },
  };
}
