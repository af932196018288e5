/** Stock name servers and stock controllers, one of each at a host of every site: the peer beside our nodes. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Host, Sites } from '../../support/sites.ts';
import { propertiesOf } from './broker.ts';
import { type RocketmqTier, SITES, type Site, type TierNode } from './ground.ts';
import { type Jars, VERSIONS } from './jars.ts';
import { JavaProcess } from './java-process.ts';

const NAME_SERVER_PORT = 9_876;
const CONTROLLER_PORT = 9_878;
const RAFT_PORT = 9_880;

/** Raft libraries that a controller comes with; JRaft is the newer one. */
export const CONTROLLERS = ['jRaft', 'DLedger'] as const;
export type ControllerKind = (typeof CONTROLLERS)[number];

type Places = readonly { readonly host: Host; readonly id: string }[];

function raftSettings(kind: ControllerKind, places: Places, { host, id }: Places[number]): object {
  if (kind === 'DLedger')
    return {
      controllerDLegerGroup: 'interop',
      controllerDLegerPeers: places
        .map((place) => `${place.id}-${place.host.address}:${CONTROLLER_PORT}`)
        .join(';'),
      controllerDLegerSelfId: id,
      mappedFileSize: 1_048_576,
    };
  const listed = (port: number): string => places.map((place) => `${place.host.address}:${port}`).join(',');
  return {
    jRaftServerId: `${host.address}:${RAFT_PORT}`,
    jRaftInitConf: listed(RAFT_PORT),
    jRaftControllerRPCAddr: listed(CONTROLLER_PORT),
  };
}

export async function startStockTier(
  sites: Sites,
  jars: Jars,
  directory: string,
  kind: ControllerKind,
  at: readonly Site[] = SITES,
): Promise<RocketmqTier> {
  const places: { host: Host; id: string; site: Site }[] = [];
  for (const [position, site] of at.entries())
    places.push({ host: await sites.host(site, `node-${site}`), id: `n${position}`, site });
  const nodes = places.map((place) =>
    stockNode(jars, directory, place, raftSettings(kind, places, place), kind),
  );
  await Promise.all(nodes.map((node) => node.start()));
  return {
    kind: 'stock',
    what: `${nodes.length} name servers and ${nodes.length} controllers (${kind}) of RocketMQ ${VERSIONS.newest}`,
    nodes,
    operator: null,
    leading: null,
    close: async () => {
      await Promise.all(nodes.map((node) => node.kill()));
    },
  };
}

function stockNode(
  jars: Jars,
  directory: string,
  { host, site }: { readonly host: Host; readonly site: TierNode['site'] },
  raft: object,
  controllerType: ControllerKind,
): TierNode {
  const home = join(directory, `${host.name}-home`);
  mkdirSync(home, { recursive: true });
  const fileOf = (name: string, settings: object): string => {
    const file = join(directory, `${host.name}-${name}.properties`);
    writeFileSync(file, propertiesOf({ ...settings }));
    return file;
  };
  const nameServerFile = fileOf('namesrv', { listenPort: NAME_SERVER_PORT });
  const controllerFile = fileOf('controller', {
    controllerType,
    controllerStorePath: join(directory, `${host.name}-controller`),
    ...raft,
  });
  const shared = { jars, version: VERSIONS.newest, home };
  const nameServer = new JavaProcess(host, {
    ...shared,
    main: 'org.apache.rocketmq.namesrv.NamesrvStartup',
    parameters: ['-c', nameServerFile],
    says: 'boot success',
  });
  const controller = new JavaProcess(host, {
    ...shared,
    main: 'org.apache.rocketmq.controller.ControllerStartup',
    parameters: ['-c', controllerFile],
    says: 'boot success',
  });
  const both = [nameServer, controller];
  return {
    name: host.name,
    site,
    nameServer: `${host.address}:${NAME_SERVER_PORT}`,
    controller: `${host.address}:${CONTROLLER_PORT}`,
    isRunning: () => both.every((process) => process.isRunning()),
    start: async () => {
      await Promise.all(both.filter((process) => !process.isRunning()).map((process) => process.start()));
    },
    stop: async () => {
      await Promise.all(both.map((process) => process.stop()));
    },
    kill: async () => {
      await Promise.all(both.map((process) => process.kill()));
    },
  };
}
