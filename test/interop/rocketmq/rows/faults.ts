/** What befalls brokers and nodes while messages are sent. Each row mends what it did. */
import { eventually } from '../../../support/eventually.ts';
import type { Broker } from '../broker.ts';
import { type RocketmqGround, SETS, type SetName, SITES, type Site, type TierNode } from '../ground.ts';
import type { Findings, Row } from '../row.ts';
import { topicOf } from '../topics.ts';
import { Traffic } from '../traffic.ts';

const ELECTION_TIMEOUT_MS = 60_000;
/** To get a leader where it is wanted. */
const MOST_TURNS = 8;
const CUT_MS = 12_000;
/** How long a producer may take to go on while the fault still lasts. */
const GOES_ON_TIMEOUT_MS = 60_000;

type Scene = {
  readonly ground: RocketmqGround;
  readonly traffic: Traffic;
  readonly findings: Findings;
  /** The masters before anything was done. */
  readonly masters: Readonly<Record<SetName, Broker>>;
};

async function mastersOf(ground: RocketmqGround): Promise<Scene['masters']> {
  return { 'set-a': await ground.master('set-a'), 'set-b': await ground.master('set-b') };
}

type FaultPlan = {
  readonly act: (scene: Scene) => Promise<void>;
  /** Sets that have to go on before anything is mended. */
  readonly goOn: readonly SetName[];
  /** After the rest has gone on, so long until it is mended. */
  readonly lastsMs?: number;
  readonly before?: (scene: Scene) => Promise<void>;
};

function fault(name: string, what: string, plan: FaultPlan): Row {
  return {
    name,
    what,
    run: async (ground, findings) => {
      await ground.begin();
      const masters = await mastersOf(ground);
      const traffic = new Traffic(ground, name);
      const scene: Scene = { ground, traffic, findings, masters };
      await traffic.start();
      try {
        await plan.before?.(scene);
        const fromMs = Date.now();
        await plan.act(scene);
        const actedMs = Date.now();
        for (const flow of [...plan.goOn.map((set) => traffic.of(set)), traffic.everywhere])
          findings.expect(
            await traffic.goesOn(flow, actedMs, GOES_ON_TIMEOUT_MS),
            `${flow.name} does not go on while it lasts`,
          );
        findings.progress(`${name}: messages go on ${Date.now() - fromMs} ms after it`);
        const leftMs = (plan.lastsMs ?? 0) - (Date.now() - fromMs);
        if (leftMs > 0) await new Promise((done) => setTimeout(done, leftMs));
        await ground.mend();
        const byHand = await ground.settle();
        if (byHand.length > 0) findings.figure('restarted by hand', byHand.length);
        const mendedMs = Date.now();
        findings.progress(`${name}: all is whole ${mendedMs - fromMs} ms after it`);
        await traffic.finish(fromMs, mendedMs, findings);
      } finally {
        await ground.mend();
      }
    },
  };
}

/** Until the set has another master than before. */
async function failsOver({ ground, masters, findings }: Scene, set: SetName, fromMs: number): Promise<void> {
  const before = masters[set].address;
  await eventually(
    `${set} has another master`,
    async () => {
      const { master } = await ground.state(set);
      return master !== null && master.address !== before;
    },
    ELECTION_TIMEOUT_MS,
  );
  findings.figure(`${set} has another master after`, Date.now() - fromMs, 'ms');
}

async function killMasters(scene: Scene, sets: readonly SetName[]): Promise<void> {
  const fromMs = Date.now();
  await Promise.all(sets.map((set) => scene.masters[set].kill()));
  for (const set of sets) await failsOver(scene, set, fromMs);
}

/** Until the leading node is at this site: whoever leads elsewhere is started anew. */
async function leadFrom({ ground, findings }: Scene, site: Site): Promise<void> {
  let leading = await ground.leading();
  for (let turn = 0; leading.site !== site && turn < MOST_TURNS; turn += 1) {
    await leading.stop();
    const before = leading;
    leading = await eventually('another node leads', () => ground.leading());
    await before.start();
  }
  findings.figure('led by', leading.site);
}

async function killIdc({ ground, masters, findings }: Scene): Promise<void> {
  const { idc } = masters['set-a'].place;
  const isLeading = (await ground.leading()).site === idc;
  findings.figure('led', isLeading ? 'yes' : 'no');
  await Promise.all([
    ...ground.brokers.filter(({ place }) => place.idc === idc).map((broker) => broker.kill()),
    ...ground.tier.nodes.filter(({ site }) => site === idc).map((node) => node.kill()),
  ]);
}

/** One broker of each set at a time, then one node after the other. */
async function restartAll({ ground, findings }: Scene): Promise<void> {
  let byHand = 0;
  const anew = async (those: readonly (Broker | TierNode)[]): Promise<void> => {
    await Promise.all(
      those.map(async (one) => {
        await one.stop();
        await one.start();
      }),
    );
    byHand += (await ground.settle()).length;
  };
  const ofSets = ground.sets.map(({ name }) => ground.brokers.filter(({ place }) => place.set === name));
  const most = Math.max(...ofSets.map((brokers) => brokers.length));
  for (let position = 0; position < most; position += 1)
    await anew(ofSets.flatMap((brokers) => brokers.slice(position, position + 1)));
  for (const node of ground.tier.nodes) await anew([node]);
  if (byHand > 0) findings.figure('restarted by hand', byHand);
}

const allSets = SETS.map(({ name }) => name);

export const FAULT_ROWS: readonly Row[] = [
  fault('cut-off-master', "the first set's master is cut off from everything, and comes back as it is", {
    before: ({ ground }) => ground.calm(),
    act: async (scene) => {
      const fromMs = Date.now();
      const { host } = scene.masters['set-a'];
      await scene.ground.sites.cut(host.name, allOthers(scene, [host.name]));
      await failsOver(scene, 'set-a', fromMs);
    },
    goOn: allSets,
  }),
  fault('kill-master', 'the master of each set is ended with SIGKILL, both at once', {
    act: (scene) => killMasters(scene, allSets),
    goOn: allSets,
  }),
  fault('kill-leading', 'the leading node is ended with SIGKILL', {
    act: async ({ ground }) => (await ground.leading()).kill(),
    goOn: allSets,
  }),
  fault('kill-master-and-leading', "the first set's master and the leading node are ended at once", {
    act: async (scene) => {
      const fromMs = Date.now();
      const leading = await scene.ground.leading();
      await Promise.all([scene.masters['set-a'].kill(), leading.kill()]);
      await failsOver(scene, 'set-a', fromMs);
    },
    goOn: allSets,
  }),
  fault(
    'kill-idc',
    "the IDC of the first set's master, all its brokers and its node, is ended with SIGKILL",
    {
      act: async (scene) => {
        const fromMs = Date.now();
        await killIdc(scene);
        await failsOver(scene, 'set-a', fromMs);
      },
      // The first set has one broker left, and messages that need two copies wait for the others.
      goOn: ['set-b'],
    },
  ),
  fault(
    'cut-off-idc',
    "the IDC of the first set's master is cut off, with clients that go on sending, and comes back as it is",
    {
      before: async (scene) => {
        const { ground, traffic, masters } = scene;
        await leadFrom(scene, masters['set-a'].place.idc);
        await traffic.add('cut-off', topicOf('set-a'), ground.agents[masters['set-a'].place.idc]);
      },
      act: async (scene) => {
        const fromMs = Date.now();
        const { idc } = scene.masters['set-a'].place;
        await scene.ground.sites.cut(
          idc,
          SITES.filter((site) => site !== idc),
        );
        await failsOver(scene, 'set-a', fromMs);
      },
      goOn: ['set-b'],
      lastsMs: CUT_MS,
    },
  ),
  fault(
    'rolling-restart',
    'all brokers, one of each set at a time, and all nodes are stopped and started again',
    {
      act: restartAll,
      goOn: [],
    },
  ),
];

function allOthers({ ground }: Scene, but: readonly string[]): readonly string[] {
  const hosts = [
    ...ground.brokers.map(({ host }) => host.name),
    ...ground.tier.nodes.map(({ name }) => name),
    ...Object.values(ground.agents).map(({ host }) => host.name),
  ];
  return hosts.filter((name) => !but.includes(name));
}
