/**
 * The leader is killed: how long until a client that tries again and again has its next write committed. Three whole
 * nodes of ours and three etcd servers, with the same timing and on the same disk, lose their leader in turn; the dead
 * one comes back and everything is quiet again before the next is killed.
 *
 * The client, in the process of the benchmark, makes a new attempt at each of the two survivors every few milliseconds
 * and waits for no earlier one, so that one which hangs at the dead leader costs nothing. The first that is committed
 * stops the clock.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../support/eventually.ts';
import { startTier, type Tier } from '../support/tier.ts';
import type { Benchmark, Outcome, Progress, Size } from './benchmark.ts';
import { type EtcdCluster, startEtcd } from './etcd.ts';
import { connectEtcd } from './etcd-client.ts';
import { median, percentile, rounded } from './samples.ts';

/** Both wait for about as long by chance; more than this is not chance. */
const GOAL_RATIO = 1.1;
const TIMING = { electionTimeoutMs: 500, heartbeatIntervalMs: 50 } as const;
const ATTEMPT_INTERVAL_MS = 10;
const LONGEST_MS = 30_000;
const SIZES = {
  full: { kills: 50, quietMs: 1_000 },
  tiny: { kills: 2, quietMs: 300 },
} as const satisfies Record<Size, unknown>;

/** One attempt at one survivor: true once it is committed, false where it is refused or the connection breaks. */
type Attempt = () => Promise<boolean>;
type Survivors = { readonly attempts: readonly Attempt[]; close(): void };

type System = {
  /** Connects to those that will be left, so that the connections are not measured; then `kill` ends the leader. */
  prepare(): Promise<{ readonly survivors: Survivors; kill(): Promise<void>; restart(): Promise<void> }>;
};

/** Resolves with the milliseconds from now until an attempt is committed. */
function timeToCommit({ attempts }: Survivors): Promise<number> {
  const startedMs = performance.now();
  return new Promise((done, fail) => {
    const timer = setInterval(() => {
      if (performance.now() - startedMs > LONGEST_MS) {
        clearInterval(timer);
        fail(new Error(`nothing was committed within ${LONGEST_MS} ms of the leader's end`));
      }
      for (const attempt of attempts)
        attempt().then(
          (isCommitted) => {
            if (!isCommitted) return;
            clearInterval(timer);
            done(performance.now() - startedMs);
          },
          // A broken connection is one more attempt that came to nothing.
          () => undefined,
        );
    }, ATTEMPT_INTERVAL_MS);
  });
}

function polluxAttempt(url: string, token: string, agent: Agent): Attempt {
  const body = JSON.stringify({ key: 'election', value: 'v' });
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  };
  return () =>
    new Promise((done, fail) => {
      const asked = request(`${url}/v1/key-values`, { method: 'POST', headers, agent }, (answer) => {
        answer.resume();
        answer.on('end', () => done(answer.statusCode === 200));
        answer.on('error', fail);
      });
      asked.on('error', fail);
      asked.end(body);
    });
}

const polluxSystem = (tier: Tier): System => ({
  prepare: async () => {
    const leader = await tier.leader();
    const agent = new Agent({ keepAlive: true });
    const attempts = tier.nodes
      .filter((node) => node !== leader)
      .map(({ httpUrl }) => polluxAttempt(httpUrl, tier.token, agent));
    for (const attempt of attempts)
      if (!(await attempt())) throw new Error('a node refuses a write while its leader lives');
    return {
      survivors: { attempts, close: () => agent.destroy() },
      kill: () => leader.kill(),
      restart: async () => {
        await leader.start();
        await eventually(`${leader.name} is back`, async () => {
          const ready = await tier.call('GET', '/readyz', undefined, leader);
          return ready.status === 200;
        });
      },
    };
  },
});

const etcdSystem = (cluster: EtcdCluster): System => ({
  prepare: async () => {
    const leader = await cluster.leader();
    const left = cluster.members.filter((member) => member !== leader);
    const clients = await Promise.all(left.map(({ clientPort }) => connectEtcd(clientPort)));
    for (const client of clients) await client.put('election', 'v');
    const attempts = clients.map((client) => async () => {
      await client.put('election', 'v');
      return true;
    });
    return {
      survivors: {
        attempts,
        close: () => {
          for (const client of clients) client.close();
        },
      },
      kill: () => leader.kill(),
      restart: async () => {
        leader.start();
        await cluster.leader();
      },
    };
  },
});

const pause = (durationMs: number): Promise<void> =>
  new Promise((done) => {
    setTimeout(done, durationMs);
  });

async function killLeader(system: System, quietMs: number): Promise<number> {
  const { survivors, kill, restart } = await system.prepare();
  try {
    await pause(quietMs);
    const committed = timeToCommit(survivors);
    const [elapsedMs] = await Promise.all([committed, kill()]);
    return elapsedMs;
  } finally {
    survivors.close();
    await restart();
  }
}

function outcomeOf(ours: readonly number[], theirs: readonly number[]): Outcome {
  const describe = (samples: readonly number[]) => ({
    medianMs: Math.round(median(samples)),
    p90Ms: Math.round(percentile(samples, 0.9)),
    worstMs: Math.round(Math.max(...samples)),
    bestMs: Math.round(Math.min(...samples)),
  });
  const figure = median(ours);
  const peer = median(theirs);
  return {
    figure,
    peer,
    ratio: figure / peer,
    unit: 'ms',
    met: figure / peer <= GOAL_RATIO,
    goal: `a median of at most ${GOAL_RATIO} of etcd's`,
    comparedWith: 'three etcd servers with the same election timeout and heartbeat',
    details: {
      kills: ours.length,
      ...TIMING,
      client: 'in the process of the benchmark, an attempt at each survivor every so many milliseconds',
      attemptIntervalMs: ATTEMPT_INTERVAL_MS,
      ours: describe(ours),
      etcd: describe(theirs),
      worstRatio: rounded(Math.max(...ours) / Math.max(...theirs)),
    },
  };
}

async function measure(size: Size, progress: Progress): Promise<Outcome> {
  const { kills, quietMs } = SIZES[size];
  const directory = mkdtempSync(join(tmpdir(), 'pollux-election-'));
  const closings: (() => Promise<void>)[] = [];
  try {
    const etcd = await startEtcd(directory, TIMING);
    closings.push(() => etcd.close());
    const tier = await startTier({ logLevel: 'warn', configuration: { consensus: TIMING } });
    closings.push(() => tier.close());
    const samples: { ours: number[]; theirs: number[] } = { ours: [], theirs: [] };
    for (let nth = 1; nth <= kills; nth += 1) {
      samples.ours.push(await killLeader(polluxSystem(tier), quietMs));
      samples.theirs.push(await killLeader(etcdSystem(etcd), quietMs));
      const [ours, theirs] = [samples.ours, samples.theirs].map((all) => Math.round(all.at(-1) ?? 0));
      progress(`kill ${nth}: ${ours} ms, etcd ${theirs} ms`);
    }
    return outcomeOf(samples.ours, samples.theirs);
  } finally {
    for (const close of closings.reverse()) await close();
    rmSync(directory, { recursive: true, force: true });
  }
}

export const election: Benchmark = {
  summary: 'from the death of the leader to the next commit, against etcd',
  needs: ['etcd'],
  measure,
};
