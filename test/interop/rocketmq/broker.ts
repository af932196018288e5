/** A small broker in controller mode, with its own directory, that is killed and started again with what it had. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Host } from '../../support/sites.ts';
import { CLUSTER, type Idc } from './ground.ts';
import { type Jars, VERSIONS } from './jars.ts';
import { JavaProcess } from './java-process.ts';

const PORT = 10_911;

export type BrokerTimes = 'short' | 'default';

export type BrokerPlace = {
  readonly set: string;
  readonly idc: Idc;
  readonly version: keyof typeof VERSIONS;
  readonly nameServers: string;
  readonly controllers: string;
  readonly times: BrokerTimes;
};

/**
 * What an operator sets for brokers that must not lose what they acknowledged, and shorter times than they come with: of
 * rows that last seconds, none should wait for a timer of fifteen.
 */
const SAFE = { allAckInSyncStateSet: true, minInSyncReplicas: 2, totalReplicas: 3 } as const;
/**
 * From 5.5.0 on a master that gives up the connection to a slave takes it out of its own sync state set whatever its
 * controller says. One that is cut off together with another broker would then acknowledge what these two alone have, and
 * what is gone once they learn of their successor. So silence is no reason to give a connection up; a slave that lags is
 * taken out by haMaxTimeSlaveNotCatchup, which the controller has to agree to.
 */
const KEEPS_CONNECTIONS = { haHousekeepingInterval: 86_400_000 } as const;
const SHORT = {
  controllerHeartBeatTimeoutMills: 3_000,
  syncBrokerMetadataPeriod: 1_000,
  syncControllerMetadataPeriod: 2_000,
  checkSyncStateSetPeriod: 1_000,
  haMaxTimeSlaveNotCatchup: 3_000,
  haSendHeartbeatInterval: 1_000,
  haHousekeepingInterval: 4_000,
  registerNameServerPeriod: 10_000,
} as const;
const SMALL = {
  mappedFileSizeCommitLog: 16_777_216,
  mappedFileSizeConsumeQueue: 200_000,
  mappedFileSizeTimerLog: 1_048_576,
  maxHashSlotNum: 10_000,
  maxIndexNum: 10_000,
  timerWheelEnable: false,
  enableCompaction: false,
  diskMaxUsedSpaceRatio: 98,
} as const;

export class Broker {
  readonly host: Host;
  readonly place: BrokerPlace;
  readonly address: string;
  readonly #process: JavaProcess;
  readonly #directory: string;

  constructor(host: Host, place: BrokerPlace, jars: Jars, directory: string) {
    this.host = host;
    this.place = place;
    this.address = `${host.address}:${PORT}`;
    this.#directory = join(directory, host.name);
    const configFile = join(directory, `${host.name}.properties`);
    const settings = {
      brokerClusterName: CLUSTER,
      brokerName: place.set,
      brokerId: -1,
      brokerRole: 'SLAVE',
      brokerIP1: host.address,
      brokerIP2: host.address,
      listenPort: PORT,
      namesrvAddr: place.nameServers,
      enableControllerMode: true,
      controllerAddr: place.controllers,
      autoCreateTopicEnable: false,
      storePathRootDir: this.#directory,
      storePathCommitLog: join(this.#directory, 'commitlog'),
      ...SAFE,
      ...(place.times === 'short' ? SHORT : {}),
      ...(place.version === 'newest' ? KEEPS_CONNECTIONS : {}),
      ...SMALL,
    };
    writeFileSync(configFile, propertiesOf(settings));
    this.#process = new JavaProcess(host, {
      jars,
      version: VERSIONS[place.version],
      main: 'org.apache.rocketmq.broker.BrokerStartup',
      parameters: ['-c', configFile],
      properties: { 'rocketmq.zone': place.idc },
      home: join(directory, `${host.name}-home`),
      says: 'boot success',
    });
  }

  get name(): string {
    return this.host.name;
  }

  isRunning(): boolean {
    return this.#process.isRunning();
  }

  async start(): Promise<void> {
    await this.#process.start();
  }

  async kill(): Promise<void> {
    await this.#process.kill();
  }

  async stop(): Promise<void> {
    await this.#process.stop();
  }

  /** As a new one in its place, which has never held anything. */
  forget(): void {
    if (this.isRunning()) throw new Error(`${this.name} runs`);
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

export const propertiesOf = (settings: Readonly<Record<string, string | number | boolean>>): string =>
  `${Object.entries(settings)
    .map(([key, value]) => `${key}=${value}`)
    .join('\n')}\n`;
