/** What clients ask of a leader, each handed to the rule that knows of it. */
import { findGroup } from '../metadata/queries.ts';
import type { BrokerGroup } from '../metadata/state.ts';
import { unreachable } from '../primitives/assert.ts';
import type { Instant } from '../primitives/instant.ts';
import { accepted } from '../primitives/refusal.ts';
import { assess } from './assess.ts';
import type { BrokerSets } from './broker-sets/broker-sets.ts';
import { proposeForClient } from './client-commands.ts';
import type { Context } from './context.ts';
import type { DrillDriver } from './drive-drills.ts';
import type { Asker } from './effects.ts';
import { addGroup, failover, switchover, takeGroup } from './group-requests.ts';
import type { ClientRequest } from './requests.ts';

export type RequestParts = {
  readonly context: Context;
  readonly drills: DrillDriver;
  readonly brokerSets: BrokerSets;
  readonly reconcile: (group: BrokerGroup) => void;
  /** The time at the newest input: what a request began goes on long after it came. */
  readonly newest: () => Instant;
};

export function handleRequest(parts: RequestParts, asker: Asker, request: ClientRequest, now: Instant): void {
  const { context, drills, brokerSets, reconcile, newest } = parts;
  switch (request.type) {
    case 'propose':
      if (brokerSets.registrations.answers(asker, request.command)) return;
      if (proposeForClient(context, asker, request.command)) brokerSets.registrations.begin(request.command);
      return;
    case 'addGroup':
      addGroup(context, asker, request, now, newest);
      return;
    case 'takeGroup':
      takeGroup(context, asker, request, now, newest);
      return;
    case 'failover':
      failover(context, asker, request, now);
      return;
    case 'switchover': {
      switchover(context, asker, request, now);
      const group = findGroup(context.state(), request.group);
      if (group !== null) reconcile(group);
      return;
    }
    case 'drillPlan':
      drills.plan(asker, request, now);
      return;
    case 'removeGroup':
      // The declaration goes first; then the servers are given back as ordinary ones where they can be reached.
      context.emit({ kind: 'propose', command: { type: 'group.remove', key: request.group }, asker });
      return;
    case 'assess':
      context.emit({ kind: 'reply', asker, reply: assess(context, request.group, now) });
      return;
    case 'heartbeat':
      context.emit({ kind: 'heartbeat', heartbeat: request.heartbeat, asker });
      return;
    case 'brokerSet':
      brokerSets.request(asker, request.request, now);
      return;
    case 'readBarrier': {
      // Answered by the node's loop, which knows of read index.
      const { appliedIndex: index } = context.state();
      context.emit({ kind: 'reply', asker, reply: accepted({ kind: 'current', index }) });
      return;
    }
    default:
      unreachable(request);
  }
}
