/**
 * How long the servers of each group have been well in the IDC that its master belongs into, as this leader sees it, and
 * what follows: whether a return may move the group yet, and which groups are brought back by themselves. A new leader
 * begins to count anew: that costs time, and never moves a master into an IDC that was well for less than asked.
 */
import { whyNotWell } from '../drills/home-health.ts';
import { homeOf, hostsReplica, returnRuleOf, stateOfIdc } from '../metadata/drill-queries.ts';
import { isAutomaticStopped, masterOf } from '../metadata/queries.ts';
import type { AutomaticStop, BrokerGroup } from '../metadata/state.ts';
import type { GroupKey, ReplicaId, SiteName } from '../primitives/identifiers.ts';
import type { Instant } from '../primitives/instant.ts';
import { LIMITS } from '../primitives/limits.ts';
import { cooldownLeftMs } from './brakes.ts';
import type { Context } from './context.ts';

const SAMPLE_EVERY_MS = 250;
/** A health that was not looked at for longer than this is not known to have lasted. */
const SAMPLE_GAP_MS = 1_500;
/** A drill that was proposed and not seen to begin is proposed again after this time. */
const BEGIN_PATIENCE_MS = 5_000;
/** Who begins a return that nobody asked for, and its limits. */
export const AUTOMATIC_BY = 'pollux';
const AUTOMATIC = { parallel: 1, resyncs: 1 } as const;

const freshReport = (context: Context, group: BrokerGroup, replica: ReplicaId, now: Instant) => {
  const ref = { group: group.key, replica };
  const answered = context.book.of(ref)?.answered ?? null;
  const sinceMs = now.monotonicMs - group.detectionMs;
  return answered !== null && answered.atMs > sinceMs
    ? answered.report
    : context.vantages.newestAnswer(ref, sinceMs);
};

/** It follows the group's master at this moment, with its link up and no full resync under way. */
export function isLinkedTo(context: Context, group: BrokerGroup, replica: ReplicaId, now: Instant): boolean {
  const report = freshReport(context, group, replica, now);
  return (
    report?.loading === false &&
    report.follows?.linkUp === true &&
    !report.follows.syncing &&
    report.follows.address === masterOf(group)?.endpoints.replication
  );
}

export function isSyncing(context: Context, group: GroupKey, replica: ReplicaId): boolean {
  const report = context.book.of({ group, replica })?.answered?.report;
  return report?.loading === true || report?.follows?.syncing === true;
}

export class ReturnWatch {
  readonly #context: Context;
  /** Since when each group is well at home, and when that was last looked at. */
  readonly #well = new Map<GroupKey, { readonly idc: SiteName; readonly sinceMs: number; seenMs: number }>();
  #lastSampleMs = Number.NEGATIVE_INFINITY;
  #proposedMs = Number.NEGATIVE_INFINITY;

  constructor(context: Context) {
    this.#context = context;
  }

  clear(): void {
    this.#well.clear();
    this.#proposedMs = Number.NEGATIVE_INFINITY;
  }

  /** It was removed: what is declared under its name later begins to be well anew. */
  forget(group: GroupKey): void {
    this.#well.delete(group);
  }

  /** A drill has begun: the next one may be proposed once it is over. */
  begun(): void {
    this.#proposedMs = Number.NEGATIVE_INFINITY;
  }

  /** True when it is time to look again at all groups that concern a return. */
  isDue(now: Instant): boolean {
    if (now.monotonicMs - this.#lastSampleMs < SAMPLE_EVERY_MS) return false;
    this.#lastSampleMs = now.monotonicMs;
    return true;
  }

  /** Looks at a group; what is not well, or null. */
  sample(group: BrokerGroup, idc: SiteName, now: Instant): string | null {
    const context = this.#context;
    const why = whyNotWell({
      group,
      idc,
      isLinked: (replica) => isLinkedTo(context, group, replica, now),
      vantages: (replica) => this.#nodesThatReach(group, replica, now),
      voters: context.options.voters.length,
    });
    const kept = this.#well.get(group.key);
    if (why !== null) this.#well.delete(group.key);
    else if (kept?.idc === idc && now.monotonicMs - kept.seenMs <= SAMPLE_GAP_MS)
      kept.seenMs = now.monotonicMs;
    else this.#well.set(group.key, { idc, sinceMs: now.monotonicMs, seenMs: now.monotonicMs });
    return why;
  }

  /** The stop that holds a return of the group into this IDC, in words; null where none does. */
  stopOf(group: BrokerGroup, idc: SiteName): string | null {
    const state = this.#context.state();
    const isThere = ({ scope }: AutomaticStop): boolean => scope.kind === 'idc' && scope.site === idc;
    const stop = isAutomaticStopped(state, group) ?? state.stops.find(isThere) ?? null;
    return stop === null ? null : `automatic action is stopped by ${stop.by} (${stop.reason})`;
  }

  /** What keeps the group from being moved home now; null where nothing does. */
  whyNotYet(group: BrokerGroup, idc: SiteName, healthyMs: number, now: Instant): string | null {
    const context = this.#context;
    const stopped = this.stopOf(group, idc);
    if (stopped !== null) return stopped;
    const cooldownMs = cooldownLeftMs(group, context.run(group.key, now), now);
    if (cooldownMs > 0) return `it failed over and is left alone for another ${Math.ceil(cooldownMs)} ms`;
    const why = this.sample(group, idc, now);
    if (why !== null) return why;
    const wellMs = now.monotonicMs - (this.#well.get(group.key)?.sinceMs ?? now.monotonicMs);
    return wellMs >= healthyMs ? null : `well for ${Math.floor(wellMs)} of ${healthyMs} ms`;
  }

  /** Where a rule says so, groups that have been well at home for long enough are brought back. */
  proposeReturns(now: Instant): void {
    if (!this.isDue(now) || now.monotonicMs - this.#proposedMs < BEGIN_PATIENCE_MS) return;
    const state = this.#context.state();
    const chosen: BrokerGroup[] = [];
    let idc: SiteName | null = null;
    if (state.returnRules.size === 0) return;
    for (const group of state.groups.values()) {
      const home = this.#automaticHome(group, now);
      if (home === null || (idc !== null && home !== idc)) continue;
      idc = home;
      chosen.push(group);
      if (chosen.length >= LIMITS.groupsPerNamedDrill) break;
    }
    if (idc !== null) this.#begin(idc, chosen, now);
  }

  #automaticHome(group: BrokerGroup, now: Instant): SiteName | null {
    const state = this.#context.state();
    const rule = returnRuleOf(state, group.key);
    const master = masterOf(group);
    if (rule === null || rule.returnAfterMs === null || master === null || group.watchOnly) return null;
    const home = rule.preferredIdc;
    if (master.site === home || !hostsReplica(group, home)) return null;
    // Taken out by an operator: it stays out for as long as that IDC is not opened again.
    if (stateOfIdc(state, home) !== 'active' || homeOf(state, group.key) !== home) return null;
    return this.whyNotYet(group, home, rule.returnAfterMs, now) === null ? home : null;
  }

  #begin(idc: SiteName, groups: readonly BrokerGroup[], now: Instant): void {
    const context = this.#context;
    this.#proposedMs = now.monotonicMs;
    // A group that does not get home has to be well for as long again before it is tried anew.
    for (const { key } of groups) this.#well.delete(key);
    context.log('info', 'drill.returning', { idc, groups: groups.map(({ key }) => key) });
    context.emit({
      kind: 'propose',
      command: {
        type: 'drill.begin',
        drillId: context.newRecordId(),
        kind: 'return',
        idc,
        groups: groups.map(({ key }) => key),
        ...AUTOMATIC,
        healthyMs: 0,
        by: AUTOMATIC_BY,
        wallMs: now.wallMs,
      },
      asker: null,
    });
  }

  #nodesThatReach(group: BrokerGroup, replica: ReplicaId, now: Instant): number {
    const ref = { group: group.key, replica };
    const own = this.#context.book.of(ref);
    const heardAgoMs = now.monotonicMs - (own?.heardAtMs ?? Number.NEGATIVE_INFINITY);
    const isHeard = heardAgoMs < group.detectionMs && own?.link !== 'down';
    return (isHeard ? 1 : 0) + this.#context.vantages.nodesThatReach(ref, now.monotonicMs);
  }
}
