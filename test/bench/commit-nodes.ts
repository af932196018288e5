/** Three `commit-node` processes that make a tier, each with its own directory below the one that is given. */
import { join } from 'node:path';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/ports.ts';
import { nodeStatus, nothing } from './processes/commit-messages.ts';
import { type Forked, forkBeside } from './processes/forked.ts';

const PLACES = [
  { name: 'pollux-a', site: 'idc-a' },
  { name: 'pollux-b', site: 'idc-b' },
  { name: 'pollux-w', site: 'witness' },
] as const;

export type CommitNodes = {
  readonly all: readonly Forked[];
  readonly pids: readonly number[];
  /** As it is now: on a busy machine leadership moves. */
  roles(): Promise<{ readonly leader: Forked; readonly follower: Forked }>;
  end(): Promise<void>;
};

export async function startCommitNodes(directory: string): Promise<CommitNodes> {
  const members: { readonly name: string; readonly site: string; readonly port: number }[] = [];
  for (const place of PLACES) members.push({ ...place, port: await freePort() });
  const nodes = PLACES.map(() => forkBeside('commit-node'));
  const pids = nodes.map(({ pid }) => pid);
  const roles: CommitNodes['roles'] = () =>
    eventually('a leader is elected', async () => {
      const statuses = await Promise.all(nodes.map((node) => node.ask({ kind: 'status' }, nodeStatus)));
      const leader = nodes[statuses.findIndex(({ isLeader }) => isLeader)];
      const follower = nodes[statuses.findIndex(({ isLeader }) => !isLeader)];
      return leader === undefined || follower === undefined ? null : { leader, follower };
    });
  const end = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node.end()));
  };
  try {
    await Promise.all(
      nodes.map((node, position) => {
        const { name } = PLACES[position] ?? PLACES[0];
        const question = { kind: 'start', node: name, directory: join(directory, name), nodes: members };
        return node.ask(question, nothing);
      }),
    );
    await roles();
    return { all: nodes, pids, roles, end };
  } catch (error) {
    await end();
    throw error;
  }
}
