/**
 * The operator's page 'From NameServer and Controller to pollux', done: a broker set of a stock name server and a stock
 * controller is named at our nodes as well, moves to them with the ids and epochs of its brokers, fails over there, and
 * goes back. Messages that were acknowledged at any time are there at the end.
 */
import { existsSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { eventually } from '../../../support/eventually.ts';
import type { Host } from '../../../support/sites.ts';
import { Broker } from '../broker.ts';
import {
  CLIENT_IDC,
  CLUSTER,
  type Idc,
  type RocketmqGround,
  type RocketmqTier,
  type Site,
} from '../ground.ts';
import type { Findings, Row } from '../row.ts';
import { startStockTier } from '../stock-tier.ts';
import { topicOf } from '../topics.ts';

const SET = 'set-moving';
const TOPIC = topicOf(SET);
const IDCS: readonly Idc[] = ['idc-a', 'idc-a', 'idc-b'];
const STOCK_AT: readonly Site[] = ['witness'];
const COUNT = 100;
const QUEUES = 4;
const TIMEOUT_MS = 60_000;
/** Files of a broker's id and of its epochs, in its directory. */
const [IDENTITY, EPOCHS] = ['brokerIdentity', 'epochFileCheckpoint'];
/** One line, with its checksum: epoch 0 began at offset 0. */
const ONE_EPOCH = '1\n1583951331\n0-0\n';

const replicaSchema = z.object({ brokerId: z.int(), brokerAddress: z.string() });
const stateSchema = z.object({
  masterAddress: z.string().nullish(),
  masterEpoch: z.int(),
  inSyncReplicas: z.array(replicaSchema),
  notInSyncReplicas: z.array(replicaSchema),
});
type SetState = z.infer<typeof stateSchema>;
const routeSchema = z.object({
  brokerDatas: z.array(z.object({ brokerName: z.string(), brokerAddrs: z.record(z.string(), z.string()) })),
  queueDatas: z.array(
    z.object({ brokerName: z.string(), readQueueNums: z.int(), writeQueueNums: z.int(), perm: z.int() }),
  ),
});
const shownSchema = z.object({
  master: z.object({ id: z.int() }).nullable(),
  brokers: z.array(z.object({ id: z.int().nullable(), address: z.string() })),
  controlled: z
    .object({ unproven: z.boolean(), masterEpoch: z.int(), automaticStopped: z.boolean() })
    .nullable(),
  elections: z.array(z.object({ reason: z.string() })),
});

/** Everything that the parts of the move work on. */
type Move = {
  readonly ground: RocketmqGround;
  readonly findings: Findings;
  readonly stock: RocketmqTier;
  readonly hosts: readonly Host[];
  /** As they are configured now. */
  brokers: readonly Broker[];
  /** Producers by whom messages were sent and acknowledged. */
  readonly senders: string[];
};

const controllersOf = ({ nodes }: RocketmqTier): string =>
  nodes.map(({ controller }) => controller).join(';');
const agentOf = ({ ground }: Move) => ground.agents[CLIENT_IDC];

/** The same brokers with another Controller; what they have on their disks stays. */
function configure(move: Move, tier: RocketmqTier): void {
  const { ground, stock, hosts } = move;
  const nameServers = [...stock.nodes.map(({ nameServer }) => nameServer), ground.nameServers].join(';');
  move.brokers = hosts.map((host, position) => {
    const idc = IDCS[position] ?? CLIENT_IDC;
    const place = {
      set: SET,
      idc,
      version: 'newest',
      nameServers,
      controllers: controllersOf(tier),
    } as const;
    return new Broker(host, { ...place, times: 'short' }, ground.jars, ground.directory);
  });
}

async function stateAt(move: Move, tier: RocketmqTier): Promise<SetState> {
  const controller = tier.nodes[0]?.controller ?? '';
  const shown = z
    .object({ replicasInfoTable: z.record(z.string(), stateSchema) })
    .parse(await agentOf(move).ask('state', controller, SET)).replicasInfoTable[SET];
  if (shown === undefined) throw new Error(`the controller does not know ${SET}`);
  return shown;
}

const idsOf = ({ inSyncReplicas, notInSyncReplicas }: SetState): string =>
  [...inSyncReplicas, ...notInSyncReplicas]
    .map(({ brokerId, brokerAddress }) => `${brokerId} ${brokerAddress}`)
    .sort()
    .join(', ');

/** All in sync at this Controller, and a master that every name server of both tiers names. */
async function whole(move: Move, tier: RocketmqTier): Promise<Broker> {
  const servers = [...move.stock.nodes, ...move.ground.tier.nodes];
  return eventually(
    `${SET} is whole at ${tier.what}`,
    async () => {
      const { masterAddress, inSyncReplicas } = await stateAt(move, tier);
      if (inSyncReplicas.length < IDCS.length) return null;
      for (const { nameServer } of servers) {
        const { brokerDatas } = routeSchema.parse(await agentOf(move).ask('route', nameServer, CLUSTER));
        const known = brokerDatas.find(({ brokerName }) => brokerName === SET)?.brokerAddrs ?? {};
        if (known['0'] !== masterAddress || Object.keys(known).length < IDCS.length) return null;
      }
      return move.brokers.find(({ address }) => address === masterAddress) ?? null;
    },
    TIMEOUT_MS,
  ).catch(async (error: unknown) => {
    const at = ['-n', move.ground.nameServers, '-b', SET];
    const seen = [
      JSON.stringify(await stateAt(move, tier)),
      await agentOf(move).mqadmin('getBrokerEpoch', ...at),
    ];
    throw new Error(`${String(error)}: ${seen.join(' ')}`);
  });
}

async function operator({ ground }: Move, method: string, path: string, body?: unknown): Promise<unknown> {
  const answer = await ground.tier.operator?.(method, path, body);
  if (answer === undefined || answer.status >= 300)
    throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
  return answer.body;
}

const shownHere = async (move: Move): Promise<z.infer<typeof shownSchema>> =>
  shownSchema.parse(await operator(move, 'GET', `/v1/broker-sets/${SET}`));

/** The clients are those of our nodes all the time: names come first. */
async function send(move: Move, when: string): Promise<void> {
  const name = `moving-${when}`;
  const { taken, last } = await agentOf(move).send(name, TOPIC, { count: COUNT });
  move.findings.expect(taken === COUNT, `${when}: ${taken} of ${COUNT} were taken, the last with ${last}`);
  move.senders.push(name);
}

async function everythingIsThere(move: Move, when: string): Promise<void> {
  const held = await agentOf(move).read(TOPIC);
  for (const name of move.senders) {
    const missing = COUNT - (held.get(name)?.size ?? 0);
    move.findings.expect(missing === 0, `${when}: ${missing} of ${COUNT} by ${name} are gone`);
  }
}

/** Slaves first, so that nobody is elected meanwhile. */
async function stopAll(move: Move, master: Broker): Promise<void> {
  await Promise.all(move.brokers.filter((broker) => broker !== master).map((broker) => broker.stop()));
  await master.stop();
}

/** Step 1: a set of the stock tier that both tiers name. */
async function nameAtBoth(move: Move): Promise<Broker> {
  const { findings, stock, ground } = move;
  configure(move, stock);
  const [first, ...others] = move.brokers;
  await first?.start();
  await Promise.all(others.map((broker) => broker.start()));
  const master = await whole(move, stock);
  const { controlled } = await shownHere(move);
  findings.expect(
    controlled === null,
    'our nodes take themselves for the Controller of a set of another one',
  );
  const agent = agentOf(move);
  const queues = ['-r', String(QUEUES), '-w', String(QUEUES)];
  const at = ['-n', ground.nameServers, '-t', TOPIC, '-b', master.address];
  const printed = await agent.mqadmin('updateTopic', ...at, ...queues);
  findings.expect(/create topic to .* success/.test(printed), printed);
  for (const { address } of move.brokers)
    await eventually(`${address} has the topic`, () => agent.ask('hasTopic', address, TOPIC), TIMEOUT_MS);
  const routes = await Promise.all(
    [...stock.nodes, ...ground.tier.nodes].map(async ({ nameServer }) =>
      JSON.stringify(routeSchema.parse(await agent.ask('route', nameServer, TOPIC))),
    ),
  );
  findings.expect(new Set(routes).size === 1, `the tiers differ: ${[...new Set(routes)].join(' ')}`);
  await send(move, 'before');
  return master;
}

/** Step 4: the set is stopped, and comes up with our nodes for its Controller. */
async function moveIn(move: Move, master: Broker): Promise<Broker> {
  const { findings, stock, ground } = move;
  const before = await stateAt(move, stock);
  const scope = { kind: 'group', group: SET };
  const stops = `?cluster=${CLUSTER}`;
  await operator(move, 'POST', `/v1/automatic-stops${stops}`, { scope, reason: 'move' });
  const stoppedMs = Date.now();
  await stopAll(move, master);
  configure(move, ground.tier);
  await Promise.all(move.brokers.map((broker) => broker.start()));
  await eventually(
    'every broker is shown, and none is master while automatic action is stopped',
    async () => {
      const { brokers, controlled, master: reigning } = await shownHere(move);
      findings.expect(reigning === null, 'it got a master although automatic action is stopped');
      const ids = brokers.filter(({ id }) => id !== null).length;
      return ids === IDCS.length && controlled?.unproven === true && controlled.automaticStopped;
    },
    TIMEOUT_MS,
  );
  const resumedMs = Date.now();
  await operator(move, 'POST', `/v1/automatic-stops/resume${stops}`, { scope });
  const shown = await eventually(
    'it has a master',
    async () => {
      const now = await shownHere(move);
      return now.master === null ? null : now;
    },
    TIMEOUT_MS,
  );
  findings.figure('master after the resume', Date.now() - resumedMs, 'ms');
  findings.expect(shown.elections[0]?.reason === 'adoption', JSON.stringify(shown.elections));
  const reigning = await whole(move, ground.tier);
  findings.figure('whole again after', Date.now() - stoppedMs, 'ms');
  const after = await stateAt(move, ground.tier);
  findings.expect(idsOf(after) === idsOf(before), `ids were ${idsOf(before)} and are ${idsOf(after)}`);
  findings.expect(
    after.masterEpoch > before.masterEpoch,
    `the epoch was ${before.masterEpoch} and is ${after.masterEpoch}`,
  );
  await everythingIsThere(move, 'moved in');
  await send(move, 'after');
  return reigning;
}

/** What it moved for: the master is killed, and nothing that was acknowledged is gone. */
async function failOver(move: Move, master: Broker): Promise<Broker> {
  const { findings, ground } = move;
  const killedMs = Date.now();
  await master.kill();
  await eventually(
    'another master reigns',
    async () => {
      const { masterAddress } = await stateAt(move, ground.tier);
      return masterAddress !== null && masterAddress !== undefined && masterAddress !== master.address;
    },
    TIMEOUT_MS,
  );
  findings.figure('failed over after', Date.now() - killedMs, 'ms');
  await master.start();
  const reigning = await whole(move, ground.tier);
  await everythingIsThere(move, 'failed over');
  await send(move, 'failed-over');
  return reigning;
}

async function clean(move: Move, tier: RocketmqTier, ids: readonly number[]): Promise<void> {
  const { ground } = move;
  const at = ['-n', ground.nameServers, '-a', tier.nodes[0]?.controller ?? '', '-c', CLUSTER, '-bn', SET];
  await eventually(
    `${SET} is cleaned at ${tier.what}`,
    async () => {
      const printed = await agentOf(move).mqadmin('cleanBrokerMetadata', ...at, '-b', ids.join(';'));
      if (!printed.includes('success')) throw new Error(printed);
      return true;
    },
    TIMEOUT_MS,
  );
}

/**
 * 'Going back': both Controllers forget the set, and it begins anew at the stock one. Brokers without any epoch would not
 * send what they had before their first one, so all of that is called epoch 0.
 */
async function goBack(move: Move, master: Broker): Promise<void> {
  const { ground, stock, findings } = move;
  const { inSyncReplicas } = await stateAt(move, ground.tier);
  const ids = inSyncReplicas.map(({ brokerId }) => brokerId);
  const stoppedMs = Date.now();
  await stopAll(move, master);
  await clean(move, ground.tier, ids);
  await clean(move, stock, ids);
  configure(move, stock);
  const last = move.brokers.find(({ address }) => address === master.address);
  const others = move.brokers.filter((broker) => broker !== last);
  if (last === undefined) throw new Error('the last master is one of the brokers');
  for (const { name } of move.brokers) {
    const pathOf = (file: string): string => join(ground.directory, name, file);
    // Under load one of 5.5.0 was seen without its file, which is what is wanted here.
    if (existsSync(pathOf(IDENTITY))) await rename(pathOf(IDENTITY), pathOf(`${IDENTITY}.aside`));
    else findings.figure(`${name} had no identity`, 1);
    await writeFile(pathOf(EPOCHS), ONE_EPOCH);
  }
  await last.start();
  await Promise.all(others.map((broker) => broker.start()));
  await whole(move, stock);
  findings.figure('back after', Date.now() - stoppedMs, 'ms');
  await everythingIsThere(move, 'back');
  await send(move, 'back');
  await everythingIsThere(move, 'in the end');
}

async function movingIn(ground: RocketmqGround, findings: Findings): Promise<void> {
  const { sites, jars, directory } = ground;
  const stock = await startStockTier(sites, jars, directory, 'DLedger', STOCK_AT);
  const hosts: Host[] = [];
  for (const [position, idc] of IDCS.entries()) hosts.push(await sites.host(idc, `${SET}-${position + 1}`));
  const move: Move = { ground, findings, stock, hosts, brokers: [], senders: [] };
  try {
    const first = await nameAtBoth(move);
    const moved = await moveIn(move, first);
    const reigning = await failOver(move, moved);
    await goBack(move, reigning);
    findings.figure('sent', COUNT * move.senders.length);
  } finally {
    await Promise.all(move.brokers.map((broker) => broker.kill()));
    await stock.close();
  }
}

export const MOVING_IN_ROWS: readonly Row[] = [
  {
    name: 'moving-in',
    what: 'a broker set of a stock name server and controller moves to our nodes, fails over there, and goes back',
    at: 'pollux',
    slow: true,
    run: movingIn,
  },
];
