/**
 * What a leader knows of one broker set beyond the replicated state: what it has asked for, and what came back. It is
 * forgotten with the term, and with the master epoch that it belongs to; a new leader starts from what is committed and
 * from evidence, and asks again.
 */
import type { DeathKind } from '../../liveness/death.ts';
import type { ElectionReason } from '../../metadata/broker-set-state.ts';
import type { HistoryEvidence } from '../../metadata/state-parts.ts';
import type { AlertCode } from '../../primitives/alert-code.ts';
import type { Asker } from '../effects.ts';
import type { BrokerRound } from './broker-rounds.ts';
import type { BrokerAnswer } from './rocketmq-port.ts';

/** Brokers asked afresh before one of them is chosen. */
export type Collection = {
  readonly startedMs: number;
  /** Ways on which each is still being asked. */
  readonly ways: Map<number, number>;
  /** The best answer of each so far. */
  readonly answers: Map<number, BrokerAnswer>;
};

/** Why a master is being looked for, and on what grounds. */
export type Search = {
  readonly reason: ElectionReason;
  /** Who may be chosen. */
  readonly candidates: readonly number[];
  /** The only one that will do; null: the best. */
  readonly wanted: number | null;
  readonly unsafe: boolean;
  readonly by: string;
  readonly detail: string;
  readonly evidence: readonly HistoryEvidence[];
  /** When it began: a collection that finds nobody is repeated for a while. */
  readonly sinceMs: number;
  readonly collection: Collection;
};

export type Death = {
  readonly brokerId: number;
  readonly kind: DeathKind;
  readonly evidence: readonly HistoryEvidence[];
  readonly suspicion: string;
  readonly atMs: number;
};

/** A role change on its way to one broker. */
export type Telling = {
  /** It was gone when its successor was elected: it is looked at before it is told. */
  looks: boolean;
  /** Not told before, whatever is heard of it. */
  notBeforeMs: number;
  done: boolean;
  out: boolean;
  /** Attempts that failed, over all ways. */
  failures: number;
  triedAtMs: number;
  nextMs: number;
};

export type WaitingAsker = { readonly asker: Asker; readonly sinceMs: number };

export type SetRun = {
  /** Master epoch that the fields down to `isFresh` belong to. */
  masterEpoch: number;
  /** How many brokers it has, and since when it has no other number of them. */
  shown: { readonly brokers: number; readonly sinceMs: number };
  proposedAtMs: number | null;
  round: BrokerRound | null;
  /** Rounds in a row that ended without a verdict. */
  vainRounds: number;
  nextRoundMs: number;
  death: Death | null;
  search: Search | null;
  nextSearchMs: number;
  vainSearches: number;
  readonly tellings: Map<number, Telling>;
  /** It was elected just now, before the eyes of this leader. */
  isFresh: boolean;
  /** Of what death the election followed that is proposed. */
  electingAfter: DeathKind | null;
  /** When this leader last saw it get another master because the one before was silent; the newest few. */
  silentElectionsMs: readonly number[];
  /** When a broker that was ahead of our epoch was last looked at. */
  aheadAskedMs: number;
  /** Who waits for a master. */
  askers: WaitingAsker[];
  /** When an alert that somebody else's refused word caused was last renewed, by code. */
  readonly alertedMs: Map<AlertCode, number>;
  /** Suspicions that were written down in this reign, by outcome. */
  readonly noted: Map<string, { readonly atMs: number; readonly lines: number }>;
};

export const newSetRun = (nowMs: number): SetRun => ({
  masterEpoch: -1,
  shown: { brokers: 0, sinceMs: nowMs },
  proposedAtMs: null,
  round: null,
  vainRounds: 0,
  nextRoundMs: 0,
  death: null,
  search: null,
  nextSearchMs: 0,
  vainSearches: 0,
  tellings: new Map(),
  isFresh: false,
  electingAfter: null,
  silentElectionsMs: [],
  aheadAskedMs: Number.NEGATIVE_INFINITY,
  askers: [],
  alertedMs: new Map(),
  noted: new Map(),
});

/** Forgets what belonged to an earlier master epoch. */
export function enterEpoch(run: SetRun, masterEpoch: number): void {
  if (run.masterEpoch === masterEpoch) return;
  run.masterEpoch = masterEpoch;
  run.proposedAtMs = null;
  run.round = null;
  run.vainRounds = 0;
  run.nextRoundMs = 0;
  run.death = null;
  run.search = null;
  run.nextSearchMs = 0;
  run.vainSearches = 0;
  run.tellings.clear();
  run.isFresh = false;
  run.noted.clear();
}

/** A quorum has confirmed the master's death, and its successor is looked for. */
export const isFoundDead = ({ death, search }: SetRun): boolean =>
  death !== null || search?.reason === 'masterLost';
