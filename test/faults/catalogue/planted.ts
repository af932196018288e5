/**
 * Faults that no tier could survive, because the harness itself plays against it. They are not part of the catalogue:
 * a test tries them, and their rows have to be red.
 */
import { streamKey } from '../../../src/sdk/stream-key.ts';
import { TOPIC } from '../../support/ground.ts';
import type { Fault } from '../fault.ts';

export const PLANTED: readonly Fault[] = [
  {
    name: 'planted-loss',
    what: 'acknowledged writes are deleted behind the back of everybody',
    layout: '2+1',
    policy: 'cross-idc',
    onShortage: 'degrade',
    special: 'plain',
    usesUp: true,
    run: async (scene) => {
      await scene.acknowledges(50);
      const client = (await scene.master()).redis.client();
      for (let queue = 0; queue < 4; queue += 1) {
        const key = streamKey('default', TOPIC, queue);
        const newest = await client.xrevrange(key, '+', '-', 'COUNT', 5);
        for (const [id] of newest) await client.xdel(key, id);
      }
      client.disconnect();
    },
  },
  {
    name: 'planted-outage',
    what: 'the group never comes back: the master and both slaves are gone, and so is the way to them',
    layout: '2+1',
    policy: 'cross-idc',
    onShortage: 'block',
    special: 'plain',
    usesUp: true,
    run: async (scene) => {
      for (const id of ['orders-2', 'orders-3'])
        await scene.ground.sites.moveTo(id, scene.ground.sites.freeAddress());
    },
  },
];
