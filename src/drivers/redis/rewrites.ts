/**
 * Whether somebody had a server write its file. Redis cannot be asked what is in its file, but it counts the commands
 * that it carried out, and pollux lets a prepared server write its file only while it is taken on.
 */
import type { Step } from './outcome.ts';
import { taken } from './outcome.ts';
import type { Hand } from './steering-hand.ts';

const WRITES_FILE = ['cmdstat_config|rewrite', 'cmdstat_acl|save'] as const;

/** How often this process was told to write its file; goes back to 0 with `CONFIG RESETSTAT`. */
export async function countFileWrites(hand: Hand): Promise<Step<number>> {
  const fields = await hand.info(['commandstats']);
  if (!fields.ok) return fields;
  const calls = WRITES_FILE.map((name) =>
    Number(/\bcalls=(\d+)/.exec(fields.value.get(name) ?? '')?.[1] ?? 0),
  );
  return taken(calls.reduce((sum, count) => sum + count, 0));
}
