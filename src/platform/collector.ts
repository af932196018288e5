/**
 * How eagerly this process collects garbage. What sockets read lies outside of the engine's heap and counts towards its
 * limit all the same: with a heap of 30 MB, every ten megabytes read had all of it marked once more, which cost a node
 * that serves RocketMQ's brokers more than everything that it did for them. The limit is twice of what was live instead.
 */
import { setFlagsFromString } from 'node:v8';

/** How much more than what was live may be there before all of it is marked again. */
const GROWING_PERCENT = 100;

/** Once, before the process has work: the engine reads it whenever it has collected. */
export const collectLessOften = (): void => setFlagsFromString(`--heap-growing-percent=${GROWING_PERCENT}`);
