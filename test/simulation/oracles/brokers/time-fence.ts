/**
 * A master stops by itself, for whoever writes: a server that producers of a committed version may write to takes no
 * write once fewer slaves than that version's rule asks for have been heard for the group's time fence. It looks at the
 * slaves of the server, never at what the server was told to refuse.
 */
import type { GroupKey } from '../../../../src/core/primitives/identifiers.ts';
import { demand } from '../../world/violation.ts';
import { type BrokerOracle, type Case, standingOf, versionIn } from './broker-oracle.ts';

/** Redis counts whole seconds, and looks at its slaves once a second. */
const LOOKS_WITHIN_MS = 2_100;
/** A server that stood still may take writes before it has looked. */
const LOOKS_AGAIN_WITHIN_MS = 1_100;

export function timeFence(facts: Case): BrokerOracle {
  /** Longest fence that the group ever had; null once it had none, for an isolated master may not know better. */
  const longest = new Map<GroupKey, number | null>();
  const counts = { writesUnderFence: 0 };

  facts.committed.onChange((key, _before, { now }) => {
    const known = longest.get(key);
    if (now.timeFenceSeconds === 0 || known === null) longest.set(key, null);
    else longest.set(key, Math.max(known ?? 0, now.timeFenceSeconds));
  });

  return {
    node: { counts },
    server: {
      wrote(process) {
        const { key, replica, committed } = standingOf(facts, process);
        const fenceSeconds = longest.get(key) ?? null;
        const versions = process.access.all().map(({ name }) => versionIn(name) ?? -1);
        const set = committed?.sets.get(Math.max(-1, ...versions)) ?? null;
        if (fenceSeconds === null || set === null || set.waitCount === 0) return;
        if (process.nowMs() - process.host.wentOnMs < LOOKS_AGAIN_WITHIN_MS) return;
        counts.writesUnderFence += 1;
        const withinMs = fenceSeconds * 1_000 + LOOKS_WITHIN_MS;
        const heard = process.feeds.heardWithin(withinMs);
        demand(
          heard >= set.waitCount,
          'a master without its slaves takes no write',
          () =>
            `${replica} wrote under version ${set.version}, which asks for ${set.waitCount}; ${heard} were heard within ${withinMs} ms`,
        );
      },
    },
  };
}
