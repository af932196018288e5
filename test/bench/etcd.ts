/**
 * A cluster of three real etcd servers on loopback, each with a directory of its own below the one that is given. The
 * processes end with this one, or before.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { z } from 'zod';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/ports.ts';

const NAMES = ['etcd-a', 'etcd-b', 'etcd-c'] as const;
const KEPT_OUTPUT_CHARACTERS = 16_384;
const running = new Set<ChildProcess>();

process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export type EtcdMember = {
  readonly name: string;
  readonly clientPort: number;
  pid(): number;
  isRunning(): boolean;
  /** Resolves once the process is there; when it serves is seen by asking it. */
  start(): void;
  kill(): Promise<void>;
};

export type EtcdCluster = {
  readonly members: readonly EtcdMember[];
  /** The leader, once every member that runs agrees on it. */
  leader(): Promise<EtcdMember>;
  close(): Promise<void>;
};

export type EtcdTiming = { readonly electionTimeoutMs: number; readonly heartbeatIntervalMs: number };

/** etcd writes 64-bit numbers as text in its JSON. */
const statusPage = z.object({
  header: z.object({ member_id: z.string() }),
  leader: z.string().default('0'),
  raftIndex: z.string(),
});

async function statusOf({ clientPort }: EtcdMember): Promise<z.infer<typeof statusPage>> {
  const response = await fetch(`http://127.0.0.1:${clientPort}/v3/maintenance/status`, {
    method: 'POST',
    body: '{}',
    signal: AbortSignal.timeout(1_000),
  });
  return statusPage.parse(await response.json());
}

type Place = { readonly name: string; readonly clientPort: number; readonly peerPort: number };

function argumentsFor(place: Place, all: readonly Place[], directory: string, timing: EtcdTiming): string[] {
  const client = `http://127.0.0.1:${place.clientPort}`;
  const peer = `http://127.0.0.1:${place.peerPort}`;
  const cluster = all.map(({ name, peerPort }) => `${name}=http://127.0.0.1:${peerPort}`).join(',');
  return [
    ...['--name', place.name, '--data-dir', join(directory, place.name)],
    ...['--listen-client-urls', client, '--advertise-client-urls', client],
    ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer],
    ...['--initial-cluster', cluster, '--initial-cluster-state', 'new'],
    ...['--election-timeout', String(timing.electionTimeoutMs)],
    ...['--heartbeat-interval', String(timing.heartbeatIntervalMs)],
    ...['--logger', 'zap', '--log-level', 'error'],
  ];
}

function memberOf(place: Place, arguments_: readonly string[]): EtcdMember {
  let child: ChildProcess | null = null;
  const isRunning = (): boolean => child !== null && child.exitCode === null && child.signalCode === null;
  return {
    name: place.name,
    clientPort: place.clientPort,
    pid: () => child?.pid ?? -1,
    isRunning,
    start: () => {
      const started = spawn('etcd', arguments_, { stdio: ['ignore', 'ignore', 'pipe'] });
      child = started;
      running.add(started);
      let printed = '';
      started.stderr.on('data', (chunk: Buffer) => {
        printed = (printed + chunk.toString()).slice(-KEPT_OUTPUT_CHARACTERS);
      });
      started.once('exit', (code) => {
        running.delete(started);
        if (code !== null && code !== 0)
          process.stderr.write(`${place.name} ended with ${code}: ${printed}\n`);
      });
    },
    kill: async () => {
      if (child === null || !isRunning()) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}

async function findLeader(members: readonly EtcdMember[]): Promise<EtcdMember | null> {
  const live = members.filter((member) => member.isRunning());
  const statuses = await Promise.all(live.map(statusOf));
  const leader = statuses[0]?.leader ?? '0';
  if (leader === '0' || statuses.some((status) => status.leader !== leader)) return null;
  return live[statuses.findIndex(({ header }) => header.member_id === leader)] ?? null;
}

export async function startEtcd(directory: string, timing: EtcdTiming): Promise<EtcdCluster> {
  const places: Place[] = [];
  for (const name of NAMES) places.push({ name, clientPort: await freePort(), peerPort: await freePort() });
  const members = places.map((place) => memberOf(place, argumentsFor(place, places, directory, timing)));
  for (const member of members) member.start();
  const cluster: EtcdCluster = {
    members,
    leader: () => eventually('etcd has a leader that all members know', () => findLeader(members)),
    close: async () => {
      await Promise.all(members.map((member) => member.kill()));
    },
  };
  try {
    await cluster.leader();
    return cluster;
  } catch (error) {
    await cluster.close();
    throw error;
  }
}
