/** Nodes of the tier that die, stand still, lose their disk, or are not who they say. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse, stringify } from 'yaml';
import { eventually } from '../../support/eventually.ts';
import { startPollux } from '../../support/pollux-process.ts';
import type { Host } from '../../support/sites.ts';
import { startTier, type TierNode } from '../../support/tier.ts';
import type { Fault, GroundSpec } from '../fault.ts';
import { pause, type Scene } from '../scene.ts';

const run = promisify(execFile);

const PLAIN: GroundSpec = { layout: '2+1', policy: 'cross-idc', onShortage: 'degrade', special: 'plain' };

/** What happens to a node moves no master. */
const movesNothing = (act: (scene: Scene) => Promise<void>) => async (scene: Scene) => {
  const { epoch } = await scene.group();
  await act(scene);
  await scene.whole();
  await scene.acknowledges();
  await scene.keepsEpoch(epoch);
};

/**
 * A process that must not take part: it ends by itself and says why, or it goes on asking, is turned away by every other
 * node, and says so.
 */
export async function isRefused(host: Host, configFile: string, why: RegExp): Promise<void> {
  const started = startPollux(['serve', '--config', configFile], {}, host.command([]));
  try {
    await eventually('the process says why it may not take part', () => why.test(started.printed()));
  } catch (error) {
    throw new Error(`${String(error)}: ${started.printed()}`);
  } finally {
    await started.kill();
  }
}

async function diesAndReturns(scene: Scene, node: TierNode): Promise<void> {
  await node.kill();
  await scene.acknowledges();
  await node.start();
  await scene.isCurrent(node);
}

/**
 * The master dies with these nodes, which come back later; after them where they are a majority, for that could have
 * begun the failover in the moment between, and those that come back would only have to go on.
 */
const togetherWith = (nodes: (scene: Scene) => Promise<readonly TierNode[]>) => async (scene: Scene) => {
  const { epoch } = await scene.group();
  const master = await scene.master();
  const dying = await nodes(scene);
  const died = dying.map((node) => node.kill());
  if (dying.length > 1) await Promise.all(died);
  await Promise.all([master.redis.kill(), ...died]);
  if (dying.length > 1) {
    await pause(2_000);
    for (const node of dying) await node.start();
    // They have never reached the master, so their word on it counts for nothing: an operator's does.
    await scene.alerts(/is held/, 20_000);
    await scene.keepsEpoch(epoch);
    await scene.isToldToFailOver();
  }
  await scene.failsOver(epoch);
  await scene.acknowledges();
  if (dying.length === 1) for (const node of dying) await node.start();
  for (const node of dying) await scene.isCurrent(node);
  await master.redis.start();
};

export const NODES: readonly Fault[] = [
  {
    ...PLAIN,
    name: 'leading-node-killed',
    what: 'kill -9 of the leading node: another one leads, writes go on',
    run: movesNothing(async (scene) => diesAndReturns(scene, await scene.leader())),
  },
  {
    ...PLAIN,
    name: 'following-node-killed',
    what: 'kill -9 of a following node',
    run: movesNothing(async (scene) => diesAndReturns(scene, await scene.follower())),
  },
  {
    ...PLAIN,
    name: 'leading-node-stopped-and-resumed',
    what: 'SIGSTOP of the leading node; three seconds later it wakes up as a leader of old, and steers nothing',
    run: movesNothing(async (scene) => {
      const leader = await scene.leader();
      leader.signal('SIGSTOP');
      await pause(3_000);
      leader.signal('SIGCONT');
      await scene.isCurrent(leader);
    }),
  },
  {
    ...PLAIN,
    name: 'leading-node-stopped-in-a-failover',
    what: 'the master dies, the leading node is stopped 120 ms later, and wakes up when another one has finished',
    run: async (scene) => {
      const { epoch } = await scene.group();
      const master = await scene.master();
      const leader = await scene.leader();
      await master.redis.kill();
      await pause(120);
      leader.signal('SIGSTOP');
      try {
        await scene.acknowledges();
      } finally {
        leader.signal('SIGCONT');
      }
      await scene.failsOver(epoch);
      await scene.isCurrent(leader);
      await master.redis.start();
    },
  },
  {
    ...PLAIN,
    name: 'leading-node-stalls',
    what: 'the event loop of the leading node stands still for 300 ms, six times',
    run: movesNothing(async (scene) => {
      for (let turn = 0; turn < 6; turn += 1) {
        const leader = await scene.leader();
        leader.signal('SIGSTOP');
        await pause(300);
        leader.signal('SIGCONT');
        await pause(300);
      }
    }),
  },
  {
    ...PLAIN,
    name: 'all-nodes-stall',
    what: 'all nodes stand still for two seconds: what they did not hear meanwhile accuses nobody',
    run: movesNothing(async (scene) => {
      const { nodes } = scene.ground.tier;
      for (const node of nodes) node.signal('SIGSTOP');
      await pause(2_000);
      for (const node of nodes) node.signal('SIGCONT');
      await scene.leader();
    }),
  },
  {
    ...PLAIN,
    name: 'two-nodes-killed',
    what: 'two nodes are killed: writes go on under the master that is there, and nothing is moved',
    run: movesNothing(async (scene) => {
      const survivor = await scene.follower();
      const dying = scene.ground.tier.nodes.filter(({ name }) => name !== survivor.name);
      await Promise.all(dying.map((node) => node.kill()));
      await pause(1_000);
      await scene.acknowledges();
      for (const node of dying) await node.start();
      for (const node of dying) await scene.isCurrent(node);
    }),
  },
  {
    ...PLAIN,
    name: 'all-nodes-killed',
    what: 'all nodes are killed at once and come back: writes go on, the tier knows what it knew',
    run: movesNothing(async (scene) => {
      const { nodes } = scene.ground.tier;
      await Promise.all(nodes.map((node) => node.kill()));
      await scene.acknowledges();
      await Promise.all(nodes.map((node) => node.start()));
      for (const node of nodes) await scene.isCurrent(node);
    }),
  },
  {
    ...PLAIN,
    name: 'leading-node-and-master-killed-together',
    what: 'the master and the leading node die at once',
    run: togetherWith(async (scene) => [await scene.leader()]),
  },
  {
    ...PLAIN,
    name: 'master-and-two-nodes-killed-together',
    what: "the master and two nodes die at once; those that come back never saw it, so an alert asks for an operator's word",
    run: togetherWith(async (scene) => {
      const survivor = await scene.follower();
      return scene.ground.tier.nodes.filter(({ name }) => name !== survivor.name);
    }),
  },
  {
    ...PLAIN,
    name: 'rolling-restart',
    what: 'every node is stopped and started in turn, the leading one last, as an upgrade does it',
    run: movesNothing(async (scene) => {
      const last = await scene.leader();
      const others = scene.ground.tier.nodes.filter(({ name }) => name !== last.name);
      for (const node of [...others, last]) {
        await node.stop();
        await scene.acknowledges(10);
        await node.start();
        await scene.isCurrent(node);
      }
    }),
  },
  {
    ...PLAIN,
    name: 'rolling-kill-in-failovers',
    what: 'the leading node is killed while the master is, three times in a row, each time both come back',
    run: async (scene) => {
      for (let turn = 0; turn < 3; turn += 1) {
        await togetherWith(async () => [await scene.leader()])(scene);
        await scene.whole();
      }
    },
  },
  {
    ...PLAIN,
    name: 'leading-node-out-of-file-descriptors',
    what: 'the leading node can open no more files or connections, and the master dies',
    run: async (scene) => {
      const { epoch } = await scene.group();
      const master = await scene.master();
      const leader = await scene.leader();
      await run('prlimit', ['--pid', String(leader.pid()), '--nofile=3:']);
      await pause(500);
      await master.redis.kill();
      await scene.failsOver(epoch, 30_000);
      await scene.acknowledges();
      await leader.kill();
      await leader.start();
      await scene.isCurrent(leader);
      await master.redis.start();
    },
  },
  {
    ...PLAIN,
    name: 'node-of-a-name-that-is-taken',
    what: 'a second process under the name of a following node, with a directory of its own: it is refused',
    run: movesNothing(async (scene) => {
      const node = await scene.follower();
      const host = await scene.ground.sites.host(node.site, `double-${Date.now()}`);
      const double = doubleOf(scene, node, 'double', host.address);
      await isRefused(host, double.configFile, /duplicateName/);
      rmSync(double.dataDirectory, { recursive: true });
    }),
  },
  {
    ...PLAIN,
    name: 'directory-of-another-node',
    what: 'a node is started on the data directory of another one: it is refused, and its own is as it was',
    run: movesNothing(async (scene) => {
      const node = await scene.follower();
      const other = await scene.leader();
      await node.stop();
      const host = scene.ground.sites.known(node.name);
      const double = doubleOf(scene, node, 'foreign', host.address);
      cpSync(other.dataDirectory, double.dataDirectory, { recursive: true });
      await isRefused(host, double.configFile, new RegExp(`cannot be trusted.*${other.name}`, 's'));
      rmSync(double.dataDirectory, { recursive: true });
      await node.start();
      await scene.isCurrent(node);
    }),
  },
  {
    ...PLAIN,
    name: 'directory-of-another-tier',
    what: 'a node is started on a data directory that was made in another tier: it is refused',
    run: movesNothing(async (scene) => {
      const node = await scene.follower();
      const elsewhere = await startTier();
      const same = elsewhere.nodes.find(({ name }) => name === node.name);
      await pause(300);
      await same?.stop();
      await node.stop();
      const host = scene.ground.sites.known(node.name);
      const double = doubleOf(scene, node, 'other-tier', host.address);
      cpSync(same?.dataDirectory ?? '', double.dataDirectory, { recursive: true });
      await elsewhere.close();
      await isRefused(host, double.configFile, /otherTier/);
      rmSync(double.dataDirectory, { recursive: true });
      await node.start();
      await scene.isCurrent(node);
    }),
  },
];

/** The configuration of a node once more, with another data directory, to listen at that address. */
export function doubleOf(
  scene: Scene,
  node: TierNode,
  word: string,
  address: string,
): { readonly configFile: string; readonly dataDirectory: string } {
  const { directory } = scene.ground.tier;
  const dataDirectory = join(directory, `${node.name}-${word}`);
  const configFile = join(directory, `${node.name}-${word}.yaml`);
  const configuration: unknown = parse(readFileSync(node.configFile, 'utf8'));
  if (typeof configuration !== 'object' || configuration === null)
    throw new Error('a configuration is a map');
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  const at = (port: number): string => `${address}:${port}`;
  const listen = { http: at(17_400), peer: at(17_401), sentinel: at(17_402), rocketmq: at(17_403) };
  writeFileSync(configFile, stringify({ ...configuration, dataDirectory, listen, log: { level: 'info' } }));
  return { configFile, dataDirectory };
}
