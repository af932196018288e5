/** Response codes that are spoken here, or that brokers answer with. */
export const RESPONSE = {
  success: 0,
  /** An exception, a function that is switched off, a bad checksum. */
  systemError: 1,
  /** No room for more requests; producers try elsewhere. */
  systemBusy: 2,
  requestCodeNotSupported: 3,
  /** A write is stored, but not on as many slaves as asked for in time. */
  flushSlaveTimeout: 12,
  serviceNotAvailable: 14,
  noPermission: 16,
  topicNotExist: 17,
  queryNotFound: 22,
  /** The server shuts down; only for peers above release 5.3.1. */
  goAway: 1500,
  controllerFencedMasterEpoch: 2000,
  controllerFencedSyncStateSetEpoch: 2001,
  controllerInvalidMaster: 2002,
  controllerInvalidReplicas: 2003,
  controllerMasterNotAvailable: 2004,
  controllerInvalidRequest: 2005,
  controllerBrokerNotAlive: 2006,
  controllerNotLeader: 2007,
  controllerBrokerMetadataNotExist: 2008,
  controllerInvalidCleanBrokerMetadata: 2009,
  /** The broker has no id here; it registers itself. */
  controllerBrokerNeedToBeRegistered: 2010,
  /** As good as success: the master that was asked to be elected is the master. */
  controllerMasterStillExist: 2011,
  controllerElectMasterFailed: 2012,
  controllerAlterSyncStateSetFailed: 2013,
  controllerBrokerIdInvalid: 2014,
  controllerInternalError: 2015,
  brokerLiveInfoNotExists: 2016,
} as const;

export type ResponseCode = (typeof RESPONSE)[keyof typeof RESPONSE];
