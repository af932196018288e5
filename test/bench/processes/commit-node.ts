/**
 * A node for the commit benchmark: loop, runtime, disk log and peer transport of a real one, without doors and
 * brokers. It notes the size of every batch that it syncs, and as the leader it is its own client: commands enter at
 * the face that doors use, so that what is measured is consensus and disk, not HTTP.
 */
import type { Command } from '../../../src/core/metadata/command.ts';
import { encodeCommand } from '../../../src/core/metadata/command-codec.ts';
import type { NodeFace } from '../../../src/core/node/face.ts';
import { NodeLoop } from '../../../src/core/node/node-loop.ts';
import type { LogPort } from '../../../src/core/node/ports.ts';
import { nodeName, siteName } from '../../../src/core/primitives/identifiers.ts';
import { LIMITS } from '../../../src/core/primitives/limits.ts';
import { refused } from '../../../src/core/primitives/refusal.ts';
import { seededRandom } from '../../../src/core/primitives/seeded-random.ts';
import { Runtime } from '../../../src/main/runtime.ts';
import { openDiskLog } from '../../../src/platform/disk-log.ts';
import { createLogger } from '../../../src/platform/logger.ts';
import { systemClock } from '../../../src/platform/system-clock.ts';
import { tcpTransport } from '../../../src/platform/tcp-transport.ts';
import { percentile } from '../samples.ts';
import { type Batch, type CommitLoad, type CommitNodeStart, commitNodeQuestion } from './commit-messages.ts';
import { answerQuestions } from './forked.ts';

const ELECTION_TIMEOUT_MS = 500;
const HEARTBEAT_INTERVAL_MS = 50;
/** Keys are used again and again: the tier holds only so many, and its state is not what is measured. */
const KEYS = 1_000;

type Node = { readonly face: NodeFace; readonly batches: Batch[] };

/** Everything passes through; what was written is noted. */
const noting = (log: LogPort, batches: Batch[]): LogPort => ({
  load: () => log.load(),
  close: () => log.close(),
  persist: (batch) => {
    const bytes = batch.entries.reduce((total, { data }) => total + data.length, 0);
    batches.push({ entries: batch.entries.length, bytes });
    return log.persist(batch);
  },
});

async function start(question: CommitNodeStart): Promise<Node> {
  const { node, directory, nodes } = question;
  const self = nodeName(node);
  const own = must(nodes.find(({ name }) => name === node));
  const clock = systemClock();
  const logger = createLogger({ level: 'error', node, to: { kind: 'stderr' } });
  const batches: Batch[] = [];
  const disk = noting(await openDiskLog({ directory, node: self }), batches);
  const voters = nodes.map(({ name, site }) => ({ node: nodeName(name), site: siteName(site) }));
  const loop = new NodeLoop(
    {
      raft: {
        self,
        voters: voters.map((voter) => voter.node),
        electionTimeoutMs: ELECTION_TIMEOUT_MS,
        heartbeatIntervalMs: HEARTBEAT_INTERVAL_MS,
        clockDriftRatio: 0.1,
      },
      coordinator: {
        self,
        site: siteName(own.site),
        voters,
        bootstrap: {
          tierId: 'benchmark',
          sites: nodes.map(({ site }) => ({ name: siteName(site), kind: 'idc' as const })),
          members: voters.map((voter) => ({
            name: voter.node,
            site: voter.site,
            httpUrl: 'http://127.0.0.1',
          })),
          token: { id: 'benchmark', sha256: '0'.repeat(64), role: 'operator', createdWallMs: 0 },
        },
        idPrefix: node,
        probeIntervalMs: 100,
      },
      requestTimeoutMs: 10_000,
      entriesBeforeSnapshot: LIMITS.entriesBeforeSnapshot,
    },
    await disk.load(),
    seededRandom(own.port),
    clock.now(),
  );
  const transport = tcpTransport({
    node: self,
    listen: { host: '127.0.0.1', port: own.port },
    peers: new Map(nodes.map(({ name, port }) => [nodeName(name), { host: '127.0.0.1', port }])),
    secret: 'a secret of the benchmark, which is on loopback only',
    tierId: () => loop.state().tierId,
    logger,
  });
  const runtime = new Runtime(loop, {
    clock,
    log: disk,
    transport,
    drivers: new Map(),
    heartbeats: {
      note: () => undefined,
      hold: async () => refused('unknownGroup', 'There are no brokers in this benchmark.'),
    },
    rocketmq: null,
    writeLog: () => undefined,
    onFatal: (error) => {
      throw error;
    },
  });
  runtime.start();
  await transport.start();
  return { face: runtime.face(), batches };
}

/** Commands of exactly `bytes` bytes in the log, a new one each time, as a door makes them. */
function commandMaker(bytes: number): (position: number) => Command {
  const keyOf = (position: number): string => `benchmark-${String(position % KEYS).padStart(6, '0')}`;
  const empty = encodeCommand({ type: 'keyValue.set', key: keyOf(0), value: '' });
  const value = 'v'.repeat(bytes - empty.length);
  return (position) => ({ type: 'keyValue.set', key: keyOf(position), value });
}

/** As many lanes as commands are to be under way; each proposes its next one when the last is committed. */
async function commit(face: NodeFace, { commands, inFlight, commandBytes }: CommitLoad) {
  const make = commandMaker(commandBytes);
  const latenciesMs: number[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < commands) {
      const command = make(next);
      next += 1;
      const startedMs = performance.now();
      const reply = await face.submit({ type: 'propose', command });
      if (!reply.ok) throw new Error(`a command was refused: ${reply.refusal.message}`);
      latenciesMs.push(performance.now() - startedMs);
    }
  };
  const startedMs = performance.now();
  await Promise.all(Array.from({ length: inFlight }, lane));
  return {
    elapsedMs: performance.now() - startedMs,
    p50Ms: percentile(latenciesMs, 0.5),
    p99Ms: percentile(latenciesMs, 0.99),
  };
}

function must<Value>(value: Value | undefined | null): Value {
  if (value === undefined || value === null) throw new Error('asked before it was started');
  return value;
}

let node: Node | null = null;
answerQuestions(commitNodeQuestion, async (question) => {
  switch (question.kind) {
    case 'start':
      node = await start(question);
      return {};
    case 'status': {
      const { role, commitIndex, appliedIndex } = must(node).face.status();
      return { isLeader: role === 'leader' && must(node).face.isCurrent() && appliedIndex > 0, commitIndex };
    }
    case 'commit':
      return commit(must(node).face, question);
    case 'batches':
      return { batches: must(node).batches.splice(0) };
  }
});
