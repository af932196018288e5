/**
 * Every endpoint of the contract with the function that serves it. `route` and `events` are not here: the first is
 * answered from ready-made bytes, the second is a stream; `http-door.ts` registers both itself.
 */
import type { EndpointName } from '../../contract/endpoints.ts';
import { groupAdopt, sentinelMasters } from './endpoints/adoption.ts';
import { allocateMany, allocation } from './endpoints/allocation.ts';
import { allocationPlan } from './endpoints/allocation-plan.ts';
import { brokerSetHistory, brokerSetHistoryGet } from './endpoints/broker-set-history.ts';
import {
  brokerSetChange,
  brokerSetElect,
  brokerSetGet,
  brokerSetList,
  topicNearList,
  topicNearSet,
} from './endpoints/broker-sets.ts';
import {
  drillAbort,
  drillBegin,
  drillGet,
  drillList,
  returnRuleList,
  returnRuleRemove,
  returnRuleSet,
} from './endpoints/drills.ts';
import { failover, switchover } from './endpoints/failover.ts';
import {
  groupAcknowledge,
  groupAdd,
  groupChange,
  groupGet,
  groupList,
  groupRemove,
  groupTake,
} from './endpoints/groups.ts';
import { heartbeat } from './endpoints/heartbeat.ts';
import { changeList, historyGet, historyList } from './endpoints/history.ts';
import { keyValueGet, keyValueList, keyValueRemove, keyValueSet } from './endpoints/key-values.ts';
import { nodes, status } from './endpoints/status.ts';
import { stopAdd, stopList, stopResume } from './endpoints/stops.ts';
import { tailGet } from './endpoints/tails.ts';
import {
  consumerGroupAdd,
  consumerGroupList,
  topicAdd,
  topicGet,
  topicList,
  topicRemove,
} from './endpoints/topics.ts';
import type { ServedEndpoint } from './served-endpoint.ts';

export const SERVED_ENDPOINTS: Readonly<Record<Exclude<EndpointName, 'route' | 'events'>, ServedEndpoint>> = {
  status,
  nodes,
  stopList,
  stopAdd,
  stopResume,
  changeList,
  historyList,
  historyGet,
  tailGet,
  keyValueList,
  keyValueGet,
  keyValueSet,
  keyValueRemove,
  groupList,
  groupAdd,
  groupGet,
  groupChange,
  groupTake,
  groupAcknowledge,
  groupRemove,
  sentinelMasters,
  groupAdopt,
  failover,
  switchover,
  heartbeat,
  drillList,
  drillGet,
  drillBegin,
  drillAbort,
  returnRuleList,
  returnRuleSet,
  returnRuleRemove,
  topicList,
  topicAdd,
  topicGet,
  topicRemove,
  consumerGroupList,
  consumerGroupAdd,
  allocation,
  allocate: allocateMany,
  brokerSetList,
  brokerSetGet,
  brokerSetChange,
  brokerSetElect,
  brokerSetHistory,
  brokerSetHistoryGet,
  topicNearList,
  topicNearSet,
  allocationPlan,
};
