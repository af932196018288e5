/**
 * How eagerly this process collects garbage, once it reads much that it does not keep. What sockets read lies outside of
 * the engine's heap and counts towards its limit all the same: with a heap of 30 MB, every ten megabytes that brokers
 * register again had all of it marked once more, which cost a node more than everything that it did for them. The limit
 * is twice of what was live instead. Nodes that read little keep the engine's own measure, and less memory.
 */
import { setFlagsFromString } from 'node:v8';

/** How much more than what was live may be there before all of it is marked again. */
const GROWING_PERCENT = 100;
let isSet = false;

/** The engine reads it whenever it has collected; more than once it changes nothing. */
export function collectLessOften(): void {
  if (isSet) return;
  isSet = true;
  setFlagsFromString(`--heap-growing-percent=${GROWING_PERCENT}`);
}
