/** Names of RocketMQ: more characters are let in than other names here have. */
import { z } from 'zod';
import { NAME_PATTERN } from '../core/primitives/identifiers.ts';
import { LIMITS } from '../core/primitives/limits.ts';

const brokerNameExpected = `a name of 1 to ${LIMITS.nameCharacters} letters, digits and any of % | _ . : @ + = -`;
export const brokerNameSchema = z
  .string({ error: brokerNameExpected })
  .max(LIMITS.nameCharacters, { error: brokerNameExpected })
  .regex(NAME_PATTERN, { error: brokerNameExpected });

const topicExpected = `a topic of 1 to ${LIMITS.rocketmqTopicCharacters} characters`;
export const rocketmqTopicSchema = z
  .string({ error: topicExpected })
  .min(1, { error: topicExpected })
  .max(LIMITS.rocketmqTopicCharacters, { error: topicExpected });
