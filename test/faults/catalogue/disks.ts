/** Disks of nodes: full, read-only, failing, slow, damaged, lost, and without power. Traffic goes on meanwhile. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { seededRandom } from '../../../src/core/primitives/seeded-random.ts';
import { DiskModel } from '../../disks/disk-model.ts';
import { operationsOf } from '../../disks/traced-calls.ts';
import { injectFault, mountSmallDisk, whyNoTracing } from '../../support/disk-fault.ts';
import { eventually } from '../../support/eventually.ts';
import { startPollux } from '../../support/pollux-process.ts';
import type { TierNode } from '../../support/tier.ts';
import type { Fault, GroundSpec } from '../fault.ts';
import { pause, type Scene } from '../scene.ts';
import { recordOf } from '../specials.ts';

const PLAIN: GroundSpec = { layout: '2+1', policy: 'cross-idc', onShortage: 'degrade', special: 'plain' };
const SNAPSHOTS: GroundSpec = { ...PLAIN, special: 'snapshots' };
const RECORDED: GroundSpec = { ...PLAIN, special: 'recorded' };

const EXIT_FATAL = 1;

let lastKey = 0;
/** Something for the log: nothing is written to a node's disk while nothing is decided. */
async function decides(scene: Scene, count = 1): Promise<void> {
  for (let number = 0; number < count; number += 1) {
    lastKey += 1;
    await eventually('a decision is taken', async () => {
      for (const node of scene.ground.tier.nodes.filter((one) => one.isRunning())) {
        const body = { key: `decided-${lastKey}`, value: 'kept' };
        const answer = await scene.ground.tier.call('POST', '/v1/key-values', body, node).catch(() => null);
        if (answer?.status === 200) return true;
      }
      return false;
    });
  }
}

/** Decisions one after the other; `stop` returns those that were acknowledged. */
function decideOnAndOn(scene: Scene): { stop(): Promise<readonly string[]> } {
  const taken: string[] = [];
  let stopped = false;
  const deciding = (async () => {
    while (!stopped) {
      lastKey += 1;
      const key = `decided-${lastKey}`;
      const answer = await scene.ground.tier
        .call('POST', '/v1/key-values', { key, value: 'kept' })
        .catch(() => null);
      if (answer?.status === 200) taken.push(key);
    }
  })();
  return {
    stop: async () => {
      stopped = true;
      await deciding;
      return taken;
    },
  };
}

/** The node ends by itself under decisions, the tier goes on, and no master is moved for it. */
async function endsByItself(scene: Scene, node: TierNode): Promise<void> {
  await eventually(`${node.name} ends by itself`, async () => {
    await decides(scene);
    return !node.isRunning();
  });
  await scene.acknowledges();
}

async function returns(scene: Scene, node: TierNode, parameters: readonly string[] = []): Promise<void> {
  await node.start(parameters);
  await scene.isCurrent(node);
}

/** The master stays, whatever happens to the disk of a node. */
const movesNothing = (act: (scene: Scene) => Promise<void>) => async (scene: Scene) => {
  const { epoch } = await scene.group();
  await act(scene);
  await scene.whole();
  await scene.keepsEpoch(epoch);
};

const failing = (error: 'EIO' | 'ENOSPC', which: 'leader' | 'follower') =>
  movesNothing(async (scene) => {
    const why = await whyNoTracing();
    if (why !== null) throw new Error(why);
    const node = await scene[which]();
    const injected = await injectFault(node.pid(), { call: 'fdatasync', error });
    try {
      await endsByItself(scene, node);
    } finally {
      await injected.remove();
    }
    await returns(scene, node);
  });

/** The node's directory becomes a file system of its own for a while. */
async function onSmallDisk(
  scene: Scene,
  node: TierNode,
  act: (disk: Awaited<ReturnType<typeof mountSmallDisk>>) => Promise<void>,
): Promise<void> {
  const aside = join(scene.ground.scratch, `${node.name}-aside`);
  await node.stop();
  cpSync(node.dataDirectory, aside, { recursive: true });
  const disk = await mountSmallDisk(node.dataDirectory, 8);
  try {
    cpSync(aside, node.dataDirectory, { recursive: true });
    await returns(scene, node);
    await act(disk);
    await node.stop();
    rmSync(aside, { recursive: true });
    cpSync(node.dataDirectory, aside, { recursive: true });
  } finally {
    await node.kill();
    await disk.unmount();
  }
  rmSync(node.dataDirectory, { recursive: true });
  cpSync(aside, node.dataDirectory, { recursive: true });
  rmSync(aside, { recursive: true });
  await returns(scene, node);
}

function fill(path: string): void {
  for (const bytes of [1_000_000, 4_096, 1]) {
    try {
      for (;;) writeFileSync(path, Buffer.alloc(bytes), { flag: 'a' });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    }
  }
}

const filesOf = (node: TierNode, extension: string): string[] =>
  readdirSync(join(node.dataDirectory, 'log'))
    .filter((file) => file.endsWith(extension))
    .map((file) => join(node.dataDirectory, 'log', file))
    .filter((file) => statSync(file).size > 0);

const flipBit = (bytes: Buffer): Buffer => {
  const at = Math.floor(bytes.length / 2);
  bytes[at] = (bytes[at] ?? 0) ^ 16;
  return bytes;
};
const cutInHalf = (bytes: Buffer): Buffer => bytes.subarray(0, Math.floor(bytes.length / 2));

/** A damaged node does not take part: it says so and ends, and comes back with an empty directory by an operator's word. */
const damaged = (extension: string, damage: (bytes: Buffer) => Buffer) =>
  movesNothing(async (scene) => {
    const node = await scene.follower();
    await decides(scene, 60);
    await node.stop();
    const files = filesOf(node, extension);
    if (files.length === 0) throw new Error(`${node.name} has no file *${extension} to damage`);
    for (const file of files) writeFileSync(file, damage(readFileSync(file)));
    const started = startPollux(
      ['serve', '--config', node.configFile],
      {},
      scene.ground.sites.known(node.name).command([]),
    );
    const timer = setTimeout(() => void started.kill(), 10_000);
    const { code, stderr } = await started.ended;
    clearTimeout(timer);
    if (code !== EXIT_FATAL || !/cannot be trusted|What to do/.test(stderr))
      throw new Error(`a damaged node was not refused: it ended with ${code}: ${stderr}`);
    await scene.acknowledges();
    rmSync(node.dataDirectory, { recursive: true });
    await returns(scene, node, ['--rejoin']);
  });

/** The traced process below the tracer. */
function tracedBy(tracer: number): number {
  const children = readFileSync(`/proc/${tracer}/task/${tracer}/children`, 'utf8').trim().split(' ');
  const child = Number(children[0]);
  if (!(child > 0)) throw new Error('the tracer runs no node');
  return child;
}

/** What the node's disk holds if everything is gone that was not synced. */
function cutPower(scene: Scene, node: TierNode): void {
  const trace = recordOf(scene.ground.scratch, node.name);
  const model = new DiskModel('letter', node.dataDirectory);
  for (const operation of operationsOf(readFileSync(trace, 'latin1'), node.dataDirectory))
    model.apply(operation);
  const tree = model.afterCut({ names: 'lost', content: 'lost', random: seededRandom(1) });
  rmSync(node.dataDirectory, { recursive: true });
  mkdirSync(node.dataDirectory, { mode: 0o700 });
  for (const [path, content] of [...tree].sort(([one], [other]) => one.length - other.length)) {
    if (content !== null) writeFileSync(path, content);
    else mkdirSync(path, { recursive: true });
  }
}

export const DISKS: readonly Fault[] = [
  {
    ...PLAIN,
    name: 'disk-of-the-leading-node-fails',
    what: 'every sync of the leading node fails with EIO: it ends, another one leads',
    run: failing('EIO', 'leader'),
  },
  {
    ...PLAIN,
    name: 'disk-of-a-following-node-fails',
    what: 'every sync of a following node fails with EIO: it ends, the others go on',
    run: failing('EIO', 'follower'),
  },
  {
    ...PLAIN,
    name: 'disk-of-the-leading-node-full',
    what: 'the file system of the leading node is full: it ends, another one leads, and it is back once there is room',
    run: movesNothing(async (scene) => {
      const node = scene.nodeAt('idc-a');
      await onSmallDisk(scene, node, async () => {
        await scene.leads('idc-a');
        const filler = join(node.dataDirectory, 'filler');
        fill(filler);
        await endsByItself(scene, node);
        rmSync(filler);
        await returns(scene, node);
      });
    }),
  },
  {
    ...PLAIN,
    name: 'disk-of-a-following-node-read-only',
    what: 'the file system of a following node is mounted read-only while it runs',
    run: movesNothing(async (scene) => {
      const node = await scene.follower();
      await onSmallDisk(scene, node, async (disk) => {
        // A file that is open for writing keeps a file system writable: the node finds out at its next start.
        await node.stop();
        await disk.setWritable(false);
        const host = scene.ground.sites.known(node.name);
        const { code, stderr } = await startPollux(
          ['serve', '--config', node.configFile],
          {},
          host.command([]),
        ).ended;
        if (code !== EXIT_FATAL || !/Read-only file system/.test(stderr))
          throw new Error(`it ended with ${code}: ${stderr}`);
        await scene.acknowledges();
        await disk.setWritable(true);
        await returns(scene, node);
      });
    }),
  },
  {
    ...PLAIN,
    name: 'disk-of-the-leading-node-stalls',
    what: 'every sync of the leading node takes 1.5 s: another one leads, and the master dies meanwhile',
    run: async (scene) => {
      const { epoch } = await scene.group();
      const master = await scene.master();
      const leader = await scene.leader();
      const slow = await injectFault(leader.pid(), { call: 'fdatasync', delayMs: 1_500 });
      try {
        await pause(500);
        await master.redis.kill();
        await scene.failsOver(epoch, 30_000);
        await scene.acknowledges();
      } finally {
        await slow.remove();
      }
      await master.redis.start();
    },
  },
  {
    ...PLAIN,
    name: 'log-of-a-node-with-a-flipped-bit',
    what: 'one bit of the log of a following node is not what it was: it does not take part until it is replaced',
    run: damaged('.log', flipBit),
  },
  {
    ...PLAIN,
    name: 'log-of-a-node-truncated',
    what: 'half of the log of a following node is gone',
    run: damaged('.log', cutInHalf),
  },
  {
    ...SNAPSHOTS,
    name: 'snapshot-of-a-node-with-a-flipped-bit',
    what: 'one bit of each table that holds snapshots of a following node is not what it was',
    run: damaged('.ldb', flipBit),
  },
  {
    ...SNAPSHOTS,
    name: 'snapshot-of-a-node-truncated',
    what: 'half of each table that holds snapshots of a following node is gone',
    run: damaged('.ldb', cutInHalf),
  },
  {
    ...SNAPSHOTS,
    name: 'node-behind-a-snapshot',
    what: 'a node is away until the others have forgotten what it lacks: it catches up by a snapshot',
    run: movesNothing(async (scene) => {
      const node = await scene.follower();
      await node.kill();
      await decides(scene, 60);
      await returns(scene, node);
    }),
  },
  {
    ...PLAIN,
    name: 'disk-of-a-node-lost',
    what: 'a following node comes back with an empty directory: refused, until an operator says that it is a replacement',
    run: movesNothing(async (scene) => {
      const node = await scene.follower();
      await node.kill();
      rmSync(node.dataDirectory, { recursive: true });
      const refused = await node.start().then(
        () => eventually('it ends again', () => !node.isRunning(), 10_000).then(() => true),
        () => true,
      );
      if (!refused || node.isRunning()) throw new Error('a node that lost its disk takes part');
      await scene.acknowledges();
      if (existsSync(node.dataDirectory)) rmSync(node.dataDirectory, { recursive: true });
      await returns(scene, node, ['--rejoin']);
    }),
  },
  {
    ...RECORDED,
    name: 'all-nodes-lose-power',
    what: 'the power of all nodes is cut while they decide: only what was synced is left, and the tier knows all of it',
    usesUp: true,
    run: async (scene) => {
      const { epoch } = await scene.group();
      const { nodes } = scene.ground.tier;
      const processes = nodes.map((node) => tracedBy(node.pid()));
      const decisions = decideOnAndOn(scene);
      await pause(1_500);
      for (const id of processes) process.kill(id, 'SIGKILL');
      const decided = await decisions.stop();
      for (const node of nodes) await eventually(`${node.name} is gone`, () => !node.isRunning());
      for (const node of nodes) cutPower(scene, node);
      await Promise.all(nodes.map((node) => node.start()));
      for (const node of nodes) await scene.isCurrent(node);
      if (decided.length < 10) throw new Error(`only ${decided.length} decisions were taken`);
      for (const key of decided) {
        const { status } = await scene.ground.tier.call('GET', `/v1/key-values/${key}`);
        if (status !== 200) throw new Error(`a decision is gone: ${key}`);
      }
      await scene.keepsEpoch(epoch);
    },
  },
];
