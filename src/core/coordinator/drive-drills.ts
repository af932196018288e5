/**
 * Carries the running drill on, group by group: a row is committed before its group is touched, and what became of a move
 * is read off the group's committed phase, so that any new leader goes on from the rows. A try that fails is made again
 * after a pause, LIMITS.drillAttempts times; one group that cannot be moved holds up no other.
 */
import { nextToBegin } from '../drills/drill-order.ts';
import type { Command } from '../metadata/command.ts';
import { runningDrill } from '../metadata/drill-queries.ts';
import type { Drill, DrillMove } from '../metadata/drill-state.ts';
import { findGroup, masterOf } from '../metadata/queries.ts';
import type { BrokerGroup } from '../metadata/state.ts';
import type { GroupKey } from '../primitives/identifiers.ts';
import type { Instant } from '../primitives/instant.ts';
import { LIMITS } from '../primitives/limits.ts';
import type { Context } from './context.ts';
import { type DrillPlan, planDrill } from './drill-requests.ts';
import type { Asker } from './effects.ts';
import { abandonMove, openMove, planMove } from './planned-move.ts';
import { AUTOMATIC_BY, isLinkedTo, isSyncing, type ReturnWatch } from './return-watch.ts';

const LOOK_EVERY_MS = 40;
/** Pause before the second try; each further one is twice as long. */
const FIRST_RETRY_MS = 1_000;
/** The servers of a moved group follow its new master by then, or it is left to itself. */
const SETTLE_MS = 10_000;
/** A return waits so long for a group's servers to be well. */
const RETURN_PATIENCE_MS = 600_000;
/** A note that was not seen applied within this time is made again. */
const NOTE_PATIENCE_MS = 2_000;

/** What this leader knows beyond the rows; a new one does without. */
type Memory = {
  readonly drillId: string;
  /** Notes on their way, by when they were proposed. */
  readonly noted: Map<GroupKey, number>;
  /** Rows whose group this leader has begun to move: by try. */
  readonly begun: Map<GroupKey, number>;
  readonly notBeforeMs: Map<GroupKey, number>;
  readonly arrivedMs: Map<GroupKey, number>;
  readonly waitsSinceMs: Map<GroupKey, number>;
};

const newMemory = (drillId: string): Memory => ({
  drillId,
  noted: new Map(),
  begun: new Map(),
  notBeforeMs: new Map(),
  arrivedMs: new Map(),
  waitsSinceMs: new Map(),
});

export class DrillDriver {
  readonly #context: Context;
  readonly #watch: ReturnWatch;
  #memory = newMemory('');
  #lastLookMs = Number.NEGATIVE_INFINITY;

  constructor(context: Context, watch: ReturnWatch) {
    this.#context = context;
    this.#watch = watch;
  }

  clear(): void {
    this.#memory = newMemory('');
    this.#watch.clear();
  }

  applied(command: Command, now: Instant): void {
    if (command.type === 'drill.note') this.#memory.noted.delete(command.group);
    if (command.type === 'drill.begin') this.#watch.begun();
    if (command.type === 'group.remove') this.#watch.forget(command.key);
    if (command.type.startsWith('drill.')) this.#proceed(now);
  }

  plan(asker: Asker, request: DrillPlan, now: Instant): void {
    planDrill(this.#context, this.#watch, asker, request, now);
  }

  tick(now: Instant): void {
    if (now.monotonicMs - this.#lastLookMs >= LOOK_EVERY_MS) this.#proceed(now);
  }

  #proceed(now: Instant): void {
    const context = this.#context;
    if (!context.leads(now)) return;
    this.#lastLookMs = now.monotonicMs;
    const drill = runningDrill(context.state());
    if (drill === null) {
      this.#watch.proposeReturns(now);
      return;
    }
    if (this.#memory.drillId !== drill.id) this.#memory = newMemory(drill.id);
    const { drillMoves } = context.state();
    const samples = drill.kind === 'return' && this.#watch.isDue(now);
    for (const move of drillMoves.values()) {
      if (this.#isNoted(move, now)) continue;
      const group = findGroup(context.state(), move.group);
      if (group === null) continue;
      if (move.state === 'moving') this.#carryOn(drill, move, group, now);
      else if (move.state !== 'waiting') continue;
      else if (this.#hasArrived(drill, group)) this.#noteArrived(drill, move, group, now);
      else if (samples) this.#watch.sample(group, drill.idc, now);
    }
    this.#beginNext(drill, now);
  }

  #isNoted({ group }: DrillMove, now: Instant): boolean {
    const notedMs = this.#memory.noted.get(group);
    return notedMs !== undefined && now.monotonicMs - notedMs < NOTE_PATIENCE_MS;
  }

  #hasArrived(drill: Drill, group: BrokerGroup): boolean {
    if (group.phase.kind !== 'active') return false;
    return (masterOf(group)?.site === drill.idc) === (drill.kind === 'return');
  }

  #beginNext(drill: Drill, now: Instant): void {
    const { drillMoves } = this.#context.state();
    const moving = [...drillMoves.values()].filter(({ state }) => state === 'moving');
    const chosen = nextToBegin({
      drill,
      moves: drillMoves.values(),
      pending: new Set(
        [...drillMoves.values()]
          .filter((move) => move.state === 'waiting' && this.#isNoted(move, now))
          .map(({ group }) => group),
      ),
      syncing: moving.reduce((sum, { group }) => sum + this.#syncingIn(group), 0),
      isHeldUp: (move) => this.#isHeldUp(drill, move, now),
    });
    for (const move of chosen) {
      const group = findGroup(this.#context.state(), move.group);
      if (group !== null) this.#begin(drill, move, group, now);
    }
  }

  #syncingIn(key: GroupKey): number {
    const group = findGroup(this.#context.state(), key);
    return group?.replicas.filter(({ id }) => isSyncing(this.#context, key, id)).length ?? 0;
  }

  #isHeldUp(drill: Drill, move: DrillMove, now: Instant): boolean {
    if ((this.#memory.notBeforeMs.get(move.group) ?? 0) > now.monotonicMs) return true;
    const group = findGroup(this.#context.state(), move.group);
    if (group === null) return true;
    if (drill.kind === 'evacuation') return false;
    const why = this.#watch.whyNotYet(group, drill.idc, drill.healthyMs, now);
    if (why === null) return false;
    const sinceMs = this.#memory.waitsSinceMs.get(group.key) ?? now.monotonicMs;
    this.#memory.waitsSinceMs.set(group.key, sinceMs);
    if (now.monotonicMs - sinceMs > RETURN_PATIENCE_MS)
      this.#note(drill, move, { state: 'failed', detail: why }, now);
    return true;
  }

  /** Commits that the group is about to be moved, and to whom; or why it cannot be. */
  #begin(drill: Drill, move: DrillMove, group: BrokerGroup, now: Instant): void {
    const into = drill.kind === 'return' ? drill.idc : null;
    const plan = planMove(this.#context, group, { to: null, into }, now);
    const attempts = move.attempts + 1;
    if (!plan.ok && plan.refusal.code === 'watchOnly') {
      // No further try would find it otherwise.
      this.#note(drill, move, { state: 'failed', detail: plan.refusal.message }, now);
      return;
    }
    if (!plan.ok) {
      this.#noteFailure(drill, { ...move, attempts }, plan.refusal.message, now, move.attempts);
      return;
    }
    const { from, to, why } = plan.value;
    const next = { from: from.id, to: to.id, epoch: group.epoch, attempts };
    this.#note(drill, move, { ...next, state: 'moving', detail: why }, now);
  }

  #carryOn(drill: Drill, move: DrillMove, group: BrokerGroup, now: Instant): void {
    if (group.phase.kind !== 'active') return;
    if (this.#hasArrived(drill, group)) {
      this.#settle(drill, move, group, now);
      return;
    }
    const run = this.#context.run(group.key, now);
    if (drill.abort !== null) {
      if (run.move?.asker === null) {
        const why = `the ${drill.kind} of ${drill.idc} was aborted by ${drill.abort.by}`;
        abandonMove(this.#context, group, run, { code: 'busy', why }, now);
      }
      // A fence that is on its way decides first what there is to take back.
      if (!this.#context.awaitsProposal(run, now))
        this.#note(drill, move, { state: 'takenBack', detail: `aborted by ${drill.abort.by}` }, now);
      return;
    }
    if (group.epoch > move.epoch) {
      const why = `${group.master} went on as the master, in epoch ${group.epoch}`;
      this.#noteFailure(drill, move, why, now);
      return;
    }
    if (run.move !== null || this.#context.awaitsProposal(run, now)) return;
    if (this.#memory.begun.get(group.key) !== move.attempts) this.#openMove(drill, move, group, now);
    else this.#noteFailure(drill, move, run.moveGivenUp ?? 'the move ended before the group was fenced', now);
  }

  #openMove(drill: Drill, move: DrillMove, group: BrokerGroup, now: Instant): void {
    const run = this.#context.run(group.key, now);
    // Nobody asked for an automatic return: a stop that came after its row was committed holds it, too.
    const stop = drill.by === AUTOMATIC_BY ? this.#watch.stopOf(group, drill.idc) : null;
    if (stop !== null) {
      this.#noteFailure(drill, move, stop, now);
      return;
    }
    // Who had the best place when the row was committed need not have it any more, after a change of leaders.
    const plan = planMove(this.#context, group, { to: move.to, into: null }, now);
    if (!plan.ok) {
      this.#noteFailure(drill, move, plan.refusal.message, now);
      return;
    }
    this.#memory.begun.set(group.key, move.attempts);
    const by = `${drill.by}, ${drill.kind} of ${drill.idc} (${drill.id})`.slice(0, LIMITS.textCharacters);
    run.moveGivenUp = null;
    run.move = openMove({ to: plan.value.to.id, by, asker: null }, now);
  }

  /** The master stands where it should: the move is over once the others follow it, which may take full resyncs. */
  #settle(drill: Drill, move: DrillMove, group: BrokerGroup, now: Instant): void {
    const sinceMs = this.#memory.arrivedMs.get(group.key) ?? now.monotonicMs;
    this.#memory.arrivedMs.set(group.key, sinceMs);
    const late = group.replicas.filter(
      ({ id }) => id !== group.master && !isLinkedTo(this.#context, group, id, now),
    );
    if (late.length === 0 || now.monotonicMs - sinceMs > SETTLE_MS)
      this.#noteArrived(drill, move, group, now);
  }

  #noteArrived(drill: Drill, move: DrillMove, group: BrokerGroup, now: Instant): void {
    const late = group.replicas.filter(
      ({ id }) => id !== group.master && !isLinkedTo(this.#context, group, id, now),
    );
    const rest = late.length === 0 ? '' : `; ${late.map(({ id }) => id).join(', ')} not following yet`;
    const detail = `${group.master} is the master in epoch ${group.epoch}${rest}`;
    this.#note(drill, move, { state: 'moved', to: group.master, detail }, now);
  }

  /** `kept`: tries that the row has, where one more is counted by this note. */
  #noteFailure(drill: Drill, move: DrillMove, why: string, now: Instant, kept = move.attempts): void {
    const isLast = move.attempts >= LIMITS.drillAttempts;
    this.#memory.notBeforeMs.set(
      move.group,
      now.monotonicMs + FIRST_RETRY_MS * 2 ** Math.max(0, move.attempts - 1),
    );
    const state = isLast ? 'failed' : 'waiting';
    this.#note(drill, { ...move, attempts: kept }, { state, attempts: move.attempts, detail: why }, now);
    this.#context.log('warn', 'drill.moveFailed', { group: move.group, attempts: move.attempts, why });
  }

  #note(
    drill: Drill,
    move: DrillMove,
    change: Pick<DrillMove, 'state' | 'detail'> &
      Partial<Pick<DrillMove, 'from' | 'to' | 'attempts' | 'epoch'>>,
    now: Instant,
  ): void {
    const { group, state, attempts } = move;
    this.#memory.noted.set(group, now.monotonicMs);
    this.#context.emit({
      kind: 'propose',
      command: {
        type: 'drill.note',
        drillId: drill.id,
        group,
        expected: { state, attempts },
        from: move.from,
        to: move.to,
        attempts,
        epoch: move.epoch,
        ...change,
        wallMs: now.wallMs,
      },
      asker: null,
    });
  }
}
