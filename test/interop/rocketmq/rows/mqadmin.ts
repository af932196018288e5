/** What an operator does with mqadmin: each command does what it is for, and prints all that it prints at a stock tier. */
import { z } from 'zod';
import { eventually } from '../../../support/eventually.ts';
import { linesOf, stockAnswers } from '../answers.ts';
import { CLIENT_IDC, CLUSTER, type RocketmqGround, SETS } from '../ground.ts';
import type { Findings, Row } from '../row.ts';
import { EVERYWHERE } from '../topics.ts';

const TIMEOUT_MS = 60_000;
const BROKERS_PER_SET = 3;
const NAMESPACE = 'interop';
const [KEY, VALUE] = ['answer', 'forty-two'];
const READ_ONLY = 4;
const READ_AND_WRITE = 6;

/** A row's own lines, by its name; kept by a recorded run at a stock tier. */
export const printedLines = new Map<string, readonly string[]>();

const permsSchema = z.object({ queueDatas: z.array(z.object({ brokerName: z.string(), perm: z.int() })) });

type Command = {
  readonly command: string;
  readonly what: string;
  /** Further words of the same command are further parts of its answer. */
  readonly run: (
    ground: RocketmqGround,
    mqadmin: (...words: readonly string[]) => Promise<string>,
    findings: Findings,
  ) => Promise<void>;
};

function rowOf({ command, what, run }: Command): Row {
  const name = `mqadmin ${command}`;
  return {
    name,
    what,
    run: async (ground, findings) => {
      const printed: string[] = [];
      const agent = ground.agents[CLIENT_IDC];
      await run(
        ground,
        async (...words) => {
          const text = await agent.mqadmin(command, '-n', ground.nameServers, ...words);
          printed.push(text);
          return text;
        },
        findings,
      );
      const lines = linesOf(printed.join('\n'));
      printedLines.set(name, lines);
      findings.figure('lines of its own', lines.length);
      if (ground.tier.kind === 'stock') return;
      const stock = stockAnswers()[name] ?? [];
      findings.expect(stock.length > 0, 'no stock answer is kept beside it');
      const missing = stock.filter((line) => !lines.includes(line));
      findings.figure('stock lines missing', missing.length);
      for (const line of missing) findings.wrong.push(`a stock tier prints '${line}'`);
    },
  };
}

const controllerOf = (ground: RocketmqGround): string => ground.tier.nodes[0]?.controller ?? '';

/** How often a text has this. */
const times = (text: string, wanted: RegExp): number => [...text.matchAll(wanted)].length;

async function permsAre(ground: RocketmqGround, set: string, wanted: number): Promise<void> {
  const agent = ground.agents[CLIENT_IDC];
  for (const { name, nameServer } of ground.tier.nodes)
    await eventually(
      `${name} has ${wanted} as what ${set} may do`,
      async () => {
        const { queueDatas } = permsSchema.parse(await agent.ask('route', nameServer, EVERYWHERE));
        return queueDatas.find(({ brokerName }) => brokerName === set)?.perm === wanted;
      },
      TIMEOUT_MS,
    );
}

async function moveMaster(
  ground: RocketmqGround,
  mqadmin: (...words: readonly string[]) => Promise<string>,
  findings: Findings,
): Promise<void> {
  await ground.begin();
  const { master, ids, masterEpoch } = await ground.state('set-a');
  const [address, id] = [...ids].find(([one]) => one !== master?.address) ?? ['', -1];
  const where = ['-a', controllerOf(ground), '-c', CLUSTER, '-bn', 'set-a', '-b', String(id)];
  const startedMs = Date.now();
  const text = await mqadmin(...where);
  findings.expect(text.includes(address), `it does not name the new master ${address}: ${text}`);
  await eventually(
    'the chosen one is the master',
    async () => {
      const after = await ground.state('set-a');
      return after.master?.address === address && after.masterEpoch > masterEpoch;
    },
    TIMEOUT_MS,
  );
  findings.figure('moved after', Date.now() - startedMs, 'ms');
  const byHand = await ground.settle();
  if (byHand.length > 0) findings.figure('restarted by hand', byHand.length);
  findings.figure('whole after', Date.now() - startedMs, 'ms');
}

async function cleanBroker(
  ground: RocketmqGround,
  mqadmin: (...words: readonly string[]) => Promise<string>,
  findings: Findings,
): Promise<void> {
  await ground.begin();
  const { master, ids } = await ground.state('set-b');
  const slave = ground.brokers.find(
    ({ place, address }) => place.set === 'set-b' && address !== master?.address,
  );
  if (slave === undefined) throw new Error('set-b has a slave');
  const id = ids.get(slave.address) ?? -1;
  const where = ['-a', controllerOf(ground), '-c', CLUSTER, '-bn', 'set-b', '-b', String(id)];
  const agent = ground.agents[CLIENT_IDC];
  const early = await agent.mqadmin('cleanBrokerMetadata', '-n', ground.nameServers, ...where);
  findings.expect(!early.includes('success'), 'a living broker was taken out');
  await slave.kill();
  let last = '';
  await eventually(
    'a dead broker is taken out',
    async () => {
      last = await agent.mqadmin('cleanBrokerMetadata', '-n', ground.nameServers, ...where);
      return last.includes('success');
    },
    TIMEOUT_MS,
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}: ${last}`);
  });
  const after = await ground.state('set-b');
  findings.expect(!after.ids.has(slave.address), `${slave.name} is known still`);
  slave.forget();
  await slave.start();
  await ground.settle();
  const anew = (await ground.state('set-b')).ids.get(slave.address) ?? -1;
  findings.expect(anew > id, `it came back as ${anew}, and had been ${id}`);
  // Once more for what it prints: of one that is not there.
  await mqadmin(...where.slice(0, -1), '99');
}

/** What looks, or is undone by the next one. */
const LOOKING: readonly Command[] = [
  {
    command: 'clusterList',
    what: 'every broker with its role',
    run: async (ground, mqadmin, findings) => {
      const text = await mqadmin();
      for (const { address } of ground.brokers)
        findings.expect(text.includes(address), `it does not show ${address}`);
      for (const { name } of SETS)
        findings.expect(
          times(text, new RegExp(`${name}\\s+0\\s`, 'g')) === 1,
          `${name} has not one master: ${text}`,
        );
    },
  },
  {
    command: 'topicRoute',
    what: 'both sets, all their brokers',
    run: async (ground, mqadmin, findings) => {
      const text = await mqadmin('-t', EVERYWHERE);
      await mqadmin('-t', EVERYWHERE, '-l');
      for (const { address } of ground.brokers)
        findings.expect(text.includes(address), `it does not show ${address}`);
    },
  },
  {
    command: 'topicList',
    what: 'the topics of the cluster',
    run: async (_ground, mqadmin, findings) => {
      findings.expect((await mqadmin()).includes(EVERYWHERE), `it does not show ${EVERYWHERE}`);
    },
  },
  {
    command: 'getControllerMetaData',
    what: 'a leader to turn to, asked of each node',
    run: async (ground, mqadmin, findings) => {
      const known = ground.tier.nodes.map(({ controller }) => controller);
      for (const node of ground.tier.nodes) {
        const text = await mqadmin('-a', node.controller);
        const named = /#ControllerLeaderAddress\t(\S+)/.exec(text)?.[1] ?? '';
        findings.expect(known.includes(named), `${node.name}: ${text}`);
        findings.expect(
          known.every((one) => text.includes(one)),
          `${node.name} does not name every peer: ${text}`,
        );
      }
    },
  },
  {
    command: 'getSyncStateSet',
    what: 'who is in sync, of one set and of all',
    run: async (ground, mqadmin, findings) => {
      await ground.settle();
      const text = await mqadmin('-a', controllerOf(ground), '-b', 'set-a');
      findings.expect(times(text, /^InSyncReplica:/gm) === BROKERS_PER_SET, `set-a: ${text}`);
      const all = await mqadmin('-a', controllerOf(ground), '-c', CLUSTER);
      findings.expect(times(all, /^InSyncReplica:/gm) === ground.brokers.length, `all: ${all}`);
    },
  },
  {
    command: 'getBrokerEpoch',
    what: 'the reigns that each broker of a set knows of',
    run: async (_ground, mqadmin, findings) => {
      const text = await mqadmin('-b', 'set-a');
      findings.expect(times(text, /#brokerAddr/g) === BROKERS_PER_SET, text);
      findings.expect(times(text, /#Epoch/g) >= BROKERS_PER_SET, text);
    },
  },
  {
    command: 'haStatus',
    what: 'what masters and slaves say of their copying',
    run: async (ground, mqadmin, findings) => {
      const text = await mqadmin('-c', CLUSTER);
      findings.expect(times(text, /#MasterAddr/g) >= SETS.length, text);
      const slave = (await ground.state('set-a')).master?.address;
      const one = ground.brokers.find(({ place, address }) => place.set === 'set-a' && address !== slave);
      findings.expect((await mqadmin('-b', one?.address ?? '')).includes('#MasterAddr'), 'a slave is silent');
    },
  },
  {
    command: 'updateKvConfig',
    what: 'a key that is set is there at every node',
    run: async (ground, mqadmin, findings) => {
      const text = await mqadmin('-s', NAMESPACE, '-k', KEY, '-v', VALUE);
      findings.expect(text.includes('success'), text);
      for (const { name, nameServer } of ground.tier.nodes)
        await eventually(`${name} has it`, async () => {
          const value = await ground.agents[CLIENT_IDC].ask('value', nameServer, NAMESPACE, KEY);
          return value === VALUE;
        });
    },
  },
  {
    command: 'deleteKvConfig',
    what: 'and gone at every node where it is deleted',
    run: async (ground, mqadmin, findings) => {
      const text = await mqadmin('-s', NAMESPACE, '-k', KEY);
      findings.expect(text.includes('success'), text);
      for (const { name, nameServer } of ground.tier.nodes)
        await eventually(`${name} has it no more`, () =>
          ground.agents[CLIENT_IDC].ask('value', nameServer, NAMESPACE, KEY).then(
            () => false,
            (error: unknown) => /CODE: 22/.test(String(error)),
          ),
        );
    },
  },
  {
    command: 'wipeWritePerm',
    what: 'nothing is to be sent to a set any more, at any node',
    run: async (ground, mqadmin, findings) => {
      const text = await mqadmin('-b', 'set-b');
      findings.expect(times(text, / OK, /g) === ground.tier.nodes.length, text);
      await permsAre(ground, 'set-b', READ_ONLY);
    },
  },
  {
    command: 'addWritePerm',
    what: 'and may again',
    run: async (ground, mqadmin, findings) => {
      const text = await mqadmin('-b', 'set-b');
      findings.expect(times(text, / OK, /g) === ground.tier.nodes.length, text);
      await permsAre(ground, 'set-b', READ_AND_WRITE);
    },
  },
];

const MOVING: readonly Command[] = [
  { command: 'electMaster', what: 'a planned move of a master', run: moveMaster },
  {
    command: 'cleanBrokerMetadata',
    what: 'a broker that is dead is taken out, a living one is not; one that lost its disk comes back as another',
    run: cleanBroker,
  },
];

export const LOOKING_ROWS: readonly Row[] = LOOKING.map(rowOf);
export const MOVING_ROWS: readonly Row[] = MOVING.map(rowOf);
