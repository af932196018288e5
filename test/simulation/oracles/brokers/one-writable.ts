/**
 * One writable epoch a group: once a server was promoted, nothing that is written to an earlier master afterwards is
 * acknowledged under its promise. What was written before may still be confirmed late; whoever was promoted has it.
 */
import type { GroupKey } from '../../../../src/core/primitives/identifiers.ts';
import type { ServerProcess } from '../../redis/server-process.ts';
import type { Session } from '../../redis/session.ts';
import { demand } from '../../world/violation.ts';
import { type BrokerOracle, type Case, handIn, standingOf, versionIn } from './broker-oracle.ts';

type Reign = { readonly process: ServerProcess; readonly atMs: number; readonly epoch: number };

const PROPERTY = 'one writable epoch a group';

export function oneWritable(facts: Case): BrokerOracle {
  const reigns = new Map<GroupKey, Reign>();
  const wroteAtMs = new WeakMap<Session, number>();

  const acknowledges = (process: ServerProcess, session: Session, count: number): void => {
    const version = versionIn(session.user?.name);
    if (version === null) return;
    const { key, committed } = standingOf(facts, process);
    const set = committed?.sets.get(version);
    const reign = reigns.get(key);
    if (committed == null || set === undefined || reign === undefined || reign.process === process) return;
    if (committed.now.policy === 'async' || version < committed.givenUpBelow || count < set.waitCount) return;
    demand(
      (wroteAtMs.get(session) ?? 0) <= reign.atMs,
      PROPERTY,
      () =>
        `${process.host.address} acknowledged under version ${version} what was written after epoch ${reign.epoch} began on ${reign.process.host.address}`,
    );
  };

  return {
    server: {
      promoted(process, session) {
        if (handIn(session.user?.name) === null) return;
        const { key, replica, committed } = standingOf(facts, process);
        const promotion = committed?.promotions.findLast(
          (one) => one.candidate === replica && one.runId === process.runId,
        );
        const epoch = promotion?.epoch ?? 0;
        // A late order for an earlier epoch makes nobody else's reign end.
        if ((reigns.get(key)?.epoch ?? -1) <= epoch)
          reigns.set(key, { process, epoch, atMs: process.nowMs() });
      },
      wrote(process, session) {
        wroteAtMs.set(session, process.nowMs());
        acknowledges(process, session, 0);
      },
      waited: acknowledges,
    },
  };
}
