/**
 * A system under the writer: pollux or Redis Sentinel over redis-servers of the same kind, which lose something and find
 * back. A benchmark does the same to both and knows of them no more than this.
 */
import type { Redis } from 'ioredis';
import { streamKey } from '../../../src/sdk/stream-key.ts';
import type { RedisServer } from '../../support/redis-server.ts';

/** How the writer is to find the master; what `processes/writer.ts` parses. */
export type Through =
  | { readonly kind: 'pollux'; readonly nodes: readonly string[]; readonly idc: string }
  | {
      readonly kind: 'sentinel';
      readonly sentinels: readonly { readonly host: string; readonly port: number }[];
      readonly waitCount: number;
    };

/** One broker group by the sites of its servers, the first master's first. */
export type GroupLayout = { readonly name: string; readonly sites: readonly string[] };

export type PlacedServer = { readonly id: string; readonly site: string; readonly redis: RedisServer };

export type System = {
  /** What the writer writes to: one topic, or one master, for each broker group. */
  readonly targets: readonly string[];
  readonly servers: readonly PlacedServer[];
  through(idc: string): Through;
  /** The master of a target as the system has it now. */
  masterOf(target: string): Promise<PlacedServer>;
  /** Waits until every group has its master and all its slaves, in sync. */
  whole(): Promise<void>;
  /** Moves the mastership of a target in a planned way; resolves once it has moved. */
  move(target: string): Promise<void>;
  close(): Promise<void>;
};

/** The same for both: no persistence, slaves that sync at once, and a ping every second. */
export const REDIS_CONFIG: readonly string[] = [
  'save ""',
  'appendonly no',
  'repl-diskless-sync-delay 0',
  'repl-ping-replica-period 1',
];

/** As a client in that IDC would list them. */
export const nearestFirst = <Placed extends { readonly site: string }>(
  all: readonly Placed[],
  idc: string,
): readonly Placed[] => [
  ...all.filter(({ site }) => site === idc),
  ...all.filter(({ site }) => site !== idc),
];

const PAGE = 5_000;
const QUEUES = 4;

async function readStream(client: Redis, key: string, found: Set<string>): Promise<void> {
  for (let from = '-'; ; ) {
    const entries = await client.xrange(key, from, '+', 'COUNT', PAGE);
    for (const [, fields] of entries) {
      const at = fields.indexOf('id');
      const id = at < 0 ? undefined : fields[at + 1];
      if (id !== undefined) found.add(id);
    }
    const last = entries.at(-1);
    if (last === undefined || entries.length < PAGE) return;
    from = `(${last[0]}`;
  }
}

/** Ids of all messages that the masters of today hold. */
export async function readBack(system: System): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const target of system.targets) {
    const { redis } = await system.masterOf(target);
    const client = redis.client();
    for (let queue = 0; queue < QUEUES; queue += 1)
      await readStream(client, streamKey('default', target, queue), found);
    client.disconnect();
  }
  return found;
}
