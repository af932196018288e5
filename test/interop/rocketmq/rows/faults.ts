/** What befalls brokers and nodes while messages are sent. Each row mends what it did; the last one counts. */
import { eventually } from '../../../support/eventually.ts';
import type { Broker } from '../broker.ts';
import { type RocketmqGround, SETS, type SetName, SITES, type Site, type TierNode } from '../ground.ts';
import type { Findings, Row } from '../row.ts';
import { lastStatus, type Traffic, trafficOn, waitedInVain } from '../traffic.ts';

const ELECTION_TIMEOUT_MS = 60_000;
/** To get a leader where it is wanted. */
const MOST_TURNS = 8;
/** Longer than it takes until another master is elected, and than a slave may lag before its master wants it out. */
const CUT_MS = 10_000;
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
  readonly slow?: boolean;
  /** It takes each master in its set's first IDC. */
  readonly fromHome?: boolean;
  readonly before?: (scene: Scene) => Promise<void>;
  /** What comes immediately before it, while messages are sent. */
  readonly justBefore?: (scene: Scene) => Promise<void>;
  readonly act: (scene: Scene, fromMs: number) => Promise<void>;
  /** Sets that have to go on before anything is mended. */
  readonly goOn: readonly SetName[];
  /** After the rest has gone on, until it is mended. */
  readonly lasts?: (scene: Scene, fromMs: number) => Promise<void>;
};

function fault(name: string, what: string, plan: FaultPlan): Row {
  const { slow = false } = plan;
  return {
    name,
    what,
    counted: true,
    slow,
    run: (ground, findings) => tryFault(name, plan, ground, findings),
  };
}

async function tryFault(
  name: string,
  plan: FaultPlan,
  ground: RocketmqGround,
  findings: Findings,
): Promise<void> {
  const since = performance.now();
  const told = (what: string): void =>
    findings.progress(`${name}: ${what} after ${Math.round(performance.now() - since)} ms`);
  const traffic = await trafficOn(ground);
  if (plan.fromHome === true) await traffic.rests(() => ground.begin());
  else await ground.settle();
  const scene: Scene = { ground, traffic, findings, masters: await mastersOf(ground) };
  try {
    await plan.before?.(scene);
    await traffic.allSend();
    await plan.justBefore?.(scene);
    const fromMs = traffic.begins(name);
    told('it begins');
    await plan.act(scene, fromMs);
    const actedMs = Date.now();
    for (const flow of [...plan.goOn.map((set) => traffic.of(set)), traffic.everywhere])
      findings.expect(
        await traffic.goesOn(flow, actedMs, GOES_ON_TIMEOUT_MS),
        `${flow.name} does not go on while it lasts`,
      );
    told('messages go on');
    await plan.lasts?.(scene, fromMs);
    await ground.mend();
    const byHand = await ground.settle();
    if (byHand.length > 0) findings.figure('restarted by hand', byHand.length);
    told('all is whole');
    await traffic.allGoOn(fromMs, Date.now(), findings);
  } finally {
    await ground.mend();
  }
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

/** Until the leading node is at this site, or at another one: whoever leads where it should not is started anew. */
async function leadFrom({ ground, findings }: Scene, isWanted: (site: Site) => boolean): Promise<void> {
  let leading = await ground.leading();
  for (let turn = 0; !isWanted(leading.site) && turn < MOST_TURNS; turn += 1) {
    const before = leading;
    await before.stop();
    leading = await eventually('another node leads', () => ground.leading());
    await before.start();
  }
  findings.figure('led by', leading.site);
  findings.expect(isWanted(leading.site), `after ${MOST_TURNS} turns ${leading.site} leads still`);
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

async function cutIdc(scene: Scene, fromMs: number): Promise<void> {
  const { idc } = scene.masters['set-a'].place;
  const others = SITES.filter((site) => site !== idc);
  await scene.ground.sites.cut(idc, others);
  await failsOver(scene, 'set-a', fromMs);
}

/** The clients that are cut off with the old master reach it all the time: it has to hold their messages back. */
async function cutLasts({ traffic, findings }: Scene, fromMs: number): Promise<void> {
  await new Promise((done) => setTimeout(done, Math.max(0, fromMs + CUT_MS - Date.now())));
  const inVain = waitedInVain(traffic.far, fromMs);
  findings.figure('held back by the old master', inVain);
  findings.expect(inVain > 0, `${traffic.far.name} did not reach the old master: ${lastStatus(traffic.far)}`);
}

/** The broker of the first set in the other IDC ends and comes back; ends as soon as it counts as in sync again. */
async function rejoin({ ground, masters }: Scene): Promise<void> {
  const { idc } = masters['set-a'].place;
  const remote = ground.brokers.find(({ place }) => place.set === 'set-a' && place.idc !== idc);
  if (remote === undefined) throw new Error('set-a has a broker in another IDC');
  await remote.kill();
  await eventually(
    `${remote.name} is out`,
    async () => {
      const { inSync, ids } = await ground.state('set-a');
      return !inSync.includes(ids.get(remote.address) ?? -1);
    },
    ELECTION_TIMEOUT_MS,
  );
  await remote.start();
  await eventually(
    `${remote.name} is in sync again`,
    async () => (await ground.state('set-a')).inSync.length === SETS[0]?.idcs.length,
    ELECTION_TIMEOUT_MS,
  );
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
    act: async (scene, fromMs) => {
      const { host } = scene.masters['set-a'];
      await scene.ground.sites.cut(host.name, allOthers(scene, [host.name]));
      await failsOver(scene, 'set-a', fromMs);
    },
    goOn: allSets,
  }),
  fault('kill-leading', 'the leading node is ended with SIGKILL', {
    act: async ({ ground }) => (await ground.leading()).kill(),
    goOn: allSets,
  }),
  fault('kill-master', 'the master of each set is ended with SIGKILL, both at once', {
    act: async (scene, fromMs) => {
      await Promise.all(allSets.map((set) => scene.masters[set].kill()));
      for (const set of allSets) await failsOver(scene, set, fromMs);
    },
    goOn: allSets,
  }),
  fault('kill-master-and-leading', "the first set's master and the leading node are ended at once", {
    act: async (scene, fromMs) => {
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
      fromHome: true,
      act: async (scene, fromMs) => {
        await killIdc(scene);
        await failsOver(scene, 'set-a', fromMs);
      },
      // The first set has one broker left, and messages that need two copies wait for the others.
      goOn: ['set-b'],
      slow: true,
    },
  ),
  fault(
    'cut-off-idc',
    "the IDC of the first set's master is cut off, with clients that go on sending, and comes back as it is",
    {
      fromHome: true,
      before: (scene) => leadFrom(scene, (site) => site !== scene.masters['set-a'].place.idc),
      act: cutIdc,
      goOn: ['set-b'],
      lasts: cutLasts,
      slow: true,
    },
  ),
  fault(
    'cut-off-idc-and-leading',
    'the same with the leading node in it, just after a broker of the first set in the other IDC came back',
    {
      fromHome: true,
      before: (scene) => leadFrom(scene, (site) => site === scene.masters['set-a'].place.idc),
      justBefore: rejoin,
      act: cutIdc,
      goOn: ['set-b'],
      lasts: cutLasts,
    },
  ),
  fault(
    'rolling-restart',
    'all brokers, one of each set at a time, and all nodes are stopped and started again',
    {
      act: restartAll,
      goOn: [],
      slow: true,
    },
  ),
];

/** Ends the traffic of all the others, so it comes last. */
export const COUNT_ROW: Row = {
  name: 'nothing-gone',
  what: 'what was answered with SEND_OK in all the rows before is there at the end, and was consumed',
  run: async (ground, findings) => (await trafficOn(ground)).count(findings),
};

function allOthers({ ground }: Scene, but: readonly string[]): readonly string[] {
  const hosts = [
    ...ground.brokers.map(({ host }) => host.name),
    ...ground.tier.nodes.map(({ name }) => name),
    ...Object.values(ground.agents).map(({ host }) => host.name),
  ];
  return hosts.filter((name) => !but.includes(name));
}
