/** What a RocketMQ broker sends, by a script: it keeps nothing and follows nobody. */

import { bodyChecksum } from '../../src/remoting/messages/register-broker.ts';
import { encodeRegisterBrokerBody } from '../../src/remoting/messages/register-broker-body.ts';
import type { RemotingCommand } from '../../src/remoting/remoting-command.ts';
import { REQUEST } from '../../src/remoting/request-codes.ts';
import type { RemotingClient } from './remoting-client.ts';

export type Place = {
  readonly cluster: string;
  readonly name: string;
  readonly address: string;
  readonly zone?: string;
};

export type Registered = {
  /** 0 for a master. */
  readonly brokerId?: number;
  readonly stateVersion?: number;
  readonly counter?: number;
  readonly topics?: readonly string[];
  readonly queues?: number;
  readonly compress?: boolean;
  /** Further fields of the header, or others than would be right. */
  readonly fields?: Readonly<Record<string, string | number>>;
};

export const haAddressOf = (address: string): string => {
  const at = address.lastIndexOf(':');
  return `${address.slice(0, at)}:${Number(address.slice(at + 1)) + 1}`;
};

export const registrationBody = ({
  stateVersion = 1,
  counter = 1,
  topics = ['TopicA', 'TopicB'],
  queues = 4,
  compress = false,
}: Registered): Buffer =>
  encodeRegisterBrokerBody(
    {
      dataVersion: { stateVersion, timestamp: 1_000, counter },
      topicConfigTable: new Map(
        topics.map((topicName) => [
          topicName,
          {
            topicName,
            readQueueNums: queues,
            writeQueueNums: queues,
            perm: 6,
            topicFilterType: 'SINGLE_TAG',
            topicSysFlag: 0,
            order: false,
            attributes: new Map(),
          },
        ]),
      ),
      topicQueueMappingInfoMap: new Map(),
      filterServerList: [],
    },
    compress,
  );

export class BrokerCaller {
  readonly client: RemotingClient;
  readonly place: Place;

  constructor(client: RemotingClient, place: Place) {
    this.client = client;
    this.place = place;
  }

  /** 103. */
  register(registered: Registered = {}): Promise<RemotingCommand> {
    const body = registrationBody(registered);
    return this.client.ask(REQUEST.registerBroker, {
      fields: {
        ...this.#names(),
        brokerAddr: this.place.address,
        haServerAddr: haAddressOf(this.place.address),
        brokerId: registered.brokerId ?? 0,
        enableActingMaster: false,
        compressed: registered.compress ?? false,
        bodyCrc32: bodyChecksum({ body }),
        ...registered.fields,
      },
      body,
    });
  }

  /** 104. */
  unregister(brokerId = 0): Promise<RemotingCommand> {
    const fields = { ...this.#names(), brokerAddr: this.place.address, brokerId };
    return this.client.ask(REQUEST.unregisterBroker, { fields });
  }

  /** 904 to a controller, one-way. */
  heartbeat(brokerId: number, more: Readonly<Record<string, string | number>> = {}): void {
    this.client.tell(REQUEST.brokerHeartbeat, {
      fields: {
        ...this.#names(),
        brokerAddr: this.place.address,
        brokerId,
        epoch: 1,
        maxOffset: 1_000,
        confirmOffset: 900,
        heartbeatTimeoutMills: 10_000,
        electionPriority: 2_147_483_647,
        ...more,
      },
    });
  }

  /** 1012 and 1013, as a broker that starts for the first time; answers its id. */
  async applyForId(): Promise<number> {
    const names = this.#names();
    const next = await this.client.ask(REQUEST.controllerGetNextBrokerId, { fields: names });
    const appliedBrokerId = Number(next.fields.get('nextBrokerId'));
    const registerCheckCode = `${this.place.address};1795373267395`;
    const fields = { ...names, appliedBrokerId, registerCheckCode };
    const applied = await this.client.ask(REQUEST.controllerApplyBrokerId, { fields });
    if (applied.code !== 0) throw new Error(`no id: ${applied.code} ${applied.remark}`);
    return appliedBrokerId;
  }

  /** 1003. */
  registerToController(brokerId: number): Promise<RemotingCommand> {
    const fields = { ...this.#names(), brokerId, brokerAddress: this.place.address, invokeTime: 1 };
    return this.client.ask(REQUEST.controllerRegisterBroker, { fields });
  }

  /** 1002, for itself. */
  elect(brokerId: number): Promise<RemotingCommand> {
    const fields = { ...this.#names(), brokerId, designateElect: false, invokeTime: 1 };
    return this.client.ask(REQUEST.controllerElectMaster, { fields });
  }

  /** 1004. */
  replicaInfo(): Promise<RemotingCommand> {
    return this.client.ask(REQUEST.controllerGetReplicaInfo, { fields: { brokerName: this.place.name } });
  }

  /** 1001. */
  alterSyncStateSet(
    header: { readonly masterBrokerId: number; readonly masterEpoch: number },
    body: { readonly syncStateSet: readonly number[]; readonly syncStateSetEpoch: number },
  ): Promise<RemotingCommand> {
    const fields = { brokerName: this.place.name, ...header, invokeTime: 1 };
    return this.client.ask(REQUEST.controllerAlterSyncStateSet, { fields, body });
  }

  #names() {
    const { cluster, name, zone } = this.place;
    return { clusterName: cluster, brokerName: name, ...(zone === undefined ? {} : { __ZONE_NAME: zone }) };
  }
}
