/** Hands that meddle: a real Sentinel, commands given by hand, planned moves while something else goes wrong. */
import { eventually } from '../../support/eventually.ts';
import { startRedis } from '../../support/redis-server.ts';
import type { Fault, GroundSpec } from '../fault.ts';
import { pause, type Scene } from '../scene.ts';
import { ADMINISTRATOR } from '../specials.ts';

const PLAIN: GroundSpec = { layout: '2+1', policy: 'cross-idc', onShortage: 'degrade', special: 'plain' };
const ADMINISTERED: GroundSpec = { ...PLAIN, special: 'administrator' };

const moveTo = async (scene: Scene, to: string): Promise<void> => {
  const { status, body } = await scene.ground.tier.call('POST', '/v1/groups/orders/switchover', { to });
  if (status !== 202) throw new Error(`the planned move was refused: ${JSON.stringify(body)}`);
};

/** An operator at the server itself. */
async function byHand(scene: Scene, id: string, ...command: readonly [string, ...string[]]): Promise<string> {
  const client = scene.server(id).redis.client(ADMINISTRATOR);
  try {
    const [name, ...parameters] = command;
    return String(await client.call(name, ...parameters));
  } finally {
    client.disconnect();
  }
}

/** A planned move while something else happens: it is finished or given up, and nothing is lost either way. */
const moveWhile = (act: (scene: Scene) => Promise<void>) => async (scene: Scene) => {
  await moveTo(scene, 'orders-3');
  await act(scene);
  await eventually('the move is over, one way or the other', async () => {
    const { phase } = await scene.group();
    return phase.kind === 'active';
  });
  await scene.acknowledges();
};

export const OPERATORS: readonly Fault[] = [
  {
    ...PLAIN,
    name: 'planned-move-and-back',
    what: 'a planned move to the other IDC and back, under traffic, without any fault',
    run: async (scene) => {
      await moveTo(scene, 'orders-3');
      await scene.whole();
      await scene.acknowledges();
      await moveTo(scene, 'orders-1');
      await scene.whole();
    },
  },
  {
    ...PLAIN,
    name: 'leading-node-killed-in-a-planned-move',
    what: 'the leading node is killed right after a planned move has begun',
    run: moveWhile(async (scene) => {
      const leader = await scene.leader();
      await leader.kill();
      await scene.acknowledges();
      await leader.start();
    }),
  },
  {
    ...PLAIN,
    name: 'master-killed-in-a-planned-move',
    what: 'the master is killed right after a planned move has begun',
    run: moveWhile(async (scene) => {
      const { redis } = scene.server('orders-1');
      await redis.kill();
      await scene.acknowledges();
      await redis.start();
    }),
  },
  {
    ...PLAIN,
    name: 'target-killed-in-a-planned-move',
    what: 'the server that is to be the master is killed right after a planned move has begun',
    run: moveWhile(async (scene) => {
      const { redis } = scene.server('orders-3');
      await redis.kill();
      await scene.acknowledges();
      await redis.start();
    }),
  },
  {
    ...PLAIN,
    name: 'idcs-cut-in-a-planned-move',
    what: 'the IDCs are cut from each other right after a planned move has begun',
    run: moveWhile(async (scene) => {
      const cut = await scene.ground.sites.cut('idc-a', 'idc-b');
      await pause(3_000);
      await cut.heal();
    }),
  },
  {
    ...PLAIN,
    name: 'rogue-sentinel',
    what: 'three real Sentinels are pointed at the master, then it dies: they have no say, the failover is ours',
    run: async (scene) => {
      const { epoch } = await scene.group();
      const master = await scene.master();
      const [host = '', port = ''] = master.redis.address.split(':');
      const machine = await scene.ground.sites.host('idc-a', `sentinels-${epoch}`);
      const sentinels = [];
      for (let number = 0; number < 3; number += 1)
        sentinels.push(
          await startRedis({
            sentinel: true,
            machine,
            config: [
              `sentinel monitor orders ${host} ${port} 2`,
              'sentinel down-after-milliseconds orders 300',
              'sentinel failover-timeout orders 3000',
            ],
          }),
        );
      try {
        await pause(1_500);
        await scene.keepsEpoch(epoch);
        await master.redis.kill();
        await scene.failsOver(epoch);
        await scene.acknowledges();
        await master.redis.start();
        await scene.whole();
        await pause(1_500);
        const { epoch: now } = await scene.group();
        if (now !== epoch + 1) throw new Error(`another reign began: epoch ${now} after ${epoch}`);
      } finally {
        for (const sentinel of sentinels) await sentinel.stop();
      }
    },
  },
  {
    ...ADMINISTERED,
    name: 'slave-made-a-master-by-hand',
    what: 'an administrator says REPLICAOF NO ONE to a slave: it takes no writes, and is a slave again',
    run: async (scene) => {
      const { epoch } = await scene.group();
      await byHand(scene, 'orders-3', 'REPLICAOF', 'NO', 'ONE');
      const write = await byHand(scene, 'orders-3', 'SET', 'by-hand', 'yes').catch(String);
      if (!/NOREPLICAS|READONLY/.test(write)) throw new Error(`a second master takes writes: ${write}`);
      await pause(1_000);
      await scene.whole();
      await scene.keepsEpoch(epoch);
    },
  },
  {
    ...ADMINISTERED,
    name: 'master-made-a-slave-by-hand',
    what: 'an administrator says REPLICAOF to the master, naming a slave: an alert says so, and one word brings it back',
    run: async (scene) => {
      const { epoch } = await scene.group();
      const [host = '', port = ''] = scene.server('orders-3').redis.address.split(':');
      await byHand(scene, (await scene.master()).id, 'REPLICAOF', host, port);
      // Two that steer the same server would steer against each other for ever, so pollux holds until it is told.
      await scene.alerts(/as a slave: somebody else has steered it/);
      await scene.keepsEpoch(epoch);
      await scene.isToldToFailOver();
      await scene.failsOver(epoch);
      await scene.acknowledges();
    },
  },
  {
    ...ADMINISTERED,
    name: 'slave-sent-elsewhere-by-hand',
    what: 'an administrator has one slave follow another one: it is brought back below the master',
    run: async (scene) => {
      const { epoch } = await scene.group();
      const [host = '', port = ''] = scene.server('orders-3').redis.address.split(':');
      await byHand(scene, 'orders-2', 'REPLICAOF', host, port);
      await pause(1_000);
      await scene.whole();
      await scene.keepsEpoch(epoch);
    },
  },
];
