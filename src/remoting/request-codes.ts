/** Request codes that are spoken here. 904 has two meanings: to a name server, and to a controller with more fields. */
export const REQUEST = {
  putKvConfig: 100,
  getKvConfig: 101,
  deleteKvConfig: 102,
  registerBroker: 103,
  unregisterBroker: 104,
  getRouteInfoByTopic: 105,
  getBrokerClusterInfo: 106,
  wipeWritePermOfBroker: 205,
  getAllTopicListFromNameserver: 206,
  deleteTopicInNamesrv: 216,
  registerTopicInNamesrv: 217,
  getKvListByNamespace: 219,
  getTopicsByCluster: 224,
  getSystemTopicListFromNs: 304,
  getUnitTopicList: 311,
  getHasUnitSubTopicList: 312,
  getHasUnitSubUnunitTopicList: 313,
  updateNamesrvConfig: 318,
  getNamesrvConfig: 319,
  queryDataVersion: 322,
  addWritePermOfBroker: 327,
  getBrokerMemberGroup: 901,
  brokerHeartbeat: 904,
  /** Name server to broker, one-way; only where slaves act as masters. */
  notifyMinBrokerIdChange: 905,
  /** To a broker. */
  getBrokerHaStatus: 907,
  controllerAlterSyncStateSet: 1001,
  controllerElectMaster: 1002,
  controllerRegisterBroker: 1003,
  controllerGetReplicaInfo: 1004,
  controllerGetMetadataInfo: 1005,
  controllerGetSyncStateData: 1006,
  /** To a broker. */
  getBrokerEpochCache: 1007,
  /** Controller to broker. */
  notifyBrokerRoleChanged: 1008,
  updateControllerConfig: 1009,
  getControllerConfig: 1010,
  cleanBrokerData: 1011,
  controllerGetNextBrokerId: 1012,
  controllerApplyBrokerId: 1013,
} as const;

export type RequestCode = (typeof REQUEST)[keyof typeof REQUEST];
