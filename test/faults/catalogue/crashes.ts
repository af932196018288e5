/**
 * The leading node dies right after each phase of a failover, at each of the three sites: 33 faults that differ in
 * nothing but those two words. The master is killed, the leader dies at the line of its log, or the event, that says
 * that the phase is over; another node takes over, the failover is finished, and both come back.
 */
import { request } from 'node:http';
import { eventually } from '../../support/eventually.ts';
import type { TierNode } from '../../support/tier.ts';
import { armCrash } from '../crash-trigger.ts';
import { type Fault, MissedError } from '../fault.ts';
import type { Scene, Site } from '../scene.ts';

type Step = {
  readonly name: string;
  /** The leader dies at the last of these lines, or events. */
  readonly lines: (master: string) => readonly RegExp[];
  /** The leader dies only once the old master has been started again. */
  readonly afterReturn?: boolean;
};

const event = (name: string): RegExp => new RegExp(`"event":"${name}"`);
const steered = (action: string, replica: string): RegExp =>
  new RegExp(`"replica":"${replica}".*"action":"${action}".*"msg":"steered"`);

const STEPS: readonly Step[] = [
  { name: 'suspect', lines: () => [event('master.suspected')] },
  { name: 'confirm', lines: () => [/"verdict":"dead".*"msg":"master.judged"/] },
  { name: 'fencing', lines: () => [event('group.fencing')] },
  { name: 'revoke', lines: (master) => [steered('revoke', `(?!${master}")[^"]+`)] },
  { name: 'collect', lines: () => [event('failover.promoting')] },
  { name: 'promoting', lines: () => [event('group.promoting')] },
  { name: 'promote', lines: () => [steered('promote', '[^"]+')] },
  { name: 'active', lines: () => [event('group.active')] },
  { name: 'publish', lines: () => [event('group.active'), /^id: \d+\nevent: routesChanged\n/] },
  { name: 'reattach', lines: (master) => [steered('attach', `(?!${master}")[^"]+`)] },
  { name: 'return', lines: (master) => [steered('attach', master)], afterReturn: true },
];

const SITES: readonly Site[] = ['idc-a', 'idc-b', 'witness'];

export const CRASHES: readonly Fault[] = STEPS.flatMap((step) =>
  SITES.map(
    (site): Fault => ({
      name: `leader-dies-after-${step.name}-${site}`,
      what: `the leading node, at ${site}, is killed right after the phase "${step.name}" of a failover`,
      layout: '2+1',
      policy: 'cross-idc',
      onShortage: 'degrade',
      special: 'crashable',
      run: (scene) => crash(scene, step, site),
    }),
  ),
);

/** The phase has to come by then, or the crash was missed. */
const CRASH_WITHIN_MS = 15_000;

async function crash(scene: Scene, step: Step, site: Site): Promise<void> {
  const leader = await scene.leads(site);
  await scene.whole();
  await scene.acknowledges();
  const master = await scene.master();
  const { epoch } = await scene.group();
  const reader = await readEvents(leader, scene.ground.tier.token);
  try {
    if (step.afterReturn !== true) {
      const trigger = armCrash(leader.configFile, step.lines(master.id));
      await master.redis.kill();
      await dies(leader, trigger);
      await scene.failsOver(epoch);
      await scene.acknowledges();
      await master.redis.start();
    } else {
      await master.redis.kill();
      await scene.failsOver(epoch);
      await scene.acknowledges();
      const trigger = armCrash(leader.configFile, step.lines(master.id));
      await master.redis.start();
      await dies(leader, trigger);
      await scene.acknowledges();
    }
  } finally {
    reader.close();
  }
  await leader.start();
  await scene.isCurrent(leader);
}

async function dies(leader: TierNode, trigger: ReturnType<typeof armCrash>): Promise<void> {
  try {
    await eventually('the leading node dies', () => !leader.isRunning(), CRASH_WITHIN_MS);
  } catch {
    trigger.disarm();
    throw new MissedError('the leading node did not come to the phase after which it was to die');
  }
  if (!trigger.wentOff()) throw new MissedError('the leading node died of something else');
}

/** Somebody has to read the events, for one of the phases is over when they were published. */
function readEvents(node: TierNode, token: string): Promise<{ close(): void }> {
  return new Promise((done, fail) => {
    const asking = request(
      `${node.httpUrl}/v1/events`,
      { headers: { authorization: `Bearer ${token}` } },
      (response) => {
        response.on('error', () => undefined).resume();
        done({ close: () => asking.destroy() });
      },
    );
    asking.on('error', fail).end();
  });
}
