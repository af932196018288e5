/**
 * What grants was committed before it acts. A server is promoted only as the process, and from the place, that a
 * committed promotion names, with exactly its members let in. Producers' users have committed versions. Whoever
 * replicates from a master is, as that very process, a member under every version that producers use there. One that
 * rebooted and is committed anew may be attached by hand before producers use the new version: under the older one it
 * acknowledges in the name of a process that no proof counts any more, and the others that have to be read suffice. A
 * member is taken out of the set only when it does not replicate from the master any more.
 */
import type { ServerProcess } from '../../redis/server-process.ts';
import type { Session } from '../../redis/session.ts';
import { demand } from '../../world/violation.ts';
import { type BrokerOracle, type Case, handIn, replicaIn, standingOf, versionIn } from './broker-oracle.ts';

export function committedFirst(facts: Case): BrokerOracle {
  /** Processes that pollux has made masters. */
  const promoted = new WeakSet<ServerProcess>();

  const inboundOf = (process: ServerProcess): string[] =>
    process.access.all().flatMap(({ name }) => replicaIn(name) ?? []);

  const mayReplicate = (process: ServerProcess, session: Session): void => {
    const { committed, replica } = standingOf(facts, process);
    if (committed === null || !promoted.has(process) || process.link.master !== null) return;
    const who = replicaIn(session.user?.name);
    // It attaches to itself for a moment, so that its stream begins.
    if (who === replica) return;
    for (const { name } of process.access.all()) {
      const version = versionIn(name);
      const set = version === null ? undefined : committed.sets.get(version);
      if (set === undefined || set.waitCount === 0) continue;
      const isCommittedAnew =
        who !== null && set.members.has(who) && committed.newest()?.members.get(who) === session.replicaRunId;
      demand(
        isCommittedAnew || (who !== null && set.members.get(who) === session.replicaRunId),
        'who replicates from a master is a committed member',
        () =>
          `${session.user?.name ?? 'nobody'} (process ${session.replicaRunId}) attached to ${process.host.address}, where producers write under version ${version}: ${describe(set.members)}`,
      );
    }
  };

  facts.committed.onChange((key, before, group) => {
    const after = group.newest();
    const { master } = group.now;
    if (before === null || after === null || before.epoch !== after.epoch || master === null) return;
    const process = facts.tier().group(key)?.byReplica.get(master)?.process ?? null;
    if (process === null || !promoted.has(process)) return;
    const linked = process.feeds.sessions().map((session) => replicaIn(session.user?.name));
    for (const member of before.members.keys()) {
      demand(
        after.members.has(member) || !linked.includes(member),
        'a member leaves the set only when it does not replicate any more',
        () => `${member} is still linked to ${process.host.address}, version ${after.version} is without it`,
      );
    }
  });

  return {
    server: {
      promoted(process, session) {
        if (handIn(session.user?.name) === null) return;
        const { committed, replica } = standingOf(facts, process);
        const promotion = committed?.promotions.findLast(
          (one) => one.candidate === replica && one.runId === process.runId,
        );
        demand(
          promotion !== undefined,
          'only a committed candidate is promoted, as the committed process',
          () => `${replica} was promoted as process ${process.runId}`,
        );
        const inbound = inboundOf(process);
        demand(
          inbound.every((name) => promotion.set.members.has(name)) &&
            inbound.length === promotion.set.members.size,
          'a promoted server lets in exactly its committed members',
          () => `${replica} lets in ${inbound.join(', ')}, committed are ${describe(promotion.set.members)}`,
        );
        demand(
          process.stream.offset >= promotion.cut,
          'a candidate is promoted from its cut on',
          () => `${replica} stands at ${process.stream.offset}, the cut is ${promotion.cut}`,
        );
        promoted.add(process);
      },
      userSet(process, session, user) {
        const version = versionIn(user);
        if (version === null || handIn(session.user?.name) === null) return;
        const { committed } = standingOf(facts, process);
        demand(
          committed?.sets.has(version) === true,
          'a version is committed before producers use it',
          () => `${user} was set on ${process.host.address}`,
        );
      },
      attached: mayReplicate,
      waited(process, session) {
        if (versionIn(session.user?.name) === null) return;
        // The connection of a process that is gone may still stand, and confirms nothing new.
        for (const replica of process.feeds.confirmers(session.offset)) mayReplicate(process, replica);
      },
    },
  };
}

const describe = (members: ReadonlyMap<string, string>): string =>
  [...members].map(([replica, runId]) => `${replica} ${runId}`).join(', ');
