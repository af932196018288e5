/** 216 takes a topic out of the routes, of one cluster or of all; 217 puts one in, its body is a TopicRouteData. */
import { z } from 'zod';
import { headerCodec, name, optional } from '../parse.ts';

export const deleteTopicRequest = headerCodec(z.object({ topic: name, clusterName: optional(name) }));

export const registerTopicRequest = headerCodec(z.object({ topic: name }));
