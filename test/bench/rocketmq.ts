/**
 * What name servers cost: route lookups as fast as one of them answers, and brokers that register all of their topics
 * again and again with each of them. Ours are nodes that are controllers as well; the stock ones stand beside controllers
 * of their own. Both stand all the time, and take turns.
 */
import { z } from 'zod';
import type { Benchmark, Outcome, Progress, Size } from './benchmark.ts';
import { type NameServers, startOurs, startStock } from './name-servers.ts';
import { type Forked, forkBeside } from './processes/forked.ts';
import { processorTimeMs } from './processes/processor-time.ts';
import { residentBytes } from './processes/resident-memory.ts';
import { median, rounded, sum } from './samples.ts';

const GOAL_LOOKUPS = 1;
const GOAL_PROCESSOR = 0.5;
const GOAL_MEMORY = 0.5;
const MEGABYTE = 1024 * 1024;
/** Brokers of the first cluster, whose topics are looked up, and of the second, which registers again and again. */
const SIZES = {
  full: {
    near: { brokers: 4, topics: 1_000 },
    wide: { brokers: 50, topics: 5_000 },
    everyMs: 10_000,
    rounds: 6,
    lookups: { topics: 500, connections: 32, depth: 8, warmupMs: 500, durationMs: 4_000 },
    warmups: 5,
    turns: 7,
  },
  tiny: {
    near: { brokers: 2, topics: 4 },
    wide: { brokers: 3, topics: 10 },
    everyMs: 100,
    rounds: 1,
    lookups: { topics: 2, connections: 2, depth: 2, warmupMs: 20, durationMs: 200 },
    warmups: 1,
    turns: 1,
  },
} as const satisfies Record<Size, unknown>;
/** Nobody listens at the addresses of the brokers. */
const FIRST_PORTS = { near: 21_000, wide: 30_000 } as const;
const SLACK_MS = 120_000;
/** Between looking up, while nothing is measured, all brokers register once more. */
const TURNS_BETWEEN_SIGNS = 4;
const KEPT_ALIVE_WITHIN_MS = 1_000;

type ClusterName = keyof typeof FIRST_PORTS;
const NAMES = ['ours', 'stock'] as const;
type SystemName = (typeof NAMES)[number];

const roundSchema = z.object({
  answered: z.int(),
  failed: z.int(),
  failure: z.string().nullable(),
  elapsedMs: z.number(),
  bodyBytes: z.int(),
  p50Ms: z.number(),
  p99Ms: z.number(),
  worstMs: z.number(),
});
const lookupSchema = z.object({
  answered: z.int(),
  failed: z.int(),
  failure: z.string().nullable(),
  elapsedMs: z.number(),
  answerBytes: z.number(),
  p50Ms: z.number(),
  p99Ms: z.number(),
  worstMs: z.number(),
});

type Registered = z.infer<typeof roundSchema> & {
  /** Processor time of the servers, and of the controllers beside them, within the round. */
  readonly servingMs: number;
  readonly controllersMs: number;
};
type LookedUp = z.infer<typeof lookupSchema> & {
  readonly perSecond: number;
  readonly perProcessorSecond: number;
};
type System = {
  readonly servers: NameServers;
  readonly generator: Forked;
  readonly lookups: Record<ClusterName, LookedUp[]>;
  readonly unchanged: Registered[];
  readonly changed: Registered[];
  readonly first: Registered[];
};
type Systems = Readonly<Record<SystemName, System>>;

const servingOf = ({ servers }: System): readonly number[] => servers.servers.map(({ pid }) => pid);
const processorMsOf = (pids: readonly number[]): number => sum(pids.map(processorTimeMs));

/** One question to the load of a cluster, and what the servers took for it. */
async function registered(system: System, question: object, everyMs: number): Promise<Registered> {
  const [serving, { controllers }] = [servingOf(system), system.servers];
  const before = { serving: processorMsOf(serving), controllers: processorMsOf(controllers) };
  const round = await system.generator.ask({ ...question, everyMs }, roundSchema, everyMs + SLACK_MS);
  return {
    ...round,
    servingMs: processorMsOf(serving) - before.serving,
    controllersMs: processorMsOf(controllers) - before.controllers,
  };
}

async function open(system: System, cluster: ClusterName, size: Size): Promise<Registered> {
  const servers = system.servers.servers.map(({ host, port }) => `${host}:${port}`);
  const firstPort = FIRST_PORTS[cluster];
  const question = { kind: 'open', servers, cluster, firstPort, ...SIZES[size][cluster] };
  const round = await registered(system, question, SIZES[size].everyMs);
  if (round.failed > 0) throw new Error(`${system.servers.what}: ${round.failed} brokers: ${round.failure}`);
  return round;
}

/** At one server, whose time alone counts. */
async function lookUp(system: System, cluster: ClusterName, size: Size): Promise<LookedUp> {
  const [server] = system.servers.servers;
  if (server === undefined) throw new Error('no server');
  const { host, port, pid } = server;
  const { lookups } = SIZES[size];
  const topics = Math.min(lookups.topics, SIZES[size][cluster].topics);
  const question = { kind: 'lookUp', host, port, cluster, ...lookups, topics };
  const startedMs = performance.now();
  const beforeMs = processorTimeMs(pid);
  const found = await system.generator.ask(question, lookupSchema, lookups.durationMs + SLACK_MS);
  const busyShare = (processorTimeMs(pid) - beforeMs) / (performance.now() - startedMs);
  const perSecond = (found.answered * 1_000) / found.elapsedMs;
  return { ...found, perSecond, perProcessorSecond: perSecond / busyShare };
}

/** A broker that says nothing for two minutes is forgotten; a real one registers every half minute. */
async function keepAlive(systems: Systems, cluster: ClusterName): Promise<void> {
  const question = { kind: 'register', cluster, change: false };
  await Promise.all(NAMES.map((name) => registered(systems[name], question, KEPT_ALIVE_WITHIN_MS)));
}

/** Whoever comes second finds a warmer machine, so the order changes with every turn. */
const orderOf = (turn: number): readonly SystemName[] => (turn % 2 === 0 ? NAMES : NAMES.toReversed());

async function lookUpInTurns(
  systems: Systems,
  cluster: ClusterName,
  size: Size,
  progress: Progress,
): Promise<void> {
  const { warmups, turns } = SIZES[size];
  for (let turn = -warmups; turn < turns; turn += 1) {
    if (turn % TURNS_BETWEEN_SIGNS === 0) await keepAlive(systems, cluster);
    for (const name of orderOf(turn)) {
      const found = await lookUp(systems[name], cluster, size);
      if (turn >= 0) systems[name].lookups[cluster].push(found);
      progress(
        `${turn < 0 ? 'warm-up' : `turn ${turn + 1}`}, ${cluster}, ${name}: ${Math.round(found.perSecond)}/s, ` +
          `${Math.round(found.perProcessorSecond)} a processor second, ${found.failed} failed ${found.failure ?? ''}`,
      );
    }
  }
}

async function registerInTurns(systems: Systems, size: Size, progress: Progress): Promise<void> {
  for (let turn = 0; turn < SIZES[size].rounds; turn += 1)
    for (const kind of ['unchanged', 'changed'] as const)
      for (const name of orderOf(turn)) {
        const question = { kind: 'register', cluster: 'wide', change: kind === 'changed' };
        const round = await registered(systems[name], question, SIZES[size].everyMs);
        systems[name][kind].push(round);
        progress(
          `round ${turn + 1}, ${kind}, ${name}: ${round.servingMs} ms of processor time, ${round.answered} answered, ` +
            `${round.failed} failed ${round.failure ?? ''}`,
        );
      }
}

const middle = <Row>(rows: readonly Row[], of: (row: Row) => number): number => median(rows.map(of));

function describeLookups(found: readonly LookedUp[]) {
  return {
    perProcessorSecond: Math.round(middle(found, ({ perProcessorSecond }) => perProcessorSecond)),
    perSecond: Math.round(middle(found, ({ perSecond }) => perSecond)),
    p50Ms: rounded(middle(found, ({ p50Ms }) => p50Ms)),
    p99Ms: rounded(middle(found, ({ p99Ms }) => p99Ms)),
    worstMs: rounded(Math.max(...found.map(({ worstMs }) => worstMs))),
    answerBytes: Math.round(middle(found, ({ answerBytes }) => answerBytes)),
    failed: sum(found.map(({ failed }) => failed)),
  };
}

function describeRounds(rounds: readonly Registered[]) {
  return {
    servingMs: Math.round(middle(rounds, ({ servingMs }) => servingMs)),
    controllersMs: Math.round(middle(rounds, ({ controllersMs }) => controllersMs)),
    p50Ms: rounded(middle(rounds, ({ p50Ms }) => p50Ms)),
    p99Ms: rounded(middle(rounds, ({ p99Ms }) => p99Ms)),
    worstMs: rounded(Math.max(...rounds.map(({ worstMs }) => worstMs))),
    answered: sum(rounds.map(({ answered }) => answered)),
    failed: sum(rounds.map(({ failed }) => failed)),
  };
}

const megabytes = (pids: readonly number[]): number => sum(pids.map(residentBytes)) / MEGABYTE;

function describe(system: System, memory: Memory) {
  const { servers, lookups, first, unchanged, changed } = system;
  return {
    what: servers.what,
    lookups: describeLookups(lookups.near),
    wideLookups: describeLookups(lookups.wide),
    firstRegistration: describeRounds(first),
    unchanged: describeRounds(unchanged),
    changed: describeRounds(changed),
    residentMb: rounded(memory.serving),
    controllersResidentMb: rounded(memory.controllers),
  };
}

type Memory = { readonly serving: number; readonly controllers: number };
const memoryOf = (system: System): Memory => ({
  serving: megabytes(servingOf(system)),
  controllers: megabytes(system.servers.controllers),
});

function outcomeOf(systems: Systems, size: Size): Outcome {
  const { ours, stock } = systems;
  const perProcessorSecond = (system: System, cluster: ClusterName): number =>
    middle(system.lookups[cluster], (found) => found.perProcessorSecond);
  const figure = perProcessorSecond(ours, 'near');
  const peer = perProcessorSecond(stock, 'near');
  const wideRatio = perProcessorSecond(ours, 'wide') / perProcessorSecond(stock, 'wide');
  // Our nodes are name servers and controllers, so both of the stock tier count; its name servers alone stand beside.
  const processorRatio = (kind: 'unchanged' | 'changed', of: (row: Registered) => number): number =>
    middle(ours[kind], of) / middle(stock[kind], of);
  const memory = { ours: memoryOf(ours), stock: memoryOf(stock) };
  const memoryRatio = memory.ours.serving / memory.stock.serving;
  const ratiosOf = (of: (row: Registered) => number) => ({
    unchanged: processorRatio('unchanged', of),
    changed: processorRatio('changed', of),
  });
  const ratios = ratiosOf(({ servingMs, controllersMs }) => servingMs + controllersMs);
  const toServersAlone = ratiosOf(({ servingMs }) => servingMs);
  const failed = sum(
    NAMES.flatMap((name) => {
      const { lookups, unchanged, changed } = systems[name];
      return [...lookups.near, ...lookups.wide, ...unchanged, ...changed].map((row) => row.failed);
    }),
  );
  const { wide, near, everyMs, lookups } = SIZES[size];
  return {
    figure,
    peer,
    ratio: figure / peer,
    unit: 'lookups/processor second',
    met:
      failed === 0 &&
      figure / peer >= GOAL_LOOKUPS &&
      ratios.unchanged <= GOAL_PROCESSOR &&
      ratios.changed <= GOAL_PROCESSOR &&
      memoryRatio <= GOAL_MEMORY,
    goal:
      `at least ${GOAL_LOOKUPS} of the stock name server's lookups; registrations with at most ${GOAL_PROCESSOR} of ` +
      'the processor time of the stock name servers and controllers, changed or not; at most ' +
      `${GOAL_MEMORY} of the stock name servers' resident memory; no failure`,
    comparedWith: stock.servers.what,
    details: {
      registrationProcessorRatio: { unchanged: rounded(ratios.unchanged), changed: rounded(ratios.changed) },
      toStockServersAlone: {
        unchanged: rounded(toServersAlone.unchanged),
        changed: rounded(toServersAlone.changed),
      },
      residentMemoryRatio: rounded(memoryRatio),
      wideLookupsRatio: rounded(wideRatio),
      registering: { ...wide, everyMs, bodyBytes: ours.first[0]?.bodyBytes ?? 0 },
      lookedUp: { ...near, connections: lookups.connections, underWayOnEach: lookups.depth },
      ours: describe(ours, memory.ours),
      stock: describe(stock, memory.stock),
    },
  };
}

async function measure(size: Size, progress: Progress): Promise<Outcome> {
  const opened: System[] = [];
  const begin = async (starting: Promise<NameServers>): Promise<System> => {
    const servers = await starting;
    const lookups = { near: [], wide: [] };
    const generator = forkBeside('rocketmq-load');
    const system = { servers, generator, lookups, unchanged: [], changed: [], first: [] };
    opened.push(system);
    progress(servers.what);
    return system;
  };
  try {
    const stock = await begin(startStock(progress));
    const systems = { ours: await begin(startOurs()), stock };
    for (const name of NAMES) await open(systems[name], 'near', size);
    await lookUpInTurns(systems, 'near', size, progress);
    for (const name of NAMES) {
      const system: System = systems[name];
      const first = await open(system, 'wide', size);
      system.first.push(first);
      progress(`first registration, ${name}: ${first.servingMs} ms of processor time, p99 ${first.p99Ms} ms`);
    }
    await registerInTurns(systems, size, progress);
    await lookUpInTurns(systems, 'wide', size, progress);
    return outcomeOf(systems, size);
  } finally {
    await Promise.all(opened.map(({ generator }) => generator.end()));
    await Promise.all(opened.map(({ servers }) => servers.close()));
  }
}

export const rocketmq: Benchmark = {
  summary: 'route lookups and registrations of RocketMQ, against stock name servers',
  needs: ['java', 'mvn'],
  measure,
};
