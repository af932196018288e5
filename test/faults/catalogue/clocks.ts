/**
 * Clocks that jump and drift, of one process at a time, through libfaketime: wall and monotonic clock together, as a
 * machine's clocks do when it was suspended or its hypervisor errs. Clocks that stand still are stalls (nodes.ts).
 */
import type { Fault, GroundSpec } from '../fault.ts';
import { pause, type Scene } from '../scene.ts';
import { setClock } from '../specials.ts';

const CLOCKS: GroundSpec = { layout: '2+1', policy: 'cross-idc', onShortage: 'degrade', special: 'clocks' };

const HOUR_S = 3_600;
/** Long enough for leases, elections and detection to go wrong if they were to. */
const UNDER_IT_MS = 2_500;

type Whose = 'leader' | 'follower' | 'master' | 'slave';

const nameOf = async (scene: Scene, whose: Whose): Promise<string> => {
  if (whose === 'leader') return (await scene.leader()).name;
  if (whose === 'follower') return (await scene.follower()).name;
  return whose === 'master' ? (await scene.master()).id : (await scene.slaveAt('idc-b')).id;
};

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
    what: 'the clocks of the leading node jump an hour ahead, and back again',
    run: clockGoes('leader', `+${HOUR_S}`),
  },
  {
    ...CLOCKS,
    name: 'clock-of-a-following-node-jumps-ahead',
    what: 'the clocks of a following node jump an hour ahead, and back again',
    run: clockGoes('follower', `+${HOUR_S}`),
  },
  {
    ...CLOCKS,
    name: 'clock-of-the-leading-node-drifts',
    what: 'the clocks of the leading node go 5% fast',
    run: clockGoes('leader', '+0 x1.05'),
  },
  {
    ...CLOCKS,
    name: 'clock-of-the-master-jumps-ahead',
    what: 'the clock of the master jumps a minute ahead, and back again',
    run: clockGoes('master', '+60'),
    usesUp: true,
  },
  {
    ...CLOCKS,
    name: 'clock-of-the-leading-node-jumps-in-a-failover',
    what: 'the clocks of the leading node jump ten seconds ahead 100 ms after the master died',
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
