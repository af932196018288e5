/** Commands about RocketMQ with everything filled in; shared by the tests of their rules and of what is made of them. */
import type { BrokerSetCommand } from '../../../src/core/metadata/broker-set-command.ts';
import type { DataVersion } from '../../../src/core/metadata/broker-set-state.ts';
import { clusterName, groupName, nodeName, siteName } from '../../../src/core/primitives/identifiers.ts';

export type BrokerCommandOf<Type extends BrokerSetCommand['type']> = Extract<
  BrokerSetCommand,
  { type: Type }
>;
type Changes<Type extends BrokerSetCommand['type']> = Partial<Omit<BrokerCommandOf<Type>, 'type'>>;

export const CLUSTER = clusterName('DefaultCluster');
export const BROKER_A = groupName('broker-a');
export const BROKER_B = groupName('broker-b');
export const IDC_A = siteName('idc-a');
export const IDC_B = siteName('idc-b');

export const version = (counter: number, stateVersion = 0): DataVersion => ({
  stateVersion,
  timestamp: 1_000 + counter,
  counter,
});

/** Topics of the usual kind. */
export const alike = (
  topics: readonly string[],
  changes: { writeQueues?: number; permission?: number } = {},
) => ({
  readQueues: 4,
  writeQueues: 4,
  permission: 6,
  sysFlag: 0,
  ...changes,
  topics,
});

export const addressOf = (number: number): string => `10.0.0.${number}:10911`;

/** Broker `number` registers as master unless told otherwise; its HA port is one above. */
export const registration = (
  number: number,
  changes: Changes<'registration.set'> = {},
): BrokerCommandOf<'registration.set'> => ({
  type: 'registration.set',
  cluster: CLUSTER,
  name: BROKER_A,
  address: addressOf(number),
  brokerId: 0,
  haAddress: `10.0.0.${number}:10912`,
  site: IDC_A,
  zone: null,
  version: 479,
  timeoutMs: 120_000,
  dataVersion: version(1),
  complete: true,
  enableActingMaster: false,
  topicCount: 2,
  topics: [alike(['TopicA', 'TBW102'])],
  staticTopics: [],
  ...changes,
});

export const applyId = (
  brokerId: number,
  changes: Changes<'brokerSet.applyId'> = {},
): BrokerCommandOf<'brokerSet.applyId'> => ({
  type: 'brokerSet.applyId',
  cluster: CLUSTER,
  name: BROKER_A,
  brokerId,
  registerCheckCode: `${addressOf(brokerId)};17`,
  address: addressOf(brokerId),
  site: brokerId === 2 ? IDC_B : IDC_A,
  ...changes,
});

export const registerBroker = (
  brokerId: number,
  changes: Changes<'brokerSet.registerBroker'> = {},
): BrokerCommandOf<'brokerSet.registerBroker'> => ({
  type: 'brokerSet.registerBroker',
  cluster: CLUSTER,
  name: BROKER_A,
  brokerId,
  address: addressOf(brokerId),
  site: brokerId === 2 ? IDC_B : IDC_A,
  ...changes,
});

export const elect = (
  master: number,
  expectedMasterEpoch: number,
  changes: Changes<'brokerSet.elect'> = {},
): BrokerCommandOf<'brokerSet.elect'> => ({
  type: 'brokerSet.elect',
  name: BROKER_A,
  expectedMasterEpoch,
  masterEpoch: expectedMasterEpoch + 1,
  master,
  reason: expectedMasterEpoch === 0 ? 'firstMaster' : 'masterLost',
  unsafe: false,
  recordId: `broker-a-${expectedMasterEpoch + 1}`,
  by: 'pollux',
  detail: 'elected',
  evidence: [{ node: nodeName('node-a'), site: IDC_A, verdict: 'dead', detail: 'silent', wallMs: 1.5 }],
  candidates: [
    { id: master, site: IDC_A, epoch: expectedMasterEpoch, maxOffset: 2n ** 62n, chosen: true, detail: '' },
  ],
  predictedLossBytes: 0n,
  wallMs: 50,
  ...changes,
});

export const alterSyncStateSet = (
  syncStateSet: readonly number[],
  changes: Changes<'brokerSet.alterSyncStateSet'> = {},
): BrokerCommandOf<'brokerSet.alterSyncStateSet'> => ({
  type: 'brokerSet.alterSyncStateSet',
  name: BROKER_A,
  masterBrokerId: 1,
  masterEpoch: 1,
  syncStateSet,
  syncStateSetEpoch: 1,
  ...changes,
});

export const loseMaster = (
  expectedMasterEpoch: number,
  changes: Changes<'brokerSet.loseMaster'> = {},
): BrokerCommandOf<'brokerSet.loseMaster'> => ({
  type: 'brokerSet.loseMaster',
  name: BROKER_A,
  expectedMasterEpoch,
  recordId: `broker-a-lost-${expectedMasterEpoch + 1}`,
  by: 'pollux',
  detail: 'no candidate',
  evidence: [],
  candidates: [{ id: 2, site: IDC_B, epoch: null, maxOffset: null, chosen: false, detail: 'silent' }],
  wallMs: 60,
  ...changes,
});

export const everyBrokerSetCommand: {
  readonly [Type in BrokerSetCommand['type']]: BrokerCommandOf<Type>;
} = {
  'registration.set': registration(1, {
    staticTopics: [
      { topic: 'Static', scope: '__global__', totalQueues: 8, epoch: 1_700_000_000_000, queues: [[0, 3]] },
    ],
  }),
  'registration.putTopics': {
    type: 'registration.putTopics',
    name: BROKER_A,
    address: addressOf(1),
    topics: [alike(['%RETRY%group'], { permission: 4 })],
    staticTopics: [],
    dataVersion: version(2),
    complete: true,
  },
  'registration.remove': { type: 'registration.remove', name: BROKER_A, address: addressOf(1) },
  'naming.deleteTopic': { type: 'naming.deleteTopic', topic: 'TopicA', cluster: null },
  'naming.putTopic': {
    type: 'naming.putTopic',
    topic: 'TopicB',
    queues: [{ name: BROKER_A, readQueues: 1, writeQueues: 1, permission: 6, sysFlag: 0 }],
  },
  'naming.setWritePermission': { type: 'naming.setWritePermission', name: BROKER_A, permission: 'wiped' },
  'naming.setTopicNear': {
    type: 'naming.setTopicNear',
    topic: 'TopicA',
    near: 'strict',
    by: 'operator',
    wallMs: 5,
  },
  'naming.putKeyValue': {
    type: 'naming.putKeyValue',
    namespace: 'ORDER_TOPIC_CONFIG',
    key: 'TopicA',
    value: 'broker-a:4',
  },
  'naming.deleteKeyValue': { type: 'naming.deleteKeyValue', namespace: 'ORDER_TOPIC_CONFIG', key: 'TopicA' },
  'brokerSet.applyId': applyId(1),
  'brokerSet.registerBroker': registerBroker(1),
  'brokerSet.alterSyncStateSet': alterSyncStateSet([1, 2]),
  'brokerSet.elect': elect(1, 0),
  'brokerSet.loseMaster': loseMaster(1),
  'brokerSet.raiseEpoch': { type: 'brokerSet.raiseEpoch', name: BROKER_A, masterEpoch: 9 },
  'brokerSet.clean': {
    type: 'brokerSet.clean',
    name: BROKER_A,
    brokerIds: [3],
    by: 'operator',
    wallMs: 6,
  },
  'brokerSet.setPolicy': {
    type: 'brokerSet.setPolicy',
    name: BROKER_A,
    policy: 'cross-idc',
    onShortage: 'block',
    detectionMs: null,
    by: 'operator',
    wallMs: 7,
  },
  'brokerSet.addStep': {
    type: 'brokerSet.addStep',
    recordId: 'broker-a-1',
    step: 'acknowledged',
    detail: 'broker 2 follows',
    wallMs: 8,
  },
};
