/**
 * Which group each server was looked at for, by its process, for a short while: of two declarations that name one server
 * under two addresses at the same time both could pass a preflight that only knows the groups of the state. Kept by the
 * leader alone; once a group is declared, probes tell whose process answers there.
 */
import type { GroupKey, Incarnation } from '../primitives/identifiers.ts';
import { LIMITS } from '../primitives/limits.ts';

/** Longer than it takes to commit a declaration and to probe its servers. */
const CLAIMED_FOR_MS = 5_000;

export function createPreflightClaims() {
  const claims = new Map<Incarnation, { readonly group: GroupKey; readonly untilMs: number }>();
  return {
    /** Claims these processes for a group; or names the other group that has one of them, and claims nothing. */
    claim(group: GroupKey, processes: readonly Incarnation[], nowMs: number): GroupKey | null {
      for (const [process, { untilMs }] of claims) if (untilMs <= nowMs) claims.delete(process);
      for (const process of processes) {
        const other = claims.get(process);
        if (other !== undefined && other.group !== group) return other.group;
      }
      for (const process of processes) claims.set(process, { group, untilMs: nowMs + CLAIMED_FOR_MS });
      for (const oldest of claims.keys()) {
        if (claims.size <= LIMITS.preflightClaims) break;
        claims.delete(oldest);
      }
      return null;
    },
    clear: (): void => claims.clear(),
  };
}
