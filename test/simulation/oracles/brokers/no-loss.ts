/** No acknowledged write is lost: whoever is promoted holds all of them, and so does the master at the end. */
import type { GroupKey } from '../../../../src/core/primitives/identifiers.ts';
import type { ServerProcess } from '../../redis/server-process.ts';
import { demand } from '../../world/violation.ts';
import { type BrokerOracle, type Case, handIn, standingOf } from './broker-oracle.ts';

const PROPERTY = 'no acknowledged write is lost';

export function noLoss(facts: Case): BrokerOracle {
  const holdsAll = (key: GroupKey, process: ServerProcess): void => {
    const givenUpBelow = facts.committed.of(key)?.givenUpBelow ?? 0;
    const held = new Set(process.writes.map((write) => write.key));
    for (const write of facts.books.of(key).values()) {
      demand(
        write.version < givenUpBelow || held.has(write.id),
        PROPERTY,
        () =>
          `${write.id}, acknowledged by ${write.waitCount} under version ${write.version} on ${write.server} at ${write.atMs.toFixed(1)} ms, is not on ${process.host.address}`,
      );
    }
  };
  return {
    server: {
      promoted(process, session) {
        const { key, replica, committed } = standingOf(facts, process);
        if (committed === null || handIn(session.user?.name) === null) return;
        const { phase, epoch } = committed.now;
        const newest = phase.kind === 'active' ? epoch : phase.epoch;
        const promotion = committed.promotions.findLast(({ candidate }) => candidate === replica);
        // An order for an earlier epoch that comes late makes a master of nobody's reign.
        if (promotion?.epoch === newest) holdsAll(key, process);
      },
    },
    node: {
      ended() {
        for (const { key, byReplica } of facts.tier().groups) {
          const master = facts.committed.of(key)?.now.master ?? null;
          const process = master === null ? null : (byReplica.get(master)?.process ?? null);
          if (process !== null) holdsAll(key, process);
        }
      },
    },
  };
}
