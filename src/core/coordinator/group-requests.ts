/**
 * What operators ask for, at the leader: groups to take on or to give back, and moves of mastership. Refusals come
 * before anything is touched.
 */
import { unfinishedPromotions } from '../failover/attempts.ts';
import { predictSet } from '../failover/predict.ts';
import type { SteerOutcome } from '../failover/steering.ts';
import { findGroup, findReplica } from '../metadata/queries.ts';
import type { BrokerKind, DriverCapabilities } from '../metadata/state.ts';
import { unreachable } from '../primitives/assert.ts';
import { groupKey, type ReplicaId } from '../primitives/identifiers.ts';
import type { Instant } from '../primitives/instant.ts';
import { accepted, refused } from '../primitives/refusal.ts';
import type { Context } from './context.ts';
import type { Asker } from './effects.ts';
import { fence, reachableReads } from './judge-master.ts';
import { planMove } from './planned-move.ts';
import { planGroup } from './preflight.ts';
import type { ClientReply, ClientRequest, GroupDeclaration } from './requests.ts';

type AddGroup = Extract<ClientRequest, { type: 'addGroup' }>;
type Failover = Extract<ClientRequest, { type: 'failover' }>;
type Switchover = Extract<ClientRequest, { type: 'switchover' }>;

export function capabilitiesOf(kind: BrokerKind): DriverCapabilities {
  switch (kind) {
    case 'redis':
    case 'http':
      return { canRevoke: true, syncSetAuthor: 'pollux' };
    case 'rocketmq':
      return { canRevoke: false, syncSetAuthor: 'master' };
    default:
      return unreachable(kind);
  }
}

/** Looks at every server, then answers with the plan or commits the group. */
export function addGroup(
  context: Context,
  asker: Asker,
  request: AddGroup,
  now: Instant,
  currentInstant: () => Instant,
): void {
  const { declaration } = request;
  const key = groupKey(declaration.cluster, declaration.name);
  const reply = (answer: ClientReply): void => context.emit({ kind: 'reply', asker, reply: answer });
  if (!request.planOnly && context.state().groups.has(key)) {
    reply(
      refused('duplicateName', `A broker group ${key} is declared already.`, {
        field: 'name',
        expected: 'an unused name',
      }),
    );
    return;
  }
  if (declaration.kind === 'rocketmq') {
    reply(
      refused('invalidRequest', 'Groups of this kind declare themselves.', {
        field: 'kind',
        expected: 'redis or http',
      }),
    );
    return;
  }
  if (!context.leads(now)) {
    reply(refused('noLeader', 'This leader cannot confirm its lease at the moment; try again shortly.'));
    return;
  }
  const outcomes = new Map<ReplicaId, SteerOutcome>();
  const finish = (): void => {
    const plan = planGroup(context.state(), declaration, outcomes);
    if (request.planOnly) reply(accepted({ kind: 'plan', plan }));
    else if (plan.fit) commitGroup(context, asker, request, plan.master, currentInstant());
    else {
      const [first] = plan.problems;
      const where = declaration.replicas.findIndex(({ id }) => id === first?.replica);
      reply(
        refused(
          first?.code === 'unreachable'
            ? 'brokerUnreachable'
            : first?.code === 'replicaInOtherGroup'
              ? 'replicaInOtherGroup'
              : 'preflightFailed',
          `${plan.problems.map(({ replica, message }) => `${replica ?? key}: ${message}`).join('; ')}. Nothing was changed; look again with --plan.`,
          where < 0 ? {} : { field: `replicas.${where}` },
        ),
      );
    }
  };
  if (declaration.kind === 'http') {
    finish();
    return;
  }
  inspectAll(context, declaration, now, outcomes, finish);
}

function inspectAll(
  context: Context,
  declaration: GroupDeclaration,
  now: Instant,
  outcomes: Map<ReplicaId, SteerOutcome>,
  finish: () => void,
): void {
  const key = groupKey(declaration.cluster, declaration.name);
  const note = (id: ReplicaId, outcome: SteerOutcome): void => {
    outcomes.set(id, outcome);
    if (outcomes.size === declaration.replicas.length) finish();
  };
  const at = { term: context.leadership.term, nowMs: now.monotonicMs, via: null };
  for (const { id, endpoints } of declaration.replicas) {
    const where = { ref: { group: key, replica: id }, address: endpoints.client, broker: declaration.kind };
    const effect = context.desk.issue(where, { kind: 'inspect' }, at, (outcome) => note(id, outcome));
    if (effect !== null) context.emit(effect);
    else
      note(id, {
        kind: 'failed',
        reason: 'refused',
        detail: 'another action on this server is under way; try again',
      });
  }
}

function commitGroup(
  context: Context,
  asker: Asker,
  request: AddGroup,
  master: ReplicaId | null,
  now: Instant,
): void {
  const { declaration, by } = request;
  const { cluster, name, kind, replicas, policy, onShortage, detectionMs, owner, labels } = declaration;
  context.emit({
    kind: 'propose',
    asker,
    command: {
      type: 'group.add',
      key: groupKey(cluster, name),
      cluster,
      name,
      kind,
      capabilities: capabilitiesOf(kind),
      replicas,
      preferredMaster: master,
      policy,
      onShortage,
      detectionMs,
      owner,
      labels,
      recordId: context.newRecordId(),
      by,
      wallMs: now.wallMs,
    },
  });
}

/** A forced move: refused where it could not be proven lossless, unless the operator accepts the loss. */
export function failover(context: Context, asker: Asker, request: Failover, now: Instant): void {
  const reply = (answer: ClientReply): void => context.emit({ kind: 'reply', asker, reply: answer });
  const group = findGroup(context.state(), request.group);
  if (group === null) {
    reply(refused('unknownGroup', `No broker group ${request.group} is declared.`, { field: 'group' }));
    return;
  }
  if (request.to !== null && findReplica(group, request.to) === null) {
    reply(
      refused('unknownReplica', `${group.key} has no replica ${request.to}.`, {
        field: 'to',
        expected: group.replicas.map(({ id }) => id).join(', '),
      }),
    );
    return;
  }
  const run = context.run(group.key, now);
  if (context.awaitsProposal(run, now) || run.move !== null) {
    reply(refused('busy', `Another move of ${group.key} is under way.`));
    return;
  }
  if (group.phase.kind !== 'active' && !request.unsafe) {
    reply(
      refused(
        'busy',
        `${group.key} is ${group.phase.kind} already; --unsafe forces it on with what can be reached.`,
      ),
    );
    return;
  }
  const prediction = predictSet(
    group,
    reachableReads(context, group, run, now, null),
    unfinishedPromotions(group, context.state().history),
  );
  if (!prediction.provable && !request.unsafe) {
    reply(
      refused(
        'unprovable',
        `Nothing was done: ${prediction.detail}. Bring ${prediction.missing.join(' or ') || 'a member'} back, or accept the loss: pollux failover ${group.name} --unsafe`,
      ),
    );
    return;
  }
  const { to: preferred, unsafe, by } = request;
  const recordId = fence(
    context,
    group,
    run,
    { reason: 'operatorFailover', preferred, unsafe, by, evidence: [] },
    now,
  );
  context.moveAskers.set(recordId, asker);
}

/** A planned move: opened here, carried on by driveMove. */
export function switchover(context: Context, asker: Asker, request: Switchover, now: Instant): void {
  const reply = (answer: ClientReply): void => context.emit({ kind: 'reply', asker, reply: answer });
  const group = findGroup(context.state(), request.group);
  if (group === null) {
    reply(refused('unknownGroup', `No broker group ${request.group} is declared.`, { field: 'group' }));
    return;
  }
  const run = context.run(group.key, now);
  const plan = planMove(context, group, request.to);
  if (!plan.ok) {
    reply(plan);
    return;
  }
  const { from, to, lagBytes } = plan.value;
  if (request.planOnly) {
    const steps = [
      `hold writes back on ${from.id}`,
      `wait until ${to.id} has all of it (${lagBytes} bytes behind now)`,
      `commit epoch ${group.epoch + 1}, fence ${group.replicas.map(({ id }) => id).join(', ')}`,
      `promote ${to.id}, publish the route`,
      `${from.id} follows ${to.id}`,
    ];
    reply(accepted({ kind: 'movePlan', from: from.id, to: to.id, lagBytes, steps }));
    return;
  }
  if (context.awaitsProposal(run, now) || run.move !== null) {
    reply(refused('busy', `Another move of ${group.key} is under way.`));
    return;
  }
  run.move = { to: to.id, by: request.by, asker, startedMs: now.monotonicMs, pausedAtMs: null };
}
