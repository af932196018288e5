/** Every command of the door by its request code. What is not here is answered as not supported. */
import { alterSyncStateSet } from './alter-sync-state-set.ts';
import { applyBrokerId, getNextBrokerId } from './broker-ids.ts';
import { deleteTopic, registerTopic } from './change-topics.ts';
import { cleanBrokerData } from './clean-broker-data.ts';
import type { DoorCommand } from './command.ts';
import {
  getControllerConfiguration,
  getNameServerConfiguration,
  updateControllerConfiguration,
  updateNameServerConfiguration,
} from './configuration.ts';
import { electMaster } from './elect-master.ts';
import { getClusterInfo, getMemberGroup } from './get-cluster-info.ts';
import { getMetadataInfo } from './get-metadata-info.ts';
import { getReplicaInfo } from './get-replica-info.ts';
import { getRoute } from './get-route.ts';
import { getSyncStateData } from './get-sync-state-data.ts';
import { brokerHeartbeat } from './heartbeat.ts';
import { deleteKeyValue, getKeyValue, getKeyValues, putKeyValue } from './key-values.ts';
import { getAllTopics, getSystemTopics, getTopicsByCluster } from './list-topics.ts';
import { queryDataVersion } from './query-data-version.ts';
import { registerBroker } from './register-broker.ts';
import { registerControlledBroker } from './register-controlled-broker.ts';
import { addWritePermission, wipeWritePermission } from './set-write-permission.ts';
import { unregisterBroker } from './unregister-broker.ts';

export const COMMANDS: ReadonlyMap<number, DoorCommand> = new Map(
  [
    addWritePermission,
    alterSyncStateSet,
    applyBrokerId,
    brokerHeartbeat,
    cleanBrokerData,
    deleteKeyValue,
    deleteTopic,
    electMaster,
    getAllTopics,
    getClusterInfo,
    getControllerConfiguration,
    getKeyValue,
    getKeyValues,
    getMemberGroup,
    getMetadataInfo,
    getNameServerConfiguration,
    getNextBrokerId,
    getReplicaInfo,
    getRoute,
    getSyncStateData,
    getSystemTopics,
    getTopicsByCluster,
    putKeyValue,
    queryDataVersion,
    registerBroker,
    registerControlledBroker,
    registerTopic,
    unregisterBroker,
    updateControllerConfiguration,
    updateNameServerConfiguration,
    wipeWritePermission,
  ].map((command) => [command.code, command]),
);
