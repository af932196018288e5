/**
 * What operators ask for, at the leader: groups to take on or to give back, and moves of mastership. Refusals come
 * before anything is touched.
 */
import { predictSet } from '../failover/predict.ts';
import type { SteerOutcome } from '../failover/steering.ts';
import type { Command } from '../metadata/command.ts';
import { checkCommand } from '../metadata/command-codec.ts';
import { checkGroupAdd } from '../metadata/commands/group-add.ts';
import { refuseWatchOnly } from '../metadata/commands/group-changes.ts';
import { checkGroupTake } from '../metadata/commands/group-take.ts';
import { findGroup, findReplica } from '../metadata/queries.ts';
import type { BrokerGroup, BrokerKind, DriverCapabilities } from '../metadata/state.ts';
import { unreachable } from '../primitives/assert.ts';
import { commandFor } from '../primitives/command-line.ts';
import { type GroupKey, groupKey, type NodeName, type ReplicaId } from '../primitives/identifiers.ts';
import type { Instant } from '../primitives/instant.ts';
import { accepted, refused } from '../primitives/refusal.ts';
import { checkDetection } from './client-commands.ts';
import type { Context } from './context.ts';
import type { Asker } from './effects.ts';
import { fence, reachableReads } from './judge-master.ts';
import { refusalOfPlan } from './plan-refusal.ts';
import { openMove, planMove } from './planned-move.ts';
import { planGroup } from './preflight.ts';
import type { ClientReply, ClientRequest, GroupDeclaration, GroupPlan } from './requests.ts';
import { shortfallText, worstCaseBytes } from './unprovable.ts';
import { isHeard } from './vantage.ts';

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
  const reply = (answer: ClientReply): void => context.emit({ kind: 'reply', asker, reply: answer });
  if (declaration.kind === 'rocketmq') {
    reply(
      refused('invalidRequest', 'Groups of this kind declare themselves.', {
        field: 'kind',
        expected: 'redis or http',
      }),
    );
    return;
  }
  const commandOf = (master: ReplicaId | null, at: Instant) => groupAddCommand(context, request, master, at);
  const command = commandOf(declaration.preferredMaster, now);
  // A command that is not fit for the log would end the leader: an id that was made of a long name may be too long.
  const checks = [
    () => checkCommand(command),
    () => checkDetection(context, declaration.detectionMs),
    () => checkGroupAdd(context.state(), command),
  ];
  for (const check of checks) {
    const checked = check();
    if (checked.ok) continue;
    reply(checked);
    return;
  }
  if (declaration.watchOnly) {
    // Probes show whether it is what was declared; to look closer would be to touch it.
    if (request.planOnly)
      reply(refused('invalidRequest', PLAN_OF_NOTHING, { field: 'plan', expected: 'false' }));
    else context.emit({ kind: 'propose', asker, command });
    return;
  }
  const { planOnly, proveWritable = false } = request;
  lookAndCommit(context, { asker, declaration, planOnly, proveWritable, commandOf }, now, currentInstant);
}

const PLAN_OF_NOTHING =
  'Watching changes nothing on any server, so there is nothing to plan; `pollux group take --plan` shows what taking over would change.';

/** The ordinary adoption of a group that was only watched. */
export function takeGroup(
  context: Context,
  asker: Asker,
  request: Extract<ClientRequest, { type: 'takeGroup' }>,
  now: Instant,
  currentInstant: () => Instant,
): void {
  const { group: key, planOnly, proveWritable = false, by } = request;
  const commandOf = (preferredMaster: ReplicaId | null, at: Instant) =>
    ({
      type: 'group.take',
      key,
      preferredMaster,
      recordId: context.newRecordId(),
      by,
      wallMs: at.wallMs,
    }) as const;
  const checked = checkGroupTake(context.state(), commandOf(request.preferredMaster, now));
  if (!checked.ok) {
    context.emit({ kind: 'reply', asker, reply: checked });
    return;
  }
  const group = checked.value;
  const preferredMaster = request.preferredMaster ?? group.master;
  const declaration = { ...group, preferredMaster };
  lookAndCommit(context, { asker, declaration, planOnly, proveWritable, commandOf }, now, currentInstant);
}

type Adoption = {
  readonly asker: Asker;
  readonly declaration: GroupDeclaration;
  readonly planOnly: boolean;
  /** Of a plan: each file is written as its server runs, once nothing but a Sentinel stands against it. */
  readonly proveWritable: boolean;
  readonly commandOf: (master: ReplicaId | null, at: Instant) => Command;
};

function lookAndCommit(
  context: Context,
  { asker, declaration, planOnly, proveWritable, commandOf }: Adoption,
  now: Instant,
  currentInstant: () => Instant,
): void {
  const reply = (answer: ClientReply): void => context.emit({ kind: 'reply', asker, reply: answer });
  if (!context.leads(now)) {
    reply(refused('noLeader', 'This leader cannot confirm its lease at the moment; try again shortly.'));
    return;
  }
  const planWith = (outcomes: ReadonlyMap<ReplicaId, SteerOutcome>): GroupPlan =>
    planGroup(context.state(), declaration, outcomes, (group, id) => context.seenIncarnation(group, id));
  const commit = (plan: GroupPlan): void => {
    if (!plan.fit) {
      reply(refusalOfPlan(declaration, plan));
      return;
    }
    const key = groupKey(declaration.cluster, declaration.name);
    const rival = claimServers(context, plan, key, currentInstant());
    if (rival !== null) {
      const why = `A server of these is being declared as one of ${rival}; nothing was changed.`;
      reply(refused('replicaInOtherGroup', why, { field: 'replicas' }));
      return;
    }
    context.emit({ kind: 'propose', asker, command: commandOf(plan.master, currentInstant()) });
  };
  if (declaration.kind === 'http') {
    const plan = planWith(new Map());
    if (planOnly) reply(accepted({ kind: 'plan', plan }));
    else commit(plan);
    return;
  }
  inspectAll(context, declaration, false, currentInstant, (outcomes) => {
    const plan = planWith(outcomes);
    const show = (shown: GroupPlan): void => reply(accepted({ kind: 'plan', plan: shown }));
    if (planOnly && !(proveWritable && isFitBesideSentinels(plan))) show(plan);
    else if (planOnly)
      inspectAll(context, declaration, true, currentInstant, (proven) => show(planWith(proven)));
    else if (!plan.fit) commit(plan);
    // Files are written to only once everything that can be seen by looking is in order.
    else inspectAll(context, declaration, true, currentInstant, (proven) => commit(planWith(proven)));
  });
}

const isFitBesideSentinels = ({ problems }: GroupPlan): boolean =>
  problems.every(({ code }) => code === 'watchedBySentinel');

function claimServers(context: Context, plan: GroupPlan, key: GroupKey, now: Instant): GroupKey | null {
  const processes = plan.servers.flatMap(({ inspection }) => inspection?.report.incarnation ?? []);
  return context.claims.claim(key, processes, now.monotonicMs);
}

/** Each server is looked at from here, or else through the first other node that reaches it. */
function inspectAll(
  context: Context,
  declaration: GroupDeclaration,
  proveWritable: boolean,
  currentInstant: () => Instant,
  finish: (outcomes: ReadonlyMap<ReplicaId, SteerOutcome>) => void,
): void {
  const key = groupKey(declaration.cluster, declaration.name);
  const { self, voters } = context.options;
  const outcomes = new Map<ReplicaId, SteerOutcome>();
  const note = (id: ReplicaId, outcome: SteerOutcome): void => {
    outcomes.set(id, outcome);
    if (outcomes.size === declaration.replicas.length) finish(outcomes);
  };
  const look = (id: ReplicaId, address: string, paths: readonly (NodeName | null)[]): void => {
    const [via = null, ...further] = paths;
    const now = currentInstant();
    const at = { term: context.leadership.term, nowMs: now.monotonicMs, via, phaseKey: 'undeclared' };
    const where = { ref: { group: key, replica: id }, address, broker: declaration.kind };
    const action = { kind: 'inspect', proveWritable } as const;
    const next = (outcome: SteerOutcome): void => {
      const unreachable = outcome.kind === 'failed' && outcome.reason === 'unreachable';
      if (unreachable && further.length > 0) look(id, address, further);
      else note(id, outcome);
    };
    const effect = context.leads(now) ? context.desk.issue(where, action, at, next) : null;
    if (effect !== null) context.emit(effect);
    else {
      const detail = 'another action on this server is under way, or this leader lost its lease; try again';
      note(id, { kind: 'failed', reason: 'refused', detail });
    }
  };
  const others = voters
    .map(({ node }) => node)
    .filter((node) => node !== self && isHeard(context, node, currentInstant()));
  for (const { id, endpoints } of declaration.replicas) look(id, endpoints.client, [null, ...others]);
}

function groupAddCommand(
  context: Context,
  { declaration, by }: AddGroup,
  preferredMaster: ReplicaId | null,
  now: Instant,
): Extract<Command, { type: 'group.add' }> {
  const { cluster, name, kind, watchOnly, replicas, policy, onShortage, owner, labels } = declaration;
  return {
    type: 'group.add',
    key: groupKey(cluster, name),
    cluster,
    name,
    kind,
    watchOnly,
    capabilities: capabilitiesOf(kind),
    replicas,
    preferredMaster,
    policy,
    onShortage,
    timeFenceSeconds: declaration.timeFenceSeconds,
    detectionMs: declaration.detectionMs,
    cooldownMs: declaration.cooldownMs,
    owner,
    labels,
    recordId: context.newRecordId(),
    by,
    wallMs: now.wallMs,
  };
}

/** A fenced group that stands still says what it waits for, as its alert does. */
function refuseUnderWay(context: Context, group: BrokerGroup): ClientReply {
  const stands = context.alerts
    .list()
    .find(({ code, group: key }) => code === 'unprovable' && key === group.key);
  if (stands !== undefined) return refused('unprovable', `Nothing was done: ${stands.message}`);
  const force = commandFor(group, 'failover', '--unsafe', '--reason "why the loss is accepted"');
  return refused(
    'busy',
    `${group.key} is ${group.phase.kind} already; should it stand still, this forces it on: ${force}`,
  );
}

/** A forced move: refused where it could not be proven lossless, unless the operator accepts the loss. */
export function failover(context: Context, asker: Asker, request: Failover, now: Instant): void {
  const reply = (answer: ClientReply): void => context.emit({ kind: 'reply', asker, reply: answer });
  const group = findGroup(context.state(), request.group);
  if (group === null) {
    reply(refused('unknownGroup', `No broker group ${request.group} is declared.`, { field: 'group' }));
    return;
  }
  if (group.watchOnly) {
    reply(refuseWatchOnly(group));
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
    reply(refuseUnderWay(context, group));
    return;
  }
  const prediction = predictSet(group, reachableReads(context, group, run, now, null));
  if (!prediction.provable && !request.unsafe) {
    const worst = worstCaseBytes(context, group, run, prediction.bestOffset);
    const why = shortfallText(group, { ...prediction, worstCaseBytes: worst });
    reply(refused('unprovable', `Nothing was done: ${why}`));
    return;
  }
  const { to: preferred, unsafe, by, note } = request;
  const recordId = fence(
    context,
    group,
    run,
    { reason: 'operatorFailover', preferred, unsafe, by, note, evidence: [] },
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
  const plan = planMove(context, group, { to: request.to, into: null }, now);
  if (!plan.ok) {
    reply(plan);
    return;
  }
  const { from, to, lagBytes, why } = plan.value;
  if (request.planOnly) {
    const steps = [
      `choose ${to.id}: ${why}`,
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
  run.move = openMove({ to: to.id, by: request.by, asker }, now);
}
