/** 105: where a topic is. Clients ask every 30 s; the answer's body is a TopicRouteData, or code 17. */
import { z } from 'zod';
import { flag, headerCodec, name, optional } from '../parse.ts';

export const getRouteInfoRequest = headerCodec(
  z.object({ topic: name, acceptStandardJsonOnly: optional(flag) }),
);
