/** What the other nodes see, as they tell the leader: for the operator's table, and to find a way to a server. */
import type { Observation, ReplicaRef, ServerReport } from '../liveness/observation.ts';
import type { NodeName } from '../primitives/identifiers.ts';

export type SharedObservation = { readonly observation: Observation; readonly ageMs: number };

type Answer = { readonly node: NodeName; readonly report: ServerReport; readonly seenMs: number };
type Seen = { readonly node: NodeName; readonly observation: Observation; readonly seenMs: number };

/** Older word from another node is no reason to act through it. */
const FRESH_MS = 1_500;

export type Vantages = ReturnType<typeof createVantages>;

export function createVantages() {
  const seen = new Map<NodeName, Map<string, Seen>>();
  const refKey = (ref: ReplicaRef): string => `${ref.group}#${ref.replica}`;
  const answerSince = (ref: ReplicaRef, sinceMs: number): Answer | null => {
    let newest: Answer | null = null;
    const key = refKey(ref);
    for (const rows of seen.values()) {
      const row = rows.get(key);
      if (row?.observation.outcome.kind !== 'answered' || row.seenMs <= (newest?.seenMs ?? sinceMs)) continue;
      newest = { node: row.node, report: row.observation.outcome.report, seenMs: row.seenMs };
    }
    return newest;
  };

  return {
    record(node: NodeName, observations: readonly SharedObservation[], nowMs: number): void {
      let rows = seen.get(node);
      if (rows === undefined) {
        rows = new Map();
        seen.set(node, rows);
      }
      for (const { observation, ageMs } of observations) {
        rows.set(refKey(observation.ref), { node, observation, seenMs: nowMs - ageMs });
      }
    },
    nodeThatReaches(ref: ReplicaRef, nowMs: number): NodeName | null {
      return answerSince(ref, nowMs - FRESH_MS)?.node ?? null;
    },
    /** How many other nodes had an answer of this server not long ago. */
    nodesThatReach(ref: ReplicaRef, nowMs: number): number {
      const key = refKey(ref);
      const isFresh = (row: Seen | undefined): boolean =>
        row?.observation.outcome.kind === 'answered' && nowMs - row.seenMs < FRESH_MS;
      return [...seen.values()].filter((rows) => isFresh(rows.get(key))).length;
    },
    /** The newest report that another node had of this server later than `sinceMs`. */
    newestAnswer(ref: ReplicaRef, sinceMs: number): ServerReport | null {
      return answerSince(ref, sinceMs)?.report ?? null;
    },
    rows: (): Seen[] => [...seen.values()].flatMap((rows) => [...rows.values()]),
    dropGroup(group: ReplicaRef['group']): void {
      for (const rows of seen.values()) {
        for (const [key, row] of rows) if (row.observation.ref.group === group) rows.delete(key);
      }
    },
    /** Forgets groups that are not declared: a snapshot takes groups away without naming them. */
    keepOnly(declared: ReadonlyMap<ReplicaRef['group'], unknown>): void {
      for (const rows of seen.values()) {
        for (const [key, row] of rows) if (!declared.has(row.observation.ref.group)) rows.delete(key);
      }
    },
    clear: (): void => seen.clear(),
  };
}
