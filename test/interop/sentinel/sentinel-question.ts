/** Questions to the Sentinel door of single nodes, for the command's own use. */
import { Redis } from 'ioredis';
import type { SentinelAddress } from './client-line.ts';

const TIMEOUT_MS = 1_000;

/** Rejects with the error that the node answers. */
export async function askSentinel({ host, port }: SentinelAddress, ...words: string[]): Promise<unknown> {
  const client = new Redis({
    host,
    port,
    protocol: 2,
    lazyConnect: true,
    retryStrategy: () => null,
    connectTimeout: TIMEOUT_MS,
    commandTimeout: TIMEOUT_MS,
    enableReadyCheck: false,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const [command = '', ...parameters] = words;
    return await client.call(command, ...parameters);
  } finally {
    client.disconnect();
  }
}

/** Lists of names and values, as RESP2 has them. */
export function recordsOf(answer: unknown): readonly ReadonlyMap<string, string>[] {
  return (Array.isArray(answer) ? answer : []).flatMap((record: unknown) => {
    if (!Array.isArray(record)) return [];
    const words = record.map(String);
    return [new Map(words.flatMap((word, at) => (at % 2 === 0 ? [[word, words[at + 1] ?? '']] : [])))];
  });
}

/** The record of a master, from the first node that has it. */
export async function detailsOf(
  sentinels: readonly SentinelAddress[],
  master: string,
): Promise<ReadonlyMap<string, string>> {
  let lastError: unknown = new Error('there is no Sentinel to ask');
  for (const sentinel of sentinels) {
    try {
      const answer = await askSentinel(sentinel, 'SENTINEL', 'MASTER', master);
      const [record] = recordsOf([answer]);
      if (record !== undefined) return record;
    } catch (error) {
      lastError = error;
    }
  }
  throw lastError;
}
