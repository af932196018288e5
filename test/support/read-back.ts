/**
 * What the surviving servers hold. Every stream is read from the master of its group, entry by entry; a message counts
 * as kept only if it is found there.
 */
import { streamKey } from '../../src/sdk/stream-key.ts';
import { type Ground, TOPIC } from './ground.ts';

const PAGE = 5_000;
const QUEUES_LOOKED_AT = 16;

/** Streams are read from `fromMs` on, by the master's wall clock, where it is given. */
export async function readBack(
  ground: Pick<Ground, 'groups' | 'group'>,
  fromMs?: number,
): Promise<Set<string>> {
  const kept = new Set<string>();
  for (const { name, servers } of ground.groups) {
    const { master } = await ground.group(name);
    const server = servers.find(({ id }) => id === master?.replica);
    if (server === undefined) throw new Error(`${name} has no master to read back from`);
    const client = server.redis.client();
    for (let queue = 0; queue < QUEUES_LOOKED_AT; queue += 1) {
      let from = fromMs === undefined ? '-' : String(Math.floor(fromMs));
      for (;;) {
        const entries = await client.xrange(streamKey('default', TOPIC, queue), from, '+', 'COUNT', PAGE);
        for (const [, fields] of entries) {
          const at = fields.indexOf('id');
          const id = at < 0 ? undefined : fields[at + 1];
          if (id !== undefined) kept.add(id);
        }
        const last = entries.at(-1);
        if (last === undefined || entries.length < PAGE) break;
        from = `(${last[0]}`;
      }
    }
    client.disconnect();
  }
  return kept;
}
