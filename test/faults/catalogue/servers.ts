/** Broker servers that die, stand still, come back empty, or run out of something. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { eventually } from '../../support/eventually.ts';
import type { Idc } from '../../support/ground.ts';
import type { Fault, GroundSpec } from '../fault.ts';
import { pause, type Scene } from '../scene.ts';

const run = promisify(execFile);

const PLAIN: GroundSpec = { layout: '2+1', policy: 'cross-idc', onShortage: 'degrade', special: 'plain' };
const WIDE: GroundSpec = { layout: '2+2', policy: 'cross-idc', onShortage: 'block', special: 'plain' };
const ANY_ONE: GroundSpec = { layout: '2+1', policy: 'any-one', onShortage: 'degrade', special: 'plain' };
const MAJORITY: GroundSpec = { layout: '2+2', policy: 'majority', onShortage: 'block', special: 'plain' };
const ALL: GroundSpec = { layout: '2+1', policy: 'all', onShortage: 'degrade', special: 'plain' };

const killsTheMaster = async (scene: Scene): Promise<void> => {
  const { epoch } = await scene.group();
  const master = await scene.master();
  await master.redis.kill();
  await scene.failsOver(epoch);
  await scene.acknowledges();
  await master.redis.start();
};

/** Open files that a process may have from now on; everything that it has stays open. */
const limitFiles = async (pid: number, most: number | null): Promise<void> => {
  await run('prlimit', ['--pid', String(pid), `--nofile=${most ?? 10_240}:`]);
};

const slaveKilled = (site: Idc, name: string, what: string): Fault => ({
  ...PLAIN,
  name,
  what,
  run: async (scene) => {
    const { epoch } = await scene.group();
    const slave = await scene.slaveAt(site);
    await slave.redis.kill();
    await scene.acknowledges();
    await slave.redis.start();
    await scene.whole();
    await scene.keepsEpoch(epoch);
  },
});

export const SERVERS: readonly Fault[] = [
  {
    ...PLAIN,
    name: 'master-killed',
    what: 'kill -9 of the master, which comes back empty after the failover',
    run: killsTheMaster,
  },
  { ...WIDE, name: 'master-killed-2+2', what: 'the same with two servers in each IDC', run: killsTheMaster },
  {
    ...ANY_ONE,
    name: 'master-killed-any-one',
    what: 'the same where one slave, wherever, is enough',
    run: killsTheMaster,
  },
  {
    ...MAJORITY,
    name: 'master-killed-majority',
    what: 'the same where a majority has to have it',
    run: killsTheMaster,
  },
  { ...ALL, name: 'master-killed-all', what: 'the same where all have to have it', run: killsTheMaster },
  {
    ...PLAIN,
    name: 'master-rebooted-empty-at-once',
    what: 'the master dies and is back, empty, long before it would be missed: it must not reign on',
    run: async (scene) => {
      const { epoch } = await scene.group();
      const master = await scene.master();
      await master.redis.kill();
      await master.redis.start();
      await scene.failsOver(epoch);
    },
  },
  {
    ...PLAIN,
    name: 'master-rebooted-empty-while-suspected',
    what: 'the master dies and is back, empty, in the middle of its failover',
    run: async (scene) => {
      const { epoch } = await scene.group();
      const master = await scene.master();
      await master.redis.kill();
      await pause(100);
      await master.redis.start();
      await scene.failsOver(epoch);
    },
  },
  {
    ...PLAIN,
    name: 'master-stopped-and-resumed',
    what: 'SIGSTOP of the master under traffic; it wakes up three seconds later with writes in its buffers',
    run: async (scene) => {
      const { epoch } = await scene.group();
      const master = await scene.master();
      master.redis.signal('SIGSTOP');
      try {
        await scene.failsOver(epoch);
        await scene.acknowledges();
        await pause(1_000);
      } finally {
        master.redis.signal('SIGCONT');
      }
    },
  },
  {
    ...PLAIN,
    name: 'master-stalls-below-detection',
    what: 'the master stands still for 400 ms, four times: too short to be replaced',
    run: async (scene) => {
      const { epoch } = await scene.group();
      const master = await scene.master();
      for (let turn = 0; turn < 4; turn += 1) {
        master.redis.signal('SIGSTOP');
        await pause(400);
        master.redis.signal('SIGCONT');
        await pause(400);
      }
      await scene.keepsEpoch(epoch);
    },
  },
  slaveKilled(
    'idc-a',
    'slave-of-the-same-idc-killed',
    'the slave beside the master dies; writes go on with the other one',
  ),
  slaveKilled(
    'idc-b',
    'slave-of-the-other-idc-killed',
    'the slave that has acknowledged every write dies; the policy is degraded until it is back',
  ),
  {
    ...PLAIN,
    name: 'slave-stopped-and-resumed',
    what: 'the slave in the other IDC stands still for three seconds',
    run: async (scene) => {
      const slave = await scene.slaveAt('idc-b');
      slave.redis.signal('SIGSTOP');
      await pause(3_000);
      slave.redis.signal('SIGCONT');
    },
  },
  {
    ...PLAIN,
    name: 'master-and-slave-killed-together',
    what: 'the master and the slave that acknowledged with it die at once; the only one left has everything',
    run: async (scene) => {
      const { epoch } = await scene.group();
      const master = await scene.master();
      const slave = await scene.slaveAt('idc-b');
      await Promise.all([master.redis.kill(), slave.redis.kill()]);
      await scene.failsOver(epoch);
      await scene.acknowledges();
      await Promise.all([master.redis.start(), slave.redis.start()]);
    },
  },
  {
    ...PLAIN,
    name: 'candidate-killed-in-the-failover',
    what: 'the master dies, and the slave beside it, which would be promoted, 20 ms later',
    run: async (scene) => {
      const { epoch } = await scene.group();
      const master = await scene.master();
      const slave = await scene.slaveAt('idc-a');
      await master.redis.kill();
      await pause(20);
      await slave.redis.kill();
      await scene.failsOver(epoch);
      await scene.acknowledges();
      await Promise.all([master.redis.start(), slave.redis.start()]);
      await scene.whole();
    },
  },
  {
    ...PLAIN,
    name: 'old-master-killed-on-its-return',
    what: 'the old master is killed again a moment after it came back, twice',
    run: async (scene) => {
      const { epoch } = await scene.group();
      const master = await scene.master();
      await master.redis.kill();
      await scene.failsOver(epoch);
      for (let turn = 0; turn < 2; turn += 1) {
        await master.redis.start();
        await pause(300);
        await master.redis.kill();
      }
      await scene.acknowledges();
      await master.redis.start();
    },
  },
  {
    ...PLAIN,
    name: 'two-failovers-in-a-row',
    what: 'the new master is killed as soon as the group is whole again',
    run: async (scene) => {
      await killsTheMaster(scene);
      await scene.whole();
      await killsTheMaster(scene);
    },
  },
  {
    ...PLAIN,
    name: 'idc-a-loses-power',
    what: 'every process in the IDC of the master is killed at once, its node, too',
    run: async (scene) => {
      const { epoch } = await scene.group();
      const node = scene.nodeAt('idc-a');
      const servers = ['orders-1', 'orders-2'].map((id) => scene.server(id).redis);
      await Promise.all([node.kill(), ...servers.map((redis) => redis.kill())]);
      await scene.failsOver(epoch);
      await scene.acknowledges(30, ['idc-b']);
      await Promise.all([node.start(), ...servers.map((redis) => redis.start())]);
      await scene.isCurrent(node);
    },
  },
  {
    ...PLAIN,
    name: 'idc-b-loses-power',
    what: 'every process in the other IDC is killed at once, its node, too',
    run: async (scene) => {
      const { epoch } = await scene.group();
      const node = scene.nodeAt('idc-b');
      const { redis } = scene.server('orders-3');
      await Promise.all([node.kill(), redis.kill()]);
      await scene.acknowledges(30, ['idc-a']);
      await Promise.all([node.start(), redis.start()]);
      await scene.isCurrent(node);
      await scene.whole();
      await scene.keepsEpoch(epoch);
    },
  },
  {
    ...WIDE,
    name: 'slow-full-sync-in-a-failover',
    what: 'a slave comes back empty over a link of 4 Mbit/s; the master dies while it still lacks most of the data',
    run: async (scene) => {
      const { epoch } = await scene.group();
      const master = await scene.master();
      await fill(scene, 12);
      const slave = scene.server('orders-4');
      await slave.redis.kill();
      await scene.ground.sites.narrow('orders-4', 4_000);
      await slave.redis.start();
      await eventually('the slave is being filled', async () => {
        const { replicas } = await scene.group();
        return replicas.find(({ id }) => id === 'orders-4')?.role === 'outside';
      });
      await pause(1_000);
      await master.redis.kill();
      await scene.failsOver(epoch);
      if ((await scene.master()).id === 'orders-4') throw new Error('half a copy was promoted');
      await scene.ground.sites.heal();
      await master.redis.start();
    },
  },
  {
    ...ANY_ONE,
    name: 'lagging-preferred-slave',
    what: 'the slave beside the master, which ties prefer, lags behind; when the master dies the other one is promoted',
    run: async (scene) => {
      const { epoch } = await scene.group();
      const master = await scene.master();
      const near = await scene.slaveAt('idc-a');
      await scene.ground.sites.cut(master.id, near.id);
      await scene.acknowledges();
      await pause(300);
      await master.redis.kill();
      const next = await scene.failsOver(epoch);
      if (next.id === near.id) throw new Error('the slave that lacks acknowledged writes was promoted');
      await scene.ground.sites.heal();
      await master.redis.start();
    },
  },
  {
    ...PLAIN,
    name: 'master-out-of-file-descriptors',
    what: 'the master can open no more files or connections; those that it has go on, so it is not replaced',
    run: async (scene) => {
      const { epoch } = await scene.group();
      const { redis } = await scene.master();
      await limitFiles(redis.pid(), 3);
      await pause(3_000);
      await scene.acknowledges();
      await limitFiles(redis.pid(), null);
      await scene.keepsEpoch(epoch);
    },
  },
  {
    ...PLAIN,
    name: 'master-changes-its-address',
    what: 'the host of the master gets another address: it is replaced, and is back once it has the declared one again',
    run: async (scene) => {
      const { epoch } = await scene.group();
      const master = await scene.master();
      const { sites } = scene.ground;
      const declared = master.redis.address.split(':')[0] ?? '';
      await sites.moveTo(master.id, sites.freeAddress());
      try {
        await scene.failsOver(epoch);
        await scene.acknowledges();
      } finally {
        await sites.moveTo(master.id, declared);
      }
    },
  },
  {
    ...PLAIN,
    name: 'slave-changes-its-address',
    what: 'the host of a slave gets another address, and later the declared one again',
    run: async (scene) => {
      const { epoch } = await scene.group();
      const slave = await scene.slaveAt('idc-b');
      const { sites } = scene.ground;
      const declared = slave.redis.address.split(':')[0] ?? '';
      await sites.moveTo(slave.id, sites.freeAddress());
      await scene.acknowledges();
      await sites.moveTo(slave.id, declared);
      await scene.whole();
      await scene.keepsEpoch(epoch);
    },
  },
];

/** Gives the servers so many megabytes to copy. */
async function fill(scene: Scene, megabytes: number): Promise<void> {
  const { redis } = await scene.master();
  const client = redis.client();
  for (let number = 0; number < megabytes; number += 1)
    await client.set(`ballast-${number}`, Buffer.alloc(1_000_000, number));
  client.disconnect();
}
