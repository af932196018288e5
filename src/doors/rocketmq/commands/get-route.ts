/** 105: the route of a topic, as seen from the IDC of who asks. What was answered once is kept ready. */
import type { MetadataState } from '../../../core/metadata/state.ts';
import { LIMITS } from '../../../core/primitives/limits.ts';
import { type RouteViewer, routeOfTopic } from '../../../core/routing/topic-route.ts';
import { zoneOf } from '../../../remoting/messages/zone.ts';
import { REQUEST } from '../../../remoting/request-codes.ts';
import { RESPONSE } from '../../../remoting/response-codes.ts';
import { type Answer, failure, successBody } from '../answer.ts';
import { requesterSite } from '../requester-site.ts';
import { routeBody } from '../views/route-body.ts';
import type { Call, DoorCommand } from './command.ts';
import { whileCurrent } from './current.ts';

const NO_SUCH_TOPIC = failure(
  RESPONSE.topicNotExist,
  'No topic route info in name server for the topic: its name is longer than any',
);

export const getRoute: DoorCommand = {
  code: REQUEST.getRouteInfoByTopic,
  run: whileCurrent(({ door, channel, request: { fields } }: Call): Answer => {
    const topic = fields.get('topic') ?? '';
    if (topic.length > LIMITS.rocketmqTopicCharacters) return NO_SUCH_TOPIC;
    const state = door.face.state();
    const zone = zoneOf(fields);
    const site = requesterSite(state, zone.name, channel.siteByAddress);
    const viewer = { site, zone: zone.name, zoneMode: zone.isStrict };
    return door.routes.answer(state, keyOf(topic, viewer), state.topicQueues.get(topic), () =>
      routeAnswer(state, topic, viewer),
    );
  }),
};

/** No name contains what stands between these. */
const keyOf = (topic: string, { site, zone, zoneMode }: RouteViewer): string =>
  `${topic}\n${site ?? ''}\n${zone ?? ''}\n${zoneMode}`;

/** That there is none is an error, as at a stock server: an empty route would make clients forget the one they have. */
function routeAnswer(state: MetadataState, topic: string, viewer: RouteViewer): Answer {
  const route = routeOfTopic(state, topic, viewer);
  return route.ok
    ? successBody(routeBody(route.value))
    : failure(RESPONSE.topicNotExist, route.refusal.message);
}
