/**
 * An ordinary application's client of Redis Sentinel: ioredis with its Sentinel support, set up for quick failovers. It
 * is told of a switch by the Sentinels, tries a lost connection again every 50 ms instead of ever more rarely, and gives
 * up an address that does not answer after a second. A target is the name of a master.
 *
 * What a lost connection left unanswered is sent again by the library, as it is by default: a write with its WAIT only
 * as a whole, so that no WAIT is answered for a write that another master took.
 */
import { Redis } from 'ioredis';
import { streamKey } from '../../../src/sdk/stream-key.ts';
import type { WritingClient, Written } from './writing-client.ts';

const RECONNECT_MS = 50;
const CONNECT_TIMEOUT_MS = 1_000;
/** A master that is silent does not answer a farewell; the library waits for that for two seconds otherwise. */
const DISCONNECT_TIMEOUT_MS = 50;
/** A command that is lost in a reconnection must not hold a lane for ever; far longer than any failover. */
const COMMAND_TIMEOUT_MS = 5_000;
/** As long as one WAIT of the SDK. */
const WAIT_MS = 500;
const QUEUES = 4;

export type Address = { readonly host: string; readonly port: number };

export function clientThroughSentinel(sentinels: readonly Address[], waitCount: number): WritingClient {
  const clients = new Map<string, Redis>();
  let turn = 0;
  const clientOf = (name: string): Redis => {
    const known = clients.get(name);
    if (known !== undefined) return known;
    const client = new Redis({
      sentinels: [...sentinels],
      name,
      failoverDetector: true,
      connectTimeout: CONNECT_TIMEOUT_MS,
      disconnectTimeout: DISCONNECT_TIMEOUT_MS,
      retryStrategy: () => RECONNECT_MS,
      sentinelRetryStrategy: () => RECONNECT_MS,
      reconnectOnError: (error) => error.message.startsWith('READONLY'),
      maxRetriesPerRequest: null,
      commandTimeout: COMMAND_TIMEOUT_MS,
    });
    // A lost connection is what this is about; the library prints errors that nobody listens to.
    client.on('error', () => undefined);
    clients.set(name, client);
    return client;
  };
  return {
    write: async (name, { id, body }): Promise<Written> => {
      turn += 1;
      const client = clientOf(name);
      const write = ['*', 'id', id, 'body', body] as const;
      const key = streamKey('default', name, turn % QUEUES);
      try {
        if (waitCount === 0) {
          await client.xadd(key, ...write);
          return 'acknowledged';
        }
        const pipeline = client
          .pipeline()
          .xadd(key, ...write)
          .wait(waitCount, WAIT_MS);
        const [added, waited] = (await pipeline.exec()) ?? [];
        if (added === undefined || added[0] !== null) return 'unknown';
        const replicas = waited?.[0] === null ? waited[1] : 0;
        return typeof replicas === 'number' && replicas >= waitCount ? 'acknowledged' : 'unknown';
      } catch {
        return 'unknown';
      }
    },
    close: async () => {
      for (const client of clients.values()) client.disconnect();
    },
  };
}
