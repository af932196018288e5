/** One of each message, as fields and body, with what reads them: material for tests that are about all of them. */
import { type Read, read } from '../../src/remoting/damage.ts';
import {
  alterSyncStateSetRequest,
  alterSyncStateSetResponse,
} from '../../src/remoting/messages/alter-sync-state-set.ts';
import { decodeBrokerEpochCache } from '../../src/remoting/messages/broker-epoch-cache.ts';
import { decodeBrokerHaStatus } from '../../src/remoting/messages/broker-ha-status.ts';
import { decodeBrokerHeartbeat } from '../../src/remoting/messages/broker-heartbeat.ts';
import {
  applyBrokerIdRequest,
  applyBrokerIdResponse,
  nextBrokerIdRequest,
  nextBrokerIdResponse,
} from '../../src/remoting/messages/broker-id.ts';
import {
  brokerMemberGroupRequest,
  decodeBrokerMemberGroup,
} from '../../src/remoting/messages/broker-member-group.ts';
import { cleanBrokerDataRequest, idsToClean } from '../../src/remoting/messages/clean-broker-data.ts';
import { decodeClusterInfo } from '../../src/remoting/messages/cluster-info.ts';
import { controllerMetadataResponse } from '../../src/remoting/messages/controller-metadata.ts';
import {
  decodeElectMasterBody,
  electMasterRequest,
  electMasterResponse,
} from '../../src/remoting/messages/elect-master.ts';
import {
  getReplicaInfoRequest,
  getReplicaInfoResponse,
} from '../../src/remoting/messages/get-replica-info.ts';
import { getRouteInfoRequest } from '../../src/remoting/messages/get-route-info.ts';
import {
  decodeKvTable,
  getKvConfigResponse,
  kvConfigKeyRequest,
  kvListRequest,
  putKvConfigRequest,
} from '../../src/remoting/messages/kv-config.ts';
import { decodeProperties } from '../../src/remoting/messages/properties-text.ts';
import {
  decodeDataVersion,
  queryDataVersionRequest,
  queryDataVersionResponse,
} from '../../src/remoting/messages/query-data-version.ts';
import {
  isBodyIntact,
  registerBrokerRequest,
  registerBrokerResponse,
} from '../../src/remoting/messages/register-broker.ts';
import { decodeRegisterBrokerBody } from '../../src/remoting/messages/register-broker-body.ts';
import {
  registerToControllerRequest,
  registerToControllerResponse,
} from '../../src/remoting/messages/register-to-controller.ts';
import { roleChangeRequest } from '../../src/remoting/messages/role-change.ts';
import { decodeBrokerNames, decodeBrokerReplicasInfo } from '../../src/remoting/messages/sync-state-data.ts';
import { decodeSyncStateSet } from '../../src/remoting/messages/sync-state-set.ts';
import {
  deleteTopicRequest,
  registerTopicRequest,
} from '../../src/remoting/messages/topic-in-name-server.ts';
import { decodeTopicList, topicsByClusterRequest } from '../../src/remoting/messages/topic-list.ts';
import { decodeTopicRouteData } from '../../src/remoting/messages/topic-route-data.ts';
import { unregisterBrokerRequest } from '../../src/remoting/messages/unregister-broker.ts';
import {
  addWritePermissionResponse,
  wipeWritePermissionResponse,
  writePermissionRequest,
} from '../../src/remoting/messages/write-permission.ts';
import { zoneOf } from '../../src/remoting/messages/zone.ts';
import type { HeaderCodec } from '../../src/remoting/parse.ts';
import type { Fields, RemotingCommand } from '../../src/remoting/remoting-command.ts';

/** Reads the fields, and of fields that it could read it tells what reads them again once they are written. */
const both =
  <Header>(codec: HeaderCodec<Header>) =>
  ({ fields }: RemotingCommand): readonly Read<unknown>[] => {
    const header = codec.decode(fields);
    return header.kind === 'damaged' ? [header] : [header, codec.decode(codec.encode(header.value))];
  };

const body =
  (decode: (bytes: Buffer) => Read<unknown>) =>
  ({ body: bytes }: RemotingCommand): readonly Read<unknown>[] => [decode(bytes)];

/** Everything that reads something of a command. Two results of one of them have to be the same. */
export const READERS: readonly ((command: RemotingCommand) => readonly Read<unknown>[])[] = [
  both(alterSyncStateSetRequest),
  both(alterSyncStateSetResponse),
  both(applyBrokerIdRequest),
  both(applyBrokerIdResponse),
  both(nextBrokerIdRequest),
  both(nextBrokerIdResponse),
  both(brokerMemberGroupRequest),
  both(cleanBrokerDataRequest),
  both(controllerMetadataResponse),
  both(electMasterRequest),
  both(electMasterResponse),
  both(getReplicaInfoRequest),
  both(getReplicaInfoResponse),
  both(getRouteInfoRequest),
  both(getKvConfigResponse),
  both(kvConfigKeyRequest),
  both(kvListRequest),
  both(putKvConfigRequest),
  both(queryDataVersionRequest),
  both(queryDataVersionResponse),
  both(registerBrokerRequest),
  both(registerBrokerResponse),
  both(registerToControllerRequest),
  both(registerToControllerResponse),
  both(roleChangeRequest),
  both(deleteTopicRequest),
  both(registerTopicRequest),
  both(topicsByClusterRequest),
  both(unregisterBrokerRequest),
  both(addWritePermissionResponse),
  both(wipeWritePermissionResponse),
  both(writePermissionRequest),
  ({ fields }) => [read(zoneOf(fields))],
  ({ fields }) => [decodeBrokerHeartbeat(fields)],
  ({ fields }) => {
    const request = cleanBrokerDataRequest.decode(fields);
    return request.kind === 'damaged' ? [request] : [idsToClean(request.value)];
  },
  ({ body: bytes, fields, version }) => {
    const request = registerBrokerRequest.decode(fields);
    if (request.kind === 'damaged' || !isBodyIntact({ body: bytes }, request.value.bodyCrc32)) return [];
    return [decodeRegisterBrokerBody(bytes, version)];
  },
  ({ body: bytes, version }) => [decodeRegisterBrokerBody(bytes, version)],
  body(decodeBrokerEpochCache),
  body(decodeBrokerHaStatus),
  body(decodeBrokerMemberGroup),
  body(decodeBrokerNames),
  body(decodeBrokerReplicasInfo),
  body(decodeClusterInfo),
  body(decodeDataVersion),
  body(decodeElectMasterBody),
  body(decodeKvTable),
  body(decodeProperties),
  body(decodeSyncStateSet),
  body(decodeTopicList),
  body(decodeTopicRouteData),
];

const broker = { brokerName: 'broker-a', brokerAddr: '10.0.0.1:10911', clusterName: 'C', brokerId: '1' };
const topic = '{"attributes":{"+k":"v"},"perm":6,"readQueueNums":4,"topicName":"A","writeQueueNums":4}';
const epochs =
  '{"brokerId":0,"brokerName":"b","clusterName":"C","epochList":[{"endOffset":9223372036854775807,"epoch":2,"startOffset":100}],"maxOffset":1234}';

/** Fields and bodies that some reader understands. */
export const SAMPLES: readonly { readonly fields: Fields; readonly body: string }[] = [
  { fields: {}, body: '' },
  {
    fields: { topic: 'TopicA', acceptStandardJsonOnly: 'true', __ZONE_NAME: 'z', __ZONE_MODE: 'true' },
    body: '',
  },
  {
    fields: { ...broker, haServerAddr: '10.0.0.1:10912', compressed: 'false', bodyCrc32: '0' },
    body: `{"filterServerList":[],"topicConfigSerializeWrapper":{"dataVersion":{"counter":1,"timestamp":2},"topicConfigTable":{"A":${topic},"B":{"attributes":{"$ref":"$.topicConfigSerializeWrapper.topicConfigTable.A.attributes"}}},"topicQueueMappingInfoMap":{"S":{"bname":"b","currIdMap":{0:1},"topic":"S"}}}}`,
  },
  {
    fields: { ...broker, epoch: '2', maxOffset: '9223372036854775807', heartbeatTimeoutMills: '10000' },
    body: '',
  },
  {
    fields: {
      brokerName: 'broker-a',
      masterBrokerId: '1',
      masterEpoch: '2',
      masterAddress: '10.0.0.1:10911',
    },
    body: '{"syncStateSet":[1,2],"syncStateSetEpoch":3}',
  },
  { fields: { ...broker, designateElect: 'true', invokeTime: '1795373267395' }, body: epochs },
  { fields: { namespace: 'N', key: 'K', value: 'V' }, body: '{"table":{"A":"broker-a:4"}}' },
  {
    fields: { ...broker, appliedBrokerId: '1', registerCheckCode: '10.0.0.1:10911;1795373267395' },
    body: '["a","b"]',
  },
  {
    fields: { brokerName: 'broker-a', brokerControllerIdsToClean: '1;2' },
    body: 'a=1\\\n 2\n#b\nc:\\u00e9\n',
  },
  {
    fields: { changed: 'true', wipeTopicCount: '3' },
    body: '{"brokerDatas":[{"brokerAddrs":{0:"1.1.1.1:10911"},"brokerName":"b","cluster":"C"}],"queueDatas":[{"brokerName":"b","perm":6}]}',
  },
].map(({ fields, body: text }) => ({ fields: new Map(Object.entries(fields)), body: text }));
