/** A route as clients read it. */
import type { ListedSet } from '../../../core/routing/name-lists.ts';
import type { TopicRoute } from '../../../core/routing/topic-route.ts';
import { type BrokerData, encodeTopicRouteData } from '../../../remoting/messages/topic-route-data.ts';

/** The zone of a set is that of its master: the field takes one, and replicas stand in different IDCs. */
export const brokerDataOf = ({
  cluster,
  name,
  addresses,
  enableActingMaster,
  site,
  zone,
}: ListedSet): BrokerData => ({
  cluster,
  brokerName: name,
  brokerAddrs: addresses,
  enableActingMaster,
  zoneName: zone ?? site,
});

export const routeBody = ({ sets, queues, staticQueues, topic }: TopicRoute): Buffer =>
  encodeTopicRouteData({
    orderTopicConf: null,
    queueDatas: queues.map(({ name, readQueues, writeQueues, permission, sysFlag }) => ({
      brokerName: name,
      readQueueNums: readQueues,
      writeQueueNums: writeQueues,
      perm: permission,
      topicSysFlag: sysFlag,
    })),
    brokerDatas: sets.map(brokerDataOf),
    topicQueueMappingByBroker:
      staticQueues.length === 0
        ? null
        : new Map(
            staticQueues.map((part) => [
              part.name,
              {
                topic,
                bname: part.name,
                scope: part.scope,
                totalQueues: part.totalQueues,
                epoch: part.epoch,
                dirty: false,
                currIdMap: new Map(part.queues),
              },
            ]),
          ),
  });
