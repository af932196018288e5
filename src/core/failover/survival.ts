/**
 * Which failures a declared layout survives under a policy, computed by the same arithmetic that judges a real
 * failover, so that the table shown before a group is taken on cannot promise what the failover would then refuse.
 */
import type { SyncSet, WritePolicy } from '../metadata/state.ts';
import type { OnShortage } from '../metadata/state-parts.ts';
import { epoch, incarnation, type ReplicaId, type SiteName } from '../primitives/identifiers.ts';
import { acknowledgingCount, covers, neededReads, promisesNothing } from './acknowledging.ts';
import { type PlacedReplica, ruleFor, type WriteRule } from './write-rule.ts';

export type SurvivalRow = {
  /** `master`, `master and one slave`, `IDC idc-a`, `IDC idc-b`, ... */
  readonly failure: string;
  /** zeroLoss: a promotion can be proven lossless; stop: it cannot, operator decides; loss: acknowledged writes may go. */
  readonly outcome: 'zeroLoss' | 'writesGoOn' | 'shortage' | 'stop' | 'loss';
  /** One sentence: why, and what then happens under `onShortage`. */
  readonly detail: string;
};

export type Layout = { readonly replicas: readonly PlacedReplica[]; readonly master: ReplicaId };

type Case = { readonly layout: Layout; readonly policy: WritePolicy; readonly onShortage: OnShortage };
type Judged = Omit<SurvivalRow, 'failure'>;

/** Worst last. */
const SEVERITY: readonly SurvivalRow['outcome'][] = ['writesGoOn', 'zeroLoss', 'shortage', 'stop', 'loss'];

const siteOf = (layout: Layout, replica: ReplicaId): SiteName | undefined =>
  layout.replicas.find((one) => one.replica === replica)?.site;

function ruleUnder(given: Case, masterSite: SiteName, members: readonly PlacedReplica[]): WriteRule {
  const { policy, onShortage, layout } = given;
  return ruleFor({ policy, onShortage, masterSite, declaredSlaves: layout.replicas.length - 1, members });
}

function afterwards(given: Case, rule: WriteRule, members: number): string {
  if (!rule.short) return 'the policy is still met';
  if (given.onShortage === 'block')
    return 'the policy cannot be met then: nothing is acknowledged until members return';
  const held = members === 0 ? 'the master alone' : `the master and ${members} more`;
  return `the policy cannot be met then: acknowledged by ${held} until members return`;
}

const names = (replicas: readonly PlacedReplica[]): string =>
  replicas.length === 0 ? 'nobody' : replicas.map((one) => one.replica).join(', ');

function judgePromotion(
  given: Case,
  set: SyncSet,
  slaves: readonly PlacedReplica[],
  left: readonly PlacedReplica[],
): Judged {
  const [candidate] = left;
  if (candidate === undefined) return { outcome: 'stop', detail: 'no replica is left' };
  if (promisesNothing(set)) {
    return { outcome: 'loss', detail: 'acknowledged writes that no slave received go with the master' };
  }
  const read = left.map((one) => ({ replica: one.replica, incarnation: incarnation(one.replica) }));
  const needed = `${neededReads(set)} of ${slaves.length} slaves must be read`;
  if (!covers(set, read)) {
    return { outcome: 'stop', detail: `${needed}, ${names(left)} can be: unprovable, an operator decides` };
  }
  // The best case for the policy: the candidate that leaves the members that can meet it, where there is one.
  const rules = left.map((next) => {
    const members = left.filter((one) => one.replica !== next.replica);
    return { members, rule: ruleUnder(given, next.site, members) };
  });
  const best = rules.find((one) => !one.rule.short) ?? rules[0];
  const next = best === undefined ? '' : `; ${afterwards(given, best.rule, best.members.length)}`;
  return { outcome: 'zeroLoss', detail: `${needed}, ${names(left)} can be: one of them is promoted${next}` };
}

function judgeFailure(given: Case, lost: ReadonlySet<ReplicaId>): Judged {
  const { layout } = given;
  const masterSite = siteOf(layout, layout.master);
  if (masterSite === undefined)
    return { outcome: 'stop', detail: `${layout.master} is not a replica of the group` };
  const slaves = layout.replicas.filter((one) => one.replica !== layout.master);
  const left = slaves.filter((one) => !lost.has(one.replica));
  const rule = ruleUnder(given, masterSite, slaves);
  const set: SyncSet = {
    version: 1,
    epoch: epoch(1),
    author: 'pollux',
    members: slaves.map((one) => ({
      replica: one.replica,
      incarnation: incarnation(one.replica),
      caughtUp: true,
    })),
    rule: rule.rule,
    degraded: rule.degraded,
  };
  if (acknowledgingCount(set) > slaves.length) {
    return {
      outcome: 'shortage',
      detail: 'the declared layout cannot meet the policy: nothing is ever acknowledged',
    };
  }
  if (lost.has(layout.master)) return judgePromotion(given, set, slaves, left);
  const kept = ruleUnder(given, masterSite, left);
  const detail = `the master and ${names(left)} are left; ${afterwards(given, kept, left.length)}`;
  return { outcome: kept.short ? 'shortage' : 'writesGoOn', detail };
}

function worst(cases: readonly Judged[]): Judged | undefined {
  return [...cases].sort((one, other) => SEVERITY.indexOf(other.outcome) - SEVERITY.indexOf(one.outcome))[0];
}

/** A row for the master, for the master and the worst of its slaves, and for each IDC that hosts a replica. */
export function survives(layout: Layout, policy: WritePolicy, onShortage: OnShortage): SurvivalRow[] {
  const given: Case = { layout, policy, onShortage };
  const slaves = layout.replicas.filter((one) => one.replica !== layout.master);
  const rows: SurvivalRow[] = [{ failure: 'master', ...judgeFailure(given, new Set([layout.master])) }];
  const pairs = slaves.map((slave) => judgeFailure(given, new Set([layout.master, slave.replica])));
  const pair = worst(pairs);
  if (pair !== undefined) rows.push({ failure: 'master and one slave', ...pair });
  for (const site of [...new Set(layout.replicas.map((one) => one.site))].sort()) {
    const lost = new Set(layout.replicas.filter((one) => one.site === site).map((one) => one.replica));
    rows.push({ failure: `IDC ${site}`, ...judgeFailure(given, lost) });
  }
  return rows;
}
