/**
 * What operators are told where no promotion can be proven lossless: the same words in alerts, refusals and the history.
 * Which servers are missing and why they do not count, what may be lost at worst, and the command that accepts it.
 */
import type { BrokerGroup } from '../metadata/state.ts';
import { commandFor } from '../primitives/command-line.ts';
import type { ReplicaId } from '../primitives/identifiers.ts';
import type { Context } from './context.ts';
import type { GroupRun } from './group-run.ts';

/**
 * Bytes between the best server that could be promoted and the furthest that is known: the floor, which was
 * acknowledged, or the place where the reigning master was seen last. Null where nobody could be promoted at all.
 */
export function worstCaseBytes(
  context: Context,
  group: BrokerGroup,
  run: GroupRun,
  bestOffset: bigint | null,
): bigint | null {
  if (bestOffset === null) return null;
  const reign = group.reigns.at(-1);
  const seen =
    reign === undefined
      ? undefined
      : context.book.of({ group: group.key, replica: reign.master })?.answered?.report;
  const isReigning = seen?.incarnation === reign?.incarnation && seen?.lineage === reign?.lineage;
  const known = [group.floor, run.floor, seen !== undefined && isReigning ? seen.offset : 0n];
  const furthest = known.reduce((one, other) => (one > other ? one : other));
  return furthest > bestOffset ? furthest - bestOffset : 0n;
}

export type Shortfall = {
  /** What the proof lacks, and why servers that answer do not count. */
  readonly detail: string;
  readonly missing: readonly ReplicaId[];
  readonly worstCaseBytes: bigint | null;
};

export function shortfallText(group: BrokerGroup, { detail, missing, worstCaseBytes }: Shortfall): string {
  const worst =
    worstCaseBytes === null
      ? 'unknown, as no server that could be promoted was read'
      : `${worstCaseBytes} bytes by what was seen last, and what was written since`;
  const back = missing.length === 0 ? 'a member' : missing.join(' or ');
  const force = commandFor(group, 'failover', '--unsafe', '--reason "why the loss is accepted"');
  return `${detail}. Missing: ${missing.join(', ') || 'nothing'}; worst case ${worst}. Bring ${back} back, or accept the loss: ${force}`;
}
