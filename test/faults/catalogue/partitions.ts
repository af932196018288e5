/** Networks that are cut: which ends, which ports, for how long, and what has to come of it. */

import type { Fault, GroundSpec } from '../fault.ts';
import { clientHost } from '../fault-ground.ts';
import { pause, type Scene } from '../scene.ts';
import { slowDown } from '../slow-link.ts';

const PLAIN: GroundSpec = { layout: '2+1', policy: 'cross-idc', onShortage: 'degrade', special: 'plain' };
const WIDE: GroundSpec = { layout: '2+2', policy: 'cross-idc', onShortage: 'block', special: 'plain' };

/** Longer than it takes to suspect, to confirm and to fail over. */
const LONG_MS = 3_500;

const nodePorts = (scene: Scene): readonly number[] =>
  scene.ground.tier.nodes.map(({ peerPort }) => peerPort);

/** Whatever was cut is cut for so long; nothing else is done. */
const cutFor = (ms: number, cut: (scene: Scene) => Promise<unknown>) => async (scene: Scene) => {
  await cut(scene);
  await pause(ms);
  await scene.ground.sites.heal();
};

/** The group has another master while the cut lasts, and the IDC that is named writes again before it heals. */
const failsOverTo =
  (writing: 'idc-a' | 'idc-b', cut: (scene: Scene) => Promise<unknown>) => async (scene: Scene) => {
    const { epoch } = await scene.group();
    await cut(scene);
    await scene.failsOver(epoch);
    await scene.acknowledges(30, [writing]);
    await scene.ground.sites.heal();
  };

/** No failover takes place, while the cut lasts and after it. */
const keepsItsMaster = (ms: number, cut: (scene: Scene) => Promise<unknown>) => async (scene: Scene) => {
  const { epoch } = await scene.group();
  await cut(scene);
  await pause(ms);
  await scene.keepsEpoch(epoch);
  await scene.ground.sites.heal();
  await scene.whole();
  await scene.keepsEpoch(epoch);
};

export const PARTITIONS: readonly Fault[] = [
  {
    ...PLAIN,
    name: 'idc-a-cut-off',
    what: 'the IDC of the master, with its node and applications, is cut off; the other IDC takes over and writes',
    run: failsOverTo('idc-b', ({ ground: { sites } }) => sites.cut('idc-a', ['idc-b', 'witness'])),
  },
  {
    ...WIDE,
    name: 'idc-a-cut-off-2+2',
    what: 'the same with two servers in each IDC and a policy that blocks: two IDCs cannot be had, so nothing is acknowledged',
    run: async (scene) => {
      const { epoch } = await scene.group();
      await scene.ground.sites.cut('idc-a', ['idc-b', 'witness']);
      await scene.failsOver(epoch);
      await pause(1_000);
      await scene.ground.sites.heal();
    },
  },
  {
    ...PLAIN,
    name: 'idc-b-cut-off',
    what: 'the other IDC is cut off; the master stays, and the policy is degraded until it is back',
    run: async (scene) => {
      const { epoch } = await scene.group();
      await scene.ground.sites.cut('idc-b', ['idc-a', 'witness']);
      await scene.acknowledges(30, ['idc-a']);
      await scene.keepsEpoch(epoch);
      await scene.ground.sites.heal();
    },
  },
  {
    ...PLAIN,
    name: 'idcs-cut-from-each-other',
    what: 'the two IDCs cannot reach each other, the witness reaches both',
    run: cutFor(LONG_MS, ({ ground: { sites } }) => sites.cut('idc-a', 'idc-b')),
  },
  {
    ...PLAIN,
    name: 'witness-cut-off',
    what: 'the witness is cut off: nothing happens',
    run: keepsItsMaster(LONG_MS, ({ ground: { sites } }) => sites.cut('witness', ['idc-a', 'idc-b'])),
  },
  {
    ...PLAIN,
    name: 'one-way-from-idc-a',
    what: 'nothing that the IDC of the master sends arrives anywhere; it hears the others',
    run: cutFor(LONG_MS, ({ ground: { sites } }) =>
      sites.cut('idc-a', ['idc-b', 'witness'], { oneWay: true }),
    ),
  },
  {
    ...PLAIN,
    name: 'one-way-to-idc-a',
    what: 'nothing arrives at the IDC of the master; the others hear it',
    run: cutFor(LONG_MS, ({ ground: { sites } }) =>
      sites.cut(['idc-b', 'witness'], 'idc-a', { oneWay: true }),
    ),
  },
  {
    ...PLAIN,
    name: 'nodes-cut-from-each-other',
    what: 'no node reaches another one, all reach all brokers: no leader, so nothing is moved, and writes go on',
    run: async (scene) => {
      const { epoch } = await scene.group();
      const { sites, tier } = scene.ground;
      const [a, b, w] = tier.nodes.map(({ name }) => name);
      for (const [one, other] of [
        [a, b],
        [b, w],
        [w, a],
      ] as const)
        await sites.cut(one ?? '', other ?? '', { port: nodePorts(scene) });
      await pause(1_000);
      await scene.acknowledges();
      await pause(1_500);
      await sites.heal();
      await scene.leader();
      await scene.keepsEpoch(epoch);
    },
  },
  {
    ...PLAIN,
    name: 'leading-node-cut-from-nodes',
    what: 'the leading node reaches brokers, but no other node: another one leads, the master stays',
    run: async (scene) => {
      const { epoch } = await scene.group();
      const leader = await scene.leader();
      const others = scene.ground.tier.nodes.filter(({ name }) => name !== leader.name);
      await scene.ground.sites.cut(
        leader.name,
        others.map(({ name }) => name),
      );
      await pause(LONG_MS);
      await scene.acknowledges();
      await scene.ground.sites.heal();
      await scene.keepsEpoch(epoch);
    },
  },
  {
    ...PLAIN,
    name: 'leading-node-cut-from-everything',
    what: 'the leading node is alone: another one leads, the master stays',
    run: keepsItsMaster(LONG_MS, async (scene) => {
      const { name } = await scene.leader();
      return scene.ground.sites.cut(name, ['idc-a', 'idc-b', 'witness']);
    }),
  },
  {
    ...PLAIN,
    name: 'leading-node-cut-from-brokers',
    what: 'the leading node reaches nodes, but no broker: it accuses nobody',
    run: keepsItsMaster(LONG_MS, async (scene) => {
      const { name } = await scene.leader();
      return scene.ground.sites.cut(name, ['orders-1', 'orders-2', 'orders-3']);
    }),
  },
  {
    ...PLAIN,
    name: 'all-nodes-cut-from-the-master',
    what: 'no node reaches the master, its slaves and applications do: it is held, not replaced',
    run: keepsItsMaster(LONG_MS, async (scene) => {
      const { id } = await scene.master();
      return scene.ground.sites.cut(
        id,
        scene.ground.tier.nodes.map(({ name }) => name),
      );
    }),
  },
  {
    ...PLAIN,
    name: 'replication-cut-between-idcs',
    what: 'the master does not reach its slave in the other IDC, everybody else does: the slave leaves, and comes back',
    run: async (scene) => {
      const { epoch } = await scene.group();
      await scene.ground.sites.cut((await scene.master()).id, (await scene.slaveAt('idc-b')).id);
      await scene.acknowledges(30, ['idc-a', 'idc-b']);
      await scene.ground.sites.heal();
      await scene.keepsEpoch(epoch);
    },
  },
  {
    ...PLAIN,
    name: 'replication-cut-between-idcs-for-long',
    what: 'the same for 12 s: the slave is let in below another one again and again, which must not hold up writes each time',
    run: async (scene) => {
      const { epoch } = await scene.group();
      await scene.ground.sites.cut((await scene.master()).id, (await scene.slaveAt('idc-b')).id);
      const before = scene.acknowledgedAt('idc-a');
      await pause(12_000);
      const during = scene.acknowledgedAt('idc-a') - before;
      if (during < 400) throw new Error(`only ${during} writes were acknowledged in 12 s`);
      await scene.ground.sites.heal();
      await scene.keepsEpoch(epoch);
    },
  },
  {
    ...PLAIN,
    name: 'replication-cut-altogether',
    what: 'the master reaches none of its slaves; nodes and applications reach it',
    run: cutFor(LONG_MS, async (scene) => {
      const slaves = await scene.slaves();
      return scene.ground.sites.cut(
        (await scene.master()).id,
        slaves.map(({ id }) => id),
      );
    }),
  },
  {
    ...PLAIN,
    name: 'applications-of-idc-a-cut-off',
    what: 'applications of one IDC reach nothing: no failover, and the other IDC writes on',
    run: async (scene) => {
      const { epoch } = await scene.group();
      await scene.ground.sites.cut(clientHost('idc-a'), ['idc-a', 'idc-b', 'witness']);
      await pause(2_000);
      await scene.acknowledges(30, ['idc-b']);
      await scene.ground.sites.heal();
      await scene.keepsEpoch(epoch);
    },
  },
  {
    ...PLAIN,
    name: 'applications-of-idc-b-cut-from-nodes-in-a-failover',
    what: 'applications cannot ask any node while the master dies, and find the new one once they can',
    run: async (scene) => {
      const { epoch } = await scene.group();
      const { sites, tier } = scene.ground;
      const master = await scene.master();
      await sites.cut(
        clientHost('idc-b'),
        tier.nodes.map(({ name }) => name),
      );
      await master.redis.kill();
      await scene.failsOver(epoch);
      await scene.acknowledges(30, ['idc-a']);
      await sites.heal();
      await scene.acknowledges(30, ['idc-b']);
      await master.redis.start();
    },
  },
  {
    ...PLAIN,
    name: 'master-cut-off-with-its-applications',
    what: 'the master and the applications of its IDC are alone together: none of their writes is acknowledged any more',
    run: async (scene) => {
      const { epoch } = await scene.group();
      const { id } = await scene.master();
      const alone = [id, clientHost('idc-a')];
      const others = ['orders-1', 'orders-2', 'orders-3'].filter((one) => one !== id);
      const rest = [...others, clientHost('idc-b'), ...scene.ground.tier.nodes.map(({ name }) => name)];
      await scene.ground.sites.cut(alone, rest);
      await scene.failsOver(epoch);
      await scene.acknowledges(30, ['idc-b']);
      const before = scene.acknowledgedAt('idc-a');
      await pause(1_000);
      if (scene.acknowledgedAt('idc-a') > before) throw new Error('the old master still acknowledges');
      await scene.ground.sites.heal();
    },
  },
  {
    ...PLAIN,
    name: 'overlapping-cuts',
    what: 'the IDCs are cut from each other; before that heals, the witness is cut from the other IDC as well',
    run: async ({ ground: { sites } }) => {
      const first = await sites.cut('idc-a', 'idc-b');
      await pause(1_500);
      const second = await sites.cut('idc-b', 'witness');
      await pause(1_500);
      await first.heal();
      await pause(1_500);
      await second.heal();
    },
  },
  {
    ...PLAIN,
    name: 'flapping-link-between-idcs',
    what: 'the way between the IDCs comes and goes every 300 ms',
    run: async ({ ground: { sites } }) => {
      for (let turn = 0; turn < 6; turn += 1) {
        const cut = await sites.cut('idc-a', 'idc-b');
        await pause(300);
        await cut.heal();
        await pause(300);
      }
    },
  },
  {
    ...PLAIN,
    name: 'half-of-the-packets-lost-between-idcs',
    what: 'every second packet between the IDCs is lost',
    run: cutFor(5_000, ({ ground: { sites } }) => sites.cut('idc-a', 'idc-b', { lossPercent: 50 })),
  },
  {
    ...PLAIN,
    name: 'half-of-the-packets-lost-at-the-witness',
    what: 'every second packet from and to the witness is lost: the master stays',
    run: keepsItsMaster(4_000, ({ ground: { sites } }) =>
      sites.cut('witness', ['idc-a', 'idc-b'], { lossPercent: 50 }),
    ),
  },
  {
    ...PLAIN,
    name: 'master-killed-while-half-of-the-packets-are-lost',
    what: 'the master dies while every second packet between the sites is lost',
    run: async (scene) => {
      const { epoch } = await scene.group();
      const master = await scene.master();
      const { sites } = scene.ground;
      await sites.cut('idc-a', ['idc-b', 'witness'], { lossPercent: 50 });
      await pause(1_000);
      await master.redis.kill();
      await pause(3_000);
      await sites.heal();
      await scene.failsOver(epoch);
      await master.redis.start();
    },
  },
  {
    ...PLAIN,
    name: 'delay-between-sites',
    what: 'everything between the sites takes 75 ms, give or take 50: writes become slower, nothing is lost',
    run: async (scene) => {
      const slow = await slowDown(scene.ground);
      try {
        await pause(LONG_MS);
        await scene.acknowledges();
      } finally {
        await slow.heal();
      }
    },
  },
  {
    ...PLAIN,
    name: 'master-killed-while-sites-are-far-apart',
    what: 'the master dies while everything between the sites takes 75 ms, give or take 50',
    run: async (scene) => {
      const slow = await slowDown(scene.ground);
      try {
        await pause(1_500);
        await scene.acknowledges();
        const { epoch } = await scene.group();
        const master = await scene.master();
        await master.redis.kill();
        await scene.failsOver(epoch);
        await scene.acknowledges();
        await master.redis.start();
        await scene.whole();
      } finally {
        await slow.heal();
      }
    },
  },
  {
    ...PLAIN,
    name: 'narrow-link-between-idcs',
    what: 'the other IDC is reached at 2 Mbit/s: writes become slower, the master stays',
    run: async (scene) => {
      const { epoch } = await scene.group();
      const { sites } = scene.ground;
      for (const host of ['orders-3', clientHost('idc-b'), scene.nodeAt('idc-b').name])
        await sites.narrow(host, 2_000);
      await pause(LONG_MS);
      await scene.acknowledges();
      await scene.keepsEpoch(epoch);
      await sites.heal();
    },
  },
];
