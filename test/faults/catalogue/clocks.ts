/**
 * Wall clocks that jump and clocks that drift, through libfaketime. Only of nodes: a Redis server's allocator does not
 * start under that library. Clocks that stand still are stalls (nodes.ts).
 */
import type { Fault, GroundSpec } from '../fault.ts';
import { pause, type Scene } from '../scene.ts';
import { setClock } from '../specials.ts';

const CLOCKS: GroundSpec = { layout: '2+1', policy: 'cross-idc', onShortage: 'degrade', special: 'clocks' };

const DRIFTING: GroundSpec = { ...CLOCKS, special: 'drifting' };

const HOUR_S = 3_600;
/** Long enough for leases, elections and detection to go wrong if they were to. */
const UNDER_IT_MS = 2_500;

type Whose = 'leader' | 'follower';

const nameOf = async (scene: Scene, whose: Whose): Promise<string> => (await scene[whose]()).name;

/** The clock is set while everything runs, and set right again; no failover takes place for it. */
const clockGoes = (whose: Whose, offset: string) => async (scene: Scene) => {
  const { epoch } = await scene.group();
  const name = await nameOf(scene, whose);
  setClock(scene.ground.scratch, name, offset);
  await pause(UNDER_IT_MS);
  await scene.acknowledges();
  await scene.keepsEpoch(epoch);
  setClock(scene.ground.scratch, name, '+0');
  await pause(UNDER_IT_MS);
  await scene.keepsEpoch(epoch);
};

export const CLOCK_FAULTS: readonly Fault[] = [
  {
    ...CLOCKS,
    name: 'clock-of-the-leading-node-jumps-ahead',
    what: 'the wall clock of the leading node jumps an hour ahead, and back again',
    run: clockGoes('leader', `+${HOUR_S}`),
  },
  {
    ...CLOCKS,
    name: 'clock-of-a-following-node-jumps-ahead',
    what: 'the wall clock of a following node jumps an hour ahead, and back again',
    run: clockGoes('follower', `+${HOUR_S}`),
  },
  {
    ...CLOCKS,
    name: 'clock-of-the-leading-node-jumps-back',
    what: 'the wall clock of the leading node jumps an hour back, and ahead again',
    run: clockGoes('leader', `-${HOUR_S}`),
  },
  {
    ...DRIFTING,
    name: 'clocks-of-nodes-drift',
    what: 'clocks of nodes go 4% fast and 4% slow all the time: leases hold, nobody is accused',
    run: async (scene) => {
      const { epoch } = await scene.group();
      await pause(UNDER_IT_MS);
      await scene.keepsEpoch(epoch);
      await scene.acknowledges();
    },
  },
  {
    ...DRIFTING,
    name: 'master-killed-while-clocks-drift',
    what: 'the master dies while clocks of nodes go 4% fast and 4% slow',
    run: async (scene) => {
      const { epoch } = await scene.group();
      const master = await scene.master();
      await master.redis.kill();
      await scene.failsOver(epoch);
      await scene.acknowledges();
      await master.redis.start();
    },
  },
  {
    ...CLOCKS,
    name: 'clocks-of-all-nodes-jump-apart',
    what: 'the wall clocks of two nodes jump, one ahead by a minute, one by an hour, and back again',
    run: async (scene) => {
      await Promise.all([clockGoes('leader', '+60')(scene), clockGoes('follower', `+${HOUR_S}`)(scene)]);
    },
  },
  {
    ...CLOCKS,
    name: 'clock-of-the-leading-node-jumps-in-a-failover',
    what: 'the wall clock of the leading node jumps ten seconds ahead 100 ms after the master died',
    run: async (scene) => {
      const { epoch } = await scene.group();
      const master = await scene.master();
      const leader = await scene.leader();
      await master.redis.kill();
      await pause(100);
      setClock(scene.ground.scratch, leader.name, '+10');
      await scene.failsOver(epoch);
      await scene.acknowledges();
      await master.redis.start();
      await scene.whole();
      setClock(scene.ground.scratch, leader.name, '+0');
    },
  },
];
