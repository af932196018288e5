/**
 * One master as every Sentinel that watches it sees it. It begins with the Sentinel that the operator named and goes on
 * to all that any of them knows, because one that is forgotten would go on steering.
 */
import { LIMITS } from '../primitives/limits.ts';
import { accepted, type Result, refused } from '../primitives/refusal.ts';
import type { MasterSeen, SentinelPort, SentinelSeen } from './sentinel-port.ts';

/** A Sentinel that others know to watch the master, and that could not be asked. */
export type UnheardSentinel = { readonly id: string; readonly address: string; readonly why: string };

export type Survey = {
  readonly master: string;
  /** The first is of the Sentinel that was named. */
  readonly seen: readonly MasterSeen[];
  readonly unheard: readonly UnheardSentinel[];
};

/** Each Sentinel hears of all others within seconds, so that the first of them knows all there are. */
const MOST_ROUNDS = 4;

export async function surveyMaster(
  port: SentinelPort,
  sentinel: string,
  master: string,
): Promise<Result<Survey>> {
  const first = await port.look(sentinel, master);
  if (!first.ok) return first;
  const seen: MasterSeen[] = [first.value];
  const unheard: UnheardSentinel[] = [];
  const visited = new Set([sentinel, first.value.sentinel.address]);
  for (let round = 0; ; round += 1) {
    const next = unvisited(seen, visited);
    if (next.length === 0) return accepted({ master, seen, unheard });
    if (round >= MOST_ROUNDS) {
      const why = `The Sentinels of ${master} hardly know each other; wait until they have heard of all others.`;
      return refused('busy', why, { field: 'master' });
    }
    if (seen.length + unheard.length + next.length > LIMITS.sentinelsPerMaster) {
      const why = `More than ${LIMITS.sentinelsPerMaster} Sentinels watch ${master}.`;
      return refused('limitReached', why, { field: 'master' });
    }
    for (const { address } of next) visited.add(address);
    const looks = await Promise.all(next.map(({ address }) => port.look(address, master)));
    for (const [at, looked] of looks.entries()) {
      const expected = next[at];
      if (expected === undefined) continue;
      const found = heard(expected, looked);
      if (found === null) continue;
      if ('why' in found) unheard.push(found);
      else seen.push(found);
    }
  }
}

function unvisited(seen: readonly MasterSeen[], visited: ReadonlySet<string>): readonly SentinelSeen[] {
  const known = new Set(seen.map(({ sentinel }) => sentinel.id));
  const next = new Map<string, SentinelSeen>();
  for (const other of seen.flatMap(({ others }) => others)) {
    if (!known.has(other.id) && !visited.has(other.address)) next.set(other.address, other);
  }
  return [...next.values()];
}

/** Null for one that does not watch the master any more. */
function heard(expected: SentinelSeen, looked: Result<MasterSeen>): MasterSeen | UnheardSentinel | null {
  const { id, address } = expected;
  if (!looked.ok)
    return looked.refusal.code === 'unknownMaster' ? null : { id, address, why: looked.refusal.message };
  if (looked.value.sentinel.id === id) return looked.value;
  const why = `Sentinel ${looked.value.sentinel.id} answers there, not ${id}.`;
  return { id, address, why };
}
