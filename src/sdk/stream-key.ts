/**
 * Where a queue lives on the servers of its broker group: one Stream for each queue. The broker group is not part of
 * the key, because each has servers of its own; names cannot hold colons or braces, so that no two queues share
 * a key; the topic in braces keeps its queues in one slot where keys are sharded.
 */
export const streamKey = (cluster: string, topic: string, queue: number): string =>
  `pollux:${cluster}:{${topic}}:${queue}`;
