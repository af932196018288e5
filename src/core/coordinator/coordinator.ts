/**
 * Judges and decides over the replicated state. It knows consensus only as four things: propose, committed,
 * leadership, and the read barrier (which the node's loop answers). One writer: every entry point runs to completion
 * and returns its effects; nothing is awaited, no clock is read.
 */
import type { SteerResult } from '../failover/steering.ts';
import { EvidenceBook } from '../liveness/evidence.ts';
import type { Observation } from '../liveness/observation.ts';
import type { AppliedCommand } from '../metadata/apply.ts';
import type { Command, CommandType } from '../metadata/command.ts';
import { findGroup } from '../metadata/queries.ts';
import type { BrokerGroup, MetadataState } from '../metadata/state.ts';
import { unreachable } from '../primitives/assert.ts';
import { type GroupKey, type NodeName, term } from '../primitives/identifiers.ts';
import type { Instant } from '../primitives/instant.ts';
import { accepted, type Result, refused } from '../primitives/refusal.ts';
import { createAlertBoard } from './alert-board.ts';
import { successorOfBlind } from './blind-leader.ts';
import type { BrokerHeard } from './broker-sets/broker-heard.ts';
import { BrokerSets } from './broker-sets/broker-sets.ts';
import { type BrokerRef, isBrokerSetMessage } from './broker-sets/messages.ts';
import type { BrokerAnswer } from './broker-sets/rocketmq-port.ts';
import { handleRequest } from './client-requests.ts';
import { type ConfirmationProbes, finishProbe, noteTestimony, startProbe } from './confirmation.ts';
import { Context, type CoordinatorOptions, type Leadership } from './context.ts';
import { announceGroup, watchTargets } from './declared-groups.ts';
import { DrillDriver } from './drive-drills.ts';
import { driveFencing, fencingSteered } from './drive-fencing.ts';
import { drivePromoting, promotingSteered } from './drive-promoting.ts';
import type { Asker, CoordinatorEffect } from './effects.ts';
import { evidenceRows, shareWithOthers } from './evidence-rows.ts';
import { createExpiringStops, type ExpiringStops } from './expiring-stops.ts';
import { enterPhase, type GroupRun, noteResync } from './group-run.ts';
import { GroupSweep } from './group-sweep.ts';
import type { CoordinatorMessage } from './messages.ts';
import { Relay } from './relay.ts';
import { createReleases, type Releases } from './releases.ts';
import type { ClientRequest } from './requests.ts';
import { ReturnWatch } from './return-watch.ts';
import { createSteeringDesk, type SteerDone } from './steering-desk.ts';
import { activeSteered, superviseActive } from './supervise-active.ts';
import { createVantages } from './vantages.ts';
import type { AlertView, EvidenceRow } from './views.ts';
import { superviseWatched } from './watch-only.ts';

/** How often groups are looked at in turns, beside the moments at which something about one is heard. */
const SWEEP_INTERVAL_MS = 20;
/** How often a node tells the others what it sees. */
const SHARE_INTERVAL_MS = 500;

export class Coordinator {
  readonly #context: Context;
  readonly #probes: ConfirmationProbes = new Map();
  readonly #relay: Relay;
  readonly #releases: Releases;
  readonly #drills: DrillDriver;
  readonly #brokerSets: BrokerSets;
  readonly #expiringStops: ExpiringStops;
  readonly #sweep = new GroupSweep();
  #lastSweepMs = Number.NEGATIVE_INFINITY;
  #lastShareMs = Number.NEGATIVE_INFINITY;
  #watched = false;
  #now: Instant = { monotonicMs: 0, wallMs: 0 };

  constructor(options: CoordinatorOptions, state: () => MetadataState) {
    this.#context = new Context(
      options,
      state,
      {
        book: new EvidenceBook(),
        desk: createSteeringDesk,
        alerts: createAlertBoard(),
        vantages: createVantages(),
      },
      { term: term(0), leader: null, leading: false, leaseUntilMs: 0 },
    );
    this.#relay = new Relay(this.#context);
    this.#releases = createReleases(this.#context);
    this.#drills = new DrillDriver(this.#context, new ReturnWatch(this.#context));
    this.#brokerSets = new BrokerSets(this.#context);
    this.#expiringStops = createExpiringStops(this.#context);
  }

  leads(now: Instant): boolean {
    return this.#context.leads(now);
  }

  /** The node that leadership should be handed to, said once; null where it is well placed here. */
  successor(now: Instant): NodeName | null {
    return successorOfBlind(this.#context, this.#brokerSets, now);
  }

  alerts(): readonly AlertView[] {
    return this.#context.alerts.list();
  }

  evidenceRows(now: Instant): readonly EvidenceRow[] {
    return evidenceRows(this.#context, now);
  }

  brokerEvidence(refs: readonly BrokerRef[], now: Instant): ReturnType<BrokerSets['evidenceRows']> {
    return this.#brokerSets.evidenceRows(refs, now);
  }

  tick(now: Instant): CoordinatorEffect[] {
    this.#now = now;
    if (!this.#watched) this.#watchAll(now);
    for (const done of this.#context.desk.expire(now.monotonicMs)) this.#steeredBy(done, now);
    this.#releases.proceed(now);
    this.#drills.tick(now);
    this.#brokerSets.tick(now);
    this.#expiringStops.proceed(now);
    if (now.monotonicMs - this.#lastSweepMs >= SWEEP_INTERVAL_MS) {
      this.#lastSweepMs = now.monotonicMs;
      for (const group of this.#sweep.next(this.#context.state().groups)) this.#reconcile(group, now);
    }
    if (now.monotonicMs - this.#lastShareMs >= SHARE_INTERVAL_MS) {
      this.#lastShareMs = now.monotonicMs;
      shareWithOthers(this.#context, now);
    }
    return this.#context.takeEffects();
  }

  leadership(next: Leadership, now: Instant): CoordinatorEffect[] {
    const context = this.#context;
    const before = context.leadership;
    context.leadership = next;
    if (before.leading === next.leading && before.term === next.term) return [];
    // Whatever another term asked for is void: the next leader starts from the committed phase and from evidence.
    context.desk.abandonAll('leadership moved');
    this.#relay.clear();
    this.#drills.clear();
    this.#brokerSets.clear();
    this.#expiringStops.clear();
    for (const [key, { move }] of context.runs)
      if (move?.asker != null) context.moveAskers.set(`pausing ${key}`, move.asker);
    context.runs.clear();
    context.alerts.clear();
    context.claims.clear();
    context.resyncs.clear();
    const reply = refused('notLeader', 'Leadership moved; look at pollux history.');
    for (const asker of context.moveAskers.values()) context.emit({ kind: 'reply', asker, reply });
    context.moveAskers.clear();
    if (next.leading) {
      context.log('info', 'leadership.taken', { term: next.term });
      if (context.state().tierId === null) {
        context.emit({
          kind: 'propose',
          command: { type: 'tier.bootstrap', ...context.options.bootstrap },
          asker: null,
        });
      }
      for (const group of context.state().groups.values()) this.#reconcile(group, now);
    }
    return context.takeEffects();
  }

  applied({ command, result, removed }: AppliedCommand, index: number, now: Instant): CoordinatorEffect[] {
    const context = this.#context;
    this.#answerMove(command, result);
    const key = groupOf(command);
    if (key !== null) {
      const run = context.runs.get(key);
      if (run?.proposedType === command.type) run.proposedAtMs = null;
      const group = findGroup(context.state(), key);
      if (removed !== null) this.#releases.removed(removed, now);
      if (result.ok) this.#announce(command.type, key, group, index);
      if (group !== null) this.#reconcile(group, now);
    }
    this.#drills.applied(command, now);
    this.#brokerSets.applied(command, result, index, now);
    return context.takeEffects();
  }

  /** The whole state was replaced by a snapshot. */
  restored(now: Instant): CoordinatorEffect[] {
    this.#context.runs.clear();
    this.#watchAll(now);
    return this.#context.takeEffects();
  }

  /** The gathered commands were not taken: leadership was lost, or is being handed over. */
  proposalsRefused(proposals: readonly { readonly command: Command }[], _now: Instant): CoordinatorEffect[] {
    for (const run of this.#context.runs.values()) run.proposedAtMs = null;
    this.#brokerSets.proposalsRefused();
    for (const { command } of proposals) {
      const why = 'Leadership moved before the command was taken; nothing was changed.';
      this.#answerMove(command, refused('notLeader', why));
    }
    return this.#context.takeEffects();
  }

  observed(observation: Observation, now: Instant): CoordinatorEffect[] {
    const context = this.#context;
    const group = findGroup(context.state(), observation.ref.group);
    if (group === null) return [];
    const { outcome, ref } = observation;
    context.book.record(observation, now);
    if (outcome.kind === 'answered') {
      const run = context.runs.get(group.key);
      const { report } = outcome;
      // The process that was revoked and read is gone, and with it whatever its data proved.
      if ((run?.reads.get(ref.replica)?.incarnation ?? report.incarnation) !== report.incarnation)
        run?.reads.delete(ref.replica);
      if (run !== undefined) noteResync(run, ref.replica, report);
    }
    this.#reconcile(group, now);
    return context.takeEffects();
  }

  freshlyProbed(probeId: number, observation: Observation, now: Instant): CoordinatorEffect[] {
    const group = findGroup(this.#context.state(), observation.ref.group);
    if (group !== null) this.#context.book.record(observation, now);
    finishProbe(this.#context, this.#probes, probeId, observation, now);
    if (group !== null) this.#reconcile(group, now);
    return this.#context.takeEffects();
  }

  steered(result: SteerResult, now: Instant): CoordinatorEffect[] {
    this.#now = now;
    if (!this.#relay.giveBack(result) && result.term === this.#context.leadership.term) {
      const done = this.#context.desk.take(result);
      if (done !== null) this.#steeredBy(done, now);
    }
    return this.#context.takeEffects();
  }

  brokerHeard(heard: BrokerHeard, now: Instant): CoordinatorEffect[] {
    this.#brokerSets.heard(heard, now);
    return this.#context.takeEffects();
  }

  brokerAnswered(askId: number, answer: BrokerAnswer, now: Instant): CoordinatorEffect[] {
    this.#brokerSets.answered(askId, answer, now);
    return this.#context.takeEffects();
  }

  stalled(_stalledMs: number, now: Instant): void {
    this.#context.stalledUntilMs = now.monotonicMs;
  }

  peerHeard(from: NodeName, now: Instant): void {
    this.#context.peerHeardMs.set(from, now.monotonicMs);
  }

  fromPeer(from: NodeName, message: CoordinatorMessage, now: Instant): CoordinatorEffect[] {
    const context = this.#context;
    if (isBrokerSetMessage(message)) {
      this.#brokerSets.fromPeer(from, message, now);
      return context.takeEffects();
    }
    switch (message.type) {
      case 'confirm': {
        // A question of an older term comes from somebody who may not act on the answer any more.
        if (message.term < context.leadership.term) break;
        startProbe(context, this.#probes, { ...message, askedBy: from }, now);
        break;
      }
      case 'confirmReply': {
        if (message.term !== context.leadership.term) break;
        noteTestimony(context, message.ref, message.confirmId, from, message.testimony, now);
        const group = findGroup(context.state(), message.ref.group);
        if (group !== null) this.#reconcile(group, now);
        break;
      }
      case 'evidence':
        context.vantages.record(
          from,
          message.observations.filter(
            ({ observation: { ref } }) => findGroup(context.state(), ref.group) !== null,
          ),
          now.monotonicMs,
        );
        break;
      case 'alerts':
        if (from === context.leadership.leader && message.term === context.leadership.term)
          context.alerts.replace(message.alerts);
        break;
      case 'steer':
        this.#relay.take(from, message);
        break;
      case 'steered':
        return this.steered(message.result, now);
      default:
        unreachable(message);
    }
    return context.takeEffects();
  }

  /** A client's request, at the leader. */
  request(asker: Asker, request: ClientRequest, now: Instant): CoordinatorEffect[] {
    const context = this.#context;
    this.#now = now;
    const reconcile = (group: BrokerGroup): void => this.#reconcile(group, now);
    const parts = { context, drills: this.#drills, brokerSets: this.#brokerSets };
    handleRequest({ ...parts, reconcile, newest: () => this.#now }, asker, request, now);
    return context.takeEffects();
  }

  #steeredBy(done: SteerDone, now: Instant): void {
    const context = this.#context;
    const group = findGroup(context.state(), done.ref.group);
    if (group === null) return;
    const run = this.#runOf(group, now);
    // What was done in an earlier phase proves nothing in this one; it is asked for again where it is needed.
    if (done.phaseKey !== run.phaseKey) {
      this.#reconcile(group, now);
      return;
    }
    if (done.outcome.kind === 'done') run.failures.delete(done.ref.replica);
    switch (group.phase.kind) {
      case 'active':
        activeSteered(context, group, run, done, now);
        break;
      case 'fencing':
        fencingSteered(context, group, run, done, now);
        break;
      case 'promoting':
        promotingSteered(context, group, group.phase, run, done, now);
        break;
      default:
        unreachable(group.phase);
    }
    this.#reconcile(group, now);
  }

  #reconcile(group: BrokerGroup, now: Instant): void {
    const context = this.#context;
    if (!context.leads(now)) return;
    const run = this.#runOf(group, now);
    if (group.watchOnly) {
      superviseWatched(context, this.#probes, group, run, now);
      return;
    }
    switch (group.phase.kind) {
      case 'active':
        superviseActive(context, this.#probes, group, run, now);
        return;
      case 'fencing':
        driveFencing(context, group, group.phase, run, now);
        return;
      case 'promoting':
        drivePromoting(context, this.#probes, group, group.phase, run, now);
        return;
      default:
        unreachable(group.phase);
    }
  }

  #runOf(group: BrokerGroup, now: Instant): GroupRun {
    const run = this.#context.run(group.key, now);
    const { move } = run;
    enterPhase(run, group, now.monotonicMs);
    if (run.move !== move) this.#context.answerMove(move, `${group.key} is ${group.phase.kind}`);
    return run;
  }

  #answerMove(command: Command, result: Result<null>): void {
    if (command.type !== 'group.fence') return;
    const asker = this.#context.moveAskers.get(command.recordId);
    if (asker === undefined) return;
    this.#context.moveAskers.delete(command.recordId);
    const { recordId, epoch } = command;
    const reply = result.ok ? accepted({ kind: 'moveStarted', recordId, epoch } as const) : result;
    this.#context.emit({ kind: 'reply', asker, reply });
  }

  /** Tells clients and operators what a command of a group changed; drivers once a tick, however many there were. */
  #announce(type: CommandType, key: GroupKey, group: BrokerGroup | null, index: number): void {
    if (type === 'group.remove') this.#context.forgetGroup(key);
    if (type === 'group.add' || type === 'group.remove') this.#watched = false;
    if (group !== null) announceGroup(this.#context, type, group, index);
  }

  #watchAll(now: Instant): void {
    this.#watched = true;
    this.#context.emit({ kind: 'watch', targets: watchTargets(this.#context, now) });
  }
}

const groupOf = (command: Command): GroupKey | null =>
  'key' in command && command.type.startsWith('group.') ? (command.key as GroupKey) : null;
