/** What producers have written, read past them. */
import assert from 'node:assert/strict';
import { streamKey } from '../../src/sdk/stream-key.ts';
import { decodeMessage } from '../../src/sdk/stream-message.ts';
import type { RedisServer } from '../support/redis-server.ts';

const QUEUES = 2;

/** Entries of all queues of the topic on this server. */
export async function entriesOn(
  server: RedisServer,
): Promise<readonly { readonly id: string; readonly body: string }[]> {
  const client = server.client();
  const found: { id: string; body: string }[] = [];
  for (let queue = 0; queue < QUEUES; queue += 1) {
    for (const [, fields] of await client.xrange(streamKey('default', 'orders', queue), '-', '+')) {
      const message = decodeMessage(fields.map((field) => Buffer.from(field)));
      assert.ok(message);
      found.push({ id: message.id, body: message.body.toString() });
    }
  }
  return found;
}
