/** What an oracle of brokers may look at, and how it is told: by servers about themselves, and by nodes as any oracle. */
import type { GroupKey, NodeName } from '../../../../src/core/primitives/identifiers.ts';
import type { Books } from '../../brokers/books.ts';
import type { BrokerTier } from '../../brokers/broker-tier.ts';
import type { Journal } from '../../redis/journal.ts';
import type { ModelServer } from '../../redis/model-server.ts';
import type { ServerProcess } from '../../redis/server-process.ts';
import type { Oracle } from '../oracle.ts';
import type { CommittedGroup, CommittedGroups } from './committed-groups.ts';

export type BrokerOracle = {
  readonly node?: Oracle;
  readonly server?: Partial<Journal>;
  /** A server's answer to a probe of this node has arrived there. */
  readonly heard?: (node: NodeName, server: ModelServer) => void;
};

export type Case = {
  readonly tier: () => BrokerTier;
  readonly committed: CommittedGroups;
  readonly books: Books;
};

export type Standing = {
  readonly key: GroupKey;
  readonly replica: string;
  /** Null before the group was declared. */
  readonly committed: CommittedGroup | null;
};

const places = new WeakMap<ModelServer, { readonly key: GroupKey; readonly replica: string }>();

/** Which replica of which group a process is. */
export function standingOf({ tier, committed }: Case, { host }: ServerProcess): Standing {
  let place = places.get(host);
  if (place === undefined) {
    const { key, byReplica } = tier().groupOf(host);
    const replica = [...byReplica].find(([, server]) => server === host)?.[0] ?? '';
    place = { key, replica };
    places.set(host, place);
  }
  return { ...place, committed: committed.of(place.key) };
}

/** The version in the name of a producers' user, such as `w-7`; null for any other name. */
export function versionIn(user: string | undefined): number | null {
  const match = /^w-(\d+)$/.exec(user ?? '');
  return match === null ? null : Number(match[1]);
}

/** The hand in the name of a steering user, `ns-<term>` or `ns-<term>-<path>`; null for any other name. */
export function handIn(user: string | undefined): { readonly term: number; readonly path: number } | null {
  const match = /^ns-(\d+)(?:-(\d+))?$/.exec(user ?? '');
  return match === null ? null : { term: Number(match[1]), path: Number(match[2] ?? 0) };
}

export const replicaIn = (user: string | undefined): string | null =>
  user?.startsWith('repl-') === true ? user.slice('repl-'.length) : null;

export function journalOf(oracles: readonly BrokerOracle[]): Journal {
  const told = oracles.flatMap(({ server }) => server ?? []);
  return {
    started: (process) => {
      for (const one of told) one.started?.(process);
    },
    ended: (process) => {
      for (const one of told) one.ended?.(process);
    },
    wrote: (process, session, write) => {
      for (const one of told) one.wrote?.(process, session, write);
    },
    waited: (process, session, count) => {
      for (const one of told) one.waited?.(process, session, count);
    },
    attached: (process, session) => {
      for (const one of told) one.attached?.(process, session);
    },
    executing: (process, session, name) => {
      for (const one of told) one.executing?.(process, session, name);
    },
    promoted: (process, session) => {
      for (const one of told) one.promoted?.(process, session);
    },
    followed: (process, session, master) => {
      for (const one of told) one.followed?.(process, session, master);
    },
    resyncs: (process) => {
      for (const one of told) one.resyncs?.(process);
    },
    resynced: (process) => {
      for (const one of told) one.resynced?.(process);
    },
    userSet: (process, session, user) => {
      for (const one of told) one.userSet?.(process, session, user);
    },
    fileWritten: (process, file) => {
      for (const one of told) one.fileWritten?.(process, file);
    },
  };
}
