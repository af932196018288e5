/**
 * Route reads over HTTP from a real node of a real tier, against a bare Fastify server that sends the same bytes. The
 * node is the leader, which has the most else to do; tier, brokers and the bare server all run through the whole
 * measurement, and the two are loaded in turn by the same client.
 */
import { z } from 'zod';
import { prepareGround, TOPIC } from '../support/ground.ts';
import type { Benchmark, Outcome, Progress, Size } from './benchmark.ts';
import { type Forked, forkBeside } from './processes/forked.ts';
import { processorTimeMs } from './processes/processor-time.ts';
import { median, rounded } from './samples.ts';

const GOAL_RATIO = 0.8;
const PATH = `/v1/routes/${TOPIC}?idc=idc-a`;
const SIZES = {
  full: { alternations: 9, connections: 64, warmupMs: 300, durationMs: 2_000 },
  tiny: { alternations: 1, connections: 4, warmupMs: 20, durationMs: 100 },
} as const satisfies Record<Size, unknown>;

const LAYOUT = [
  { group: 'orders-a', sites: ['idc-a', 'idc-b'] },
  { group: 'orders-b', sites: ['idc-b', 'idc-a'] },
] as const;

const listening = z.object({ url: z.url() });
const loaded = z.object({
  answered: z.int(),
  failed: z.int(),
  elapsedMs: z.number(),
  p50Ms: z.number(),
  p99Ms: z.number(),
});

type Server = { readonly url: string; readonly pid: number };
type Run = {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly failed: number;
  readonly busyShare: number;
  /** Requests per second of the server's own processor time: what contention cannot change. */
  readonly requestsPerProcessorSecond: number;
};

async function load(generator: Forked, server: Server, size: Size): Promise<Run> {
  const { connections, warmupMs, durationMs } = SIZES[size];
  const question = { port: Number(new URL(server.url).port), path: PATH, connections, warmupMs, durationMs };
  const startedMs = performance.now();
  const busyBeforeMs = processorTimeMs(server.pid);
  const { answered, failed, elapsedMs, p50Ms, p99Ms } = await generator.ask(question, loaded);
  const busyMs = processorTimeMs(server.pid) - busyBeforeMs;
  const busyShare = busyMs / (performance.now() - startedMs);
  const requestsPerSecond = (answered * 1_000) / elapsedMs;
  return {
    requestsPerSecond,
    p50Ms,
    p99Ms,
    failed,
    busyShare,
    requestsPerProcessorSecond: requestsPerSecond / busyShare,
  };
}

async function answerOf(url: string): Promise<{ body: string; contentType: string }> {
  const response = await fetch(`${url}${PATH}`);
  if (response.status !== 200) throw new Error(`${url}${PATH} answered ${response.status}`);
  return { body: await response.text(), contentType: response.headers.get('content-type') ?? '' };
}

async function alternate(
  { ours, bare, generator }: { ours: Server; bare: Server; generator: Forked },
  size: Size,
  progress: Progress,
): Promise<{ readonly ours: readonly Run[]; readonly bare: readonly Run[] }> {
  const runs: { ours: Run[]; bare: Run[] } = { ours: [], bare: [] };
  await load(generator, ours, size);
  await load(generator, bare, size);
  for (let turn = 1; turn <= SIZES[size].alternations; turn += 1) {
    // Whoever comes second finds a warmer machine, so the order changes with every turn.
    const order = turn % 2 === 0 ? (['ours', 'bare'] as const) : (['bare', 'ours'] as const);
    for (const which of order) runs[which].push(await load(generator, which === 'ours' ? ours : bare, size));
    const [mine, theirs] = [runs.ours.at(-1), runs.bare.at(-1)];
    progress(
      `turn ${turn}: ${Math.round(mine?.requestsPerSecond ?? 0)}/s, bare ${Math.round(theirs?.requestsPerSecond ?? 0)}/s`,
    );
  }
  return runs;
}

function outcomeOf(ours: readonly Run[], bare: readonly Run[], size: Size, bytes: number): Outcome {
  const middle = (runs: readonly Run[], of: keyof Run): number => median(runs.map((run) => run[of]));
  const figure = middle(ours, 'requestsPerSecond');
  const peer = middle(bare, 'requestsPerSecond');
  const failed = [...ours, ...bare].reduce((total, run) => total + run.failed, 0);
  const ratio = figure / peer;
  const describe = (runs: readonly Run[]) => ({
    p50Ms: rounded(middle(runs, 'p50Ms')),
    p99Ms: rounded(middle(runs, 'p99Ms')),
    serverBusyShare: rounded(middle(runs, 'busyShare')),
    requestsPerProcessorSecond: Math.round(middle(runs, 'requestsPerProcessorSecond')),
  });
  return {
    figure,
    peer,
    ratio,
    unit: 'requests/s',
    met: ratio >= GOAL_RATIO && failed === 0,
    goal: `at least ${GOAL_RATIO} of the bare server, every answer a 200`,
    comparedWith: 'a bare Fastify server that sends the same bytes',
    details: {
      client: 'a process of its own on the same machine, the same one for both',
      connections: SIZES[size].connections,
      alternations: SIZES[size].alternations,
      answerBytes: bytes,
      failed,
      ours: describe(ours),
      bare: describe(bare),
      ratioPerTurn: ours.map((run, turn) =>
        rounded(run.requestsPerSecond / (bare[turn]?.requestsPerSecond ?? Number.NaN)),
      ),
    },
  };
}

async function measure(size: Size, progress: Progress): Promise<Outcome> {
  const processes: Forked[] = [];
  const ground = await prepareGround({ layout: LAYOUT, progress });
  try {
    const leader = await ground.tier.leader();
    const answer = await answerOf(leader.httpUrl);
    const server = forkBeside('bare-server');
    const generator = forkBeside('load-generator');
    processes.push(server, generator);
    const { url } = await server.ask(
      {
        path: new URL(PATH, leader.httpUrl).pathname,
        contentType: answer.contentType,
        body: Buffer.from(answer.body).toString('base64'),
      },
      listening,
    );
    const bareAnswer = await answerOf(url);
    if (bareAnswer.body !== answer.body || bareAnswer.contentType !== answer.contentType)
      throw new Error('the two servers do not send the same');
    const ours = { url: leader.httpUrl, pid: leader.pid() };
    const runs = await alternate({ ours, bare: { url, pid: server.pid }, generator }, size, progress);
    return outcomeOf(runs.ours, runs.bare, size, Buffer.byteLength(answer.body));
  } finally {
    await Promise.all(processes.map((one) => one.end()));
    await ground.close();
  }
}

export const routes: Benchmark = { summary: 'route reads over HTTP, against a bare Fastify server', measure };
