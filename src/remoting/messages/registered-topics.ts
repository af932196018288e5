/** What a broker registers, however it is written: see register-broker-body.ts and compressed-registration.ts. */
import { type DataVersion, NO_DATA_VERSION } from './data-version.ts';
import type { TopicConfig } from './topic-config.ts';
import type { TopicQueueMapping } from './topic-queue-mapping.ts';

export type RegisterBrokerBody = {
  readonly dataVersion: DataVersion;
  /** By the name of the topic. */
  readonly topicConfigTable: ReadonlyMap<string, TopicConfig>;
  /** Static topics by name; mostly none. */
  readonly topicQueueMappingInfoMap: ReadonlyMap<string, TopicQueueMapping>;
  readonly filterServerList: readonly string[];
};

export const NOTHING_REGISTERED: RegisterBrokerBody = {
  dataVersion: NO_DATA_VERSION,
  topicConfigTable: new Map(),
  topicQueueMappingInfoMap: new Map(),
  filterServerList: [],
};
