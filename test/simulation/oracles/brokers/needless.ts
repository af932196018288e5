/**
 * Nobody is deposed needlessly. A master that was the process of its reign and called itself master, and that a majority
 * of the nodes heard all along, is not taken for dead, whatever the others believe. An operator's word, and a move, may
 * depose anybody.
 *
 * A verdict counts when it is first written to a disk, whenever it is committed. `LONG_MS` covers what may lie between a
 * testimony and that: the round, a confirmed death that waits for a proof, and a leader that stands still on the way.
 * `GAP_MS` is the silence that a node may bring forward against a master that it has just heard.
 */
import type { BrokerGroup } from '../../../../src/core/metadata/state.ts';
import type { GroupKey, NodeName } from '../../../../src/core/primitives/identifiers.ts';
import type { ModelServer } from '../../redis/model-server.ts';
import type { ServerProcess } from '../../redis/server-process.ts';
import { demand } from '../../world/violation.ts';
import { fenceOf, nameOf } from '../entries.ts';
import type { BrokerOracle, Case } from './broker-oracle.ts';

/** Every answer of a process to one node, as long as no more than `GAP_MS` lay between two. */
type Hearing = { readonly sinceMs: number; lastMs: number };

const GAP_MS = 300;
const LONG_MS = 5_500;
const OF_ITS_OWN_ACCORD: readonly string[] = ['masterLost', 'masterRestarted'];

export function nobodyNeedlessly({ tier, committed }: Case): BrokerOracle {
  const hearings = new WeakMap<ServerProcess, Map<NodeName, Hearing>>();
  /** By the name of the entry that would depose somebody; null where there is a reason. */
  const verdicts = new Map<string, string | null>();
  const counts = { deposedGone: 0, deposedUnheard: 0, deposedHeardAgain: 0 };
  let voters = 0;

  const heard = (node: NodeName, { process, stopped }: ModelServer): void => {
    if (process === null || stopped) return;
    const nowMs = process.nowMs();
    const byNode = hearings.get(process) ?? new Map<NodeName, Hearing>();
    hearings.set(process, byNode);
    const known = byNode.get(node);
    const goesOn = known !== undefined && nowMs - known.lastMs <= GAP_MS && process.link.master === null;
    if (goesOn) known.lastMs = nowMs;
    else byNode.set(node, { sinceMs: nowMs, lastMs: nowMs });
  };

  const reigning = (key: GroupKey, { master, reigns }: BrokerGroup): ServerProcess | null => {
    const server = tier()
      .group(key)
      ?.byReplica.get(master ?? '');
    const process = server?.process ?? null;
    const isItself = process !== null && process.runId === reigns.at(-1)?.incarnation;
    return isItself && server?.stopped === false && !process.loading && process.link.master === null
      ? process
      : null;
  };

  /** Why the master should not be deposed now, or null. */
  const objection = (key: GroupKey): string | null => {
    const now = committed.of(key)?.now;
    const process = now === undefined ? null : reigning(key, now);
    if (process === null) {
      counts.deposedGone += 1;
      return null;
    }
    const nowMs = process.nowMs();
    const current = [...(hearings.get(process) ?? [])].filter(([, { lastMs }]) => nowMs - lastMs <= GAP_MS);
    const long = current.filter(([, { sinceMs }]) => nowMs - sinceMs >= LONG_MS).map(([node]) => node);
    if (long.length * 2 > voters) return `${process.host.address} was heard all along by ${long.join(', ')}`;
    if (current.length * 2 > voters) counts.deposedHeardAgain += 1;
    else counts.deposedUnheard += 1;
    return null;
  };

  return {
    heard,
    node: {
      counts,
      begin({ nodes }) {
        voters = nodes.length;
      },
      persisted(_node, { entries }) {
        for (const entry of entries) {
          const fence = fenceOf(entry);
          if (fence === null || !OF_ITS_OWN_ACCORD.includes(fence.reason)) continue;
          const name = nameOf(entry);
          if (!verdicts.has(name)) verdicts.set(name, objection(fence.group));
        }
      },
      decided(_node, entry) {
        const found = verdicts.get(nameOf(entry)) ?? null;
        demand(found === null, 'a master that a quorum hears is not deposed', () => found ?? '');
      },
    },
  };
}
