/** What the other nodes see, as they tell the leader: for the operator's table, and to find a way to a server. */
import type { Observation, ReplicaRef } from '../liveness/observation.ts';
import type { NodeName } from '../primitives/identifiers.ts';

export type SharedObservation = { readonly observation: Observation; readonly ageMs: number };

type Seen = { readonly node: NodeName; readonly observation: Observation; readonly seenMs: number };

/** Older word from another node is no reason to act through it. */
const FRESH_MS = 3_000;

export type Vantages = ReturnType<typeof createVantages>;

export function createVantages() {
  const seen = new Map<NodeName, Map<string, Seen>>();
  const refKey = (ref: ReplicaRef): string => `${ref.group}#${ref.replica}`;
  let newestMs = 0;

  return {
    record(node: NodeName, observations: readonly SharedObservation[], nowMs: number): void {
      newestMs = nowMs;
      let rows = seen.get(node);
      if (rows === undefined) {
        rows = new Map();
        seen.set(node, rows);
      }
      for (const { observation, ageMs } of observations) {
        rows.set(refKey(observation.ref), { node, observation, seenMs: nowMs - ageMs });
      }
    },
    nodeThatReaches(ref: ReplicaRef): NodeName | null {
      for (const [node, rows] of seen) {
        const row = rows.get(refKey(ref));
        if (
          row !== undefined &&
          row.observation.outcome.kind === 'answered' &&
          newestMs - row.seenMs < FRESH_MS
        )
          return node;
      }
      return null;
    },
    rows: (): Seen[] => [...seen.values()].flatMap((rows) => [...rows.values()]),
    dropGroup(group: ReplicaRef['group']): void {
      for (const rows of seen.values()) {
        for (const [key, row] of rows) if (row.observation.ref.group === group) rows.delete(key);
      }
    },
    clear: (): void => seen.clear(),
  };
}
