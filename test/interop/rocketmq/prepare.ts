/** Makes the ground (`ground.ts`) on a tier: brokers and programs started side by side, as few at a time as there are cores. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { eventually } from '../../support/eventually.ts';
import { createSites, type Sites } from '../../support/sites.ts';
import { Agent } from './agent.ts';
import { Broker, type BrokerTimes } from './broker.ts';
import {
  CLIENT_IDC,
  CLUSTER,
  type Idc,
  type RocketmqGround,
  type RocketmqTier,
  SETS,
  type SetPlan,
  type SetState,
} from './ground.ts';
import { type Jars, VERSIONS } from './jars.ts';

const WHOLE_TIMEOUT_MS = 60_000;

const replicaSchema = z.object({ brokerId: z.int(), brokerAddress: z.string() });
const stateSchema = z.object({
  replicasInfoTable: z.record(
    z.string(),
    z.object({
      masterBrokerId: z.int().nullish(),
      masterAddress: z.string().nullish(),
      masterEpoch: z.int(),
      inSyncReplicas: z.array(replicaSchema),
      notInSyncReplicas: z.array(replicaSchema),
    }),
  ),
});
const controllerSchema = z.object({ controllerLeaderAddress: z.string().nullish() });
const routeSchema = z.object({
  brokerDatas: z.array(z.object({ brokerName: z.string(), brokerAddrs: z.record(z.string(), z.string()) })),
});

export type TierStarter = (sites: Sites, directory: string) => Promise<RocketmqTier>;

export type GroundOptions = {
  /** What the processes wrote stays where it is. */
  readonly keep?: boolean;
  readonly sets?: readonly SetPlan[];
  /** Times of brokers: shorter than they come with, or as they come. */
  readonly times?: BrokerTimes;
};

export async function prepareGround(
  jars: Jars,
  startTier: TierStarter,
  progress: (line: string) => void,
  { sets = SETS, times = 'short', keep = false }: GroundOptions = {},
): Promise<RocketmqGround> {
  const sites = await createSites();
  const directory = mkdtempSync(join(tmpdir(), 'pollux-rocketmq-'));
  const opened: { close(): Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    for (const one of opened.toReversed()) await one.close();
    await sites.close();
    if (keep) progress(`kept: ${directory}`);
    else rmSync(directory, { recursive: true, force: true });
  };
  try {
    const tier = await startTier(sites, directory);
    opened.push(tier);
    progress(tier.what);
    const nameServers = tier.nodes.map((node) => node.nameServer).join(';');
    const controllers = tier.nodes.map((node) => node.controller).join(';');
    const brokers: Broker[] = [];
    opened.push({
      close: async () => {
        await Promise.all(brokers.map((broker) => broker.kill()));
      },
    });
    for (const { name: set, version, idcs } of sets)
      for (const [position, idc] of idcs.entries()) {
        const host = await sites.host(idc, `${set}-${position + 1}`);
        const place = { set, idc, version, nameServers, controllers, times };
        brokers.push(new Broker(host, place, jars, directory));
      }
    const agentAt = async (idc: Idc, version: string): Promise<Agent> => {
      const host = await sites.host(idc, `client-${idc}`);
      return Agent.start(host, { jars, version, nameServers, directory, zone: idc });
    };
    // The first of each set first: it is the one that becomes the master.
    const ofSets = sets.map(({ name }) => brokers.filter(({ place }) => place.set === name));
    const [older, newest] = await Promise.all([
      agentAt('idc-a', VERSIONS.older),
      agentAt('idc-b', VERSIONS.newest),
      ...ofSets.map(([first]) => first?.start()),
    ]);
    const agents = { 'idc-a': older, 'idc-b': newest };
    await Promise.all(ofSets.flatMap(([, ...others]) => others.map((broker) => broker.start())));
    progress(`${brokers.length} brokers in ${sets.length} broker sets`);
    const ground = conductOf({ sites, jars, directory, tier, sets, brokers, agents }, close);
    await ground.settle();
    return ground;
  } catch (error) {
    await close();
    throw error;
  }
}

function conductOf(
  {
    sites,
    jars,
    directory,
    tier,
    sets,
    brokers,
    agents,
  }: Pick<RocketmqGround, 'sites' | 'jars' | 'directory' | 'tier' | 'sets' | 'brokers' | 'agents'>,
  close: () => Promise<void>,
): RocketmqGround {
  const looking = agents[CLIENT_IDC];
  const controllers = (): readonly string[] =>
    tier.nodes.filter((node) => node.isRunning()).map(({ controller }) => controller);
  /** The first answer of a node that runs. */
  const asked = async (command: string, ...words: readonly string[]): Promise<unknown> => {
    let last: unknown = new Error('no node runs');
    for (const controller of controllers())
      try {
        return await looking.ask(command, controller, ...words);
      } catch (error) {
        last = error;
      }
    throw last;
  };
  const state = async (set: string): Promise<SetState> => {
    const shown = stateSchema.parse(await asked('state', set)).replicasInfoTable[set];
    if (shown === undefined) throw new Error(`no controller knows ${set}`);
    const { masterBrokerId, masterAddress, masterEpoch, inSyncReplicas, notInSyncReplicas } = shown;
    const isReigning = typeof masterBrokerId === 'number' && typeof masterAddress === 'string';
    return {
      master: isReigning && masterAddress !== '' ? { id: masterBrokerId, address: masterAddress } : null,
      masterEpoch,
      inSync: inSyncReplicas.map(({ brokerId }) => brokerId),
      ids: new Map(
        [...inSyncReplicas, ...notInSyncReplicas].map(({ brokerId, brokerAddress }) => [
          brokerAddress,
          brokerId,
        ]),
      ),
    };
  };
  const whatIsNotWhole = async (): Promise<string | null> => {
    for (const { name, idcs } of sets) {
      const { master, inSync } = await state(name);
      if (master === null) return `${name} has no master`;
      if (inSync.length < idcs.length) return `of ${name} only ${inSync.join(', ')} are in sync`;
      for (const { name: node, nameServer } of tier.nodes) {
        const { brokerDatas } = routeSchema.parse(await looking.ask('route', nameServer, CLUSTER));
        const known = brokerDatas.find(({ brokerName }) => brokerName === name)?.brokerAddrs ?? {};
        if (Object.keys(known).length < idcs.length || known['0'] !== master.address)
          return `${node} knows of ${name}: ${JSON.stringify(known)}`;
      }
    }
    return null;
  };
  const master = async (set: string): Promise<Broker> => {
    const { master: reigning } = await state(set);
    const broker = brokers.find(({ address }) => address === reigning?.address);
    if (broker === undefined) throw new Error(`${set} has no master`);
    return broker;
  };
  const whole = async (): Promise<void> => {
    let last: string | null = null;
    const isWhole = async (): Promise<boolean> => {
      last = await whatIsNotWhole();
      return last === null;
    };
    await eventually('all is whole', isWhole, WHOLE_TIMEOUT_MS).catch((error: unknown) => {
      throw new Error(`${String(error)}: ${last}`);
    });
  };
  /** A broker that stays out of step is started anew, which is what an operator would do. */
  const settle = async (): Promise<readonly string[]> => {
    try {
      await whole();
      return [];
    } catch (error) {
      if (tier.kind !== 'stock') throw error;
    }
    const restarted: string[] = [];
    for (const { name } of sets) {
      const { inSync, ids } = await state(name);
      for (const broker of brokers.filter(({ place }) => place.set === name)) {
        if (inSync.includes(ids.get(broker.address) ?? -1)) continue;
        await broker.kill();
        await broker.start();
        restarted.push(broker.name);
      }
    }
    await whole();
    return restarted;
  };
  const electMaster = async (to: Broker): Promise<string> => {
    const { set } = to.place;
    const id = (await state(set)).ids.get(to.address);
    if (id === undefined) throw new Error(`${to.name} has no id`);
    const where = ['-a', controllers()[0] ?? '', '-c', CLUSTER, '-bn', set, '-n', ground.nameServers];
    return looking.mqadmin('electMaster', ...where, '-b', String(id));
  };
  const ground: RocketmqGround = {
    sites,
    jars,
    directory,
    nameServers: tier.nodes.map((node) => node.nameServer).join(';'),
    tier,
    sets,
    brokers,
    agents,
    state,
    master,
    electMaster,
    whole,
    leading: async () => {
      if (tier.leading !== null) return tier.leading();
      const { controllerLeaderAddress } = controllerSchema.parse(await asked('controller'));
      const node = tier.nodes.find(({ controller }) => controller === controllerLeaderAddress);
      if (node === undefined) throw new Error(`${controllerLeaderAddress} is no node`);
      return node;
    },
    mend: async () => {
      await sites.heal();
      await Promise.all(tier.nodes.filter((node) => !node.isRunning()).map((node) => node.start()));
      await Promise.all(brokers.filter((broker) => !broker.isRunning()).map((broker) => broker.start()));
    },
    settle,
    begin: async () => {
      await settle();
      for (const { name, idcs } of sets) {
        const home = brokers.find(({ place }) => place.set === name && place.idc === idcs[0]);
        if (home === undefined) throw new Error(`${name} has a broker in ${idcs[0]}`);
        const isHome = async (): Promise<boolean> => (await master(name)).place.idc === idcs[0];
        await eventually(`the master of ${name} is in ${idcs[0]}`, async () => {
          if (await isHome()) return true;
          await electMaster(home);
          return isHome();
        });
      }
      await settle();
    },
    close: async () => {
      await Promise.all(Object.values(agents).map((agent) => agent.end()));
      await close();
    },
  };
  return ground;
}
