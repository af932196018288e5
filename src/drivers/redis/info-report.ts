/**
 * What `INFO` says, as the core wants it. Unknown lines are ignored and missing ones get the weakest meaning,
 * because the answer differs between versions and roles; only what makes a report wrong when guessed is demanded.
 */
import type { ServerReport } from '../../core/liveness/observation.ts';
import { incarnation, lineage } from '../../core/primitives/identifiers.ts';
import { LIMITS } from '../../core/primitives/limits.ts';

export type InfoFields = ReadonlyMap<string, string>;

/** Sections that a report is made of; one command, one answer. */
export const REPORT_SECTIONS = ['server', 'replication', 'persistence'] as const;
export const REPORT_COMMAND: readonly string[] = ['INFO', ...REPORT_SECTIONS];

export function parseInfo(text: string): InfoFields {
  const fields = new Map<string, string>();
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0 && !line.startsWith('#')) fields.set(line.slice(0, colon), line.slice(colon + 1).trimEnd());
  }
  return fields;
}

export function integerField(fields: InfoFields, name: string): bigint | null {
  const text = fields.get(name);
  return text !== undefined && /^-?\d+$/.test(text) ? BigInt(text) : null;
}

const isSet = (fields: InfoFields, name: string): boolean => fields.get(name) === '1';

function follows(fields: InfoFields): ServerReport['follows'] {
  const host = fields.get('master_host') ?? '';
  const address = host.includes(':') ? `[${host}]` : host;
  return {
    address: `${address}:${fields.get('master_port') ?? ''}`,
    linkUp: fields.get('master_link_status') === 'up',
    syncing: isSet(fields, 'master_sync_in_progress'),
    lastReceivedSecondsAgo: Number(integerField(fields, 'master_last_io_seconds_ago') ?? -1n),
  };
}

/**
 * A slave's offset is what it has processed of its master's stream, never its own counter, which keeps the old
 * value while a full resync runs. One that never synchronised claims 1 although it holds nothing; its own counter
 * is right then.
 */
function offsetOf(fields: InfoFields, role: ServerReport['role']): bigint | null {
  const own = integerField(fields, 'master_repl_offset');
  if (role === 'master') return own;
  const processed = integerField(fields, 'slave_repl_offset');
  if (processed === null || own === null || hasBacklog(fields)) return processed;
  if (own < processed) return own;
  return processed;
}

/** Without a backlog a master's lineage changes as soon as the first replica attaches. */
export const hasBacklog = (fields: InfoFields): boolean => isSet(fields, 'repl_backlog_active');

/**
 * Whether other nodes and the log can carry it. What answers as a Redis server need not be one, and a number or a word
 * out of all bounds would cost the nodes their connections to each other.
 */
const isSound = ({ incarnation, lineage, secondLineage, follows, ...numbers }: ServerReport): boolean =>
  [incarnation, lineage, secondLineage ?? '', follows?.address ?? ''].every(
    (word) => word.length <= LIMITS.opaqueCharacters,
  ) &&
  [numbers.offset, numbers.secondOffset].every((offset) => offset >= 0n && offset <= LARGEST_OFFSET) &&
  [numbers.connectedSlaves, follows?.lastReceivedSecondsAgo ?? 0].every(Number.isSafeInteger) &&
  numbers.connectedSlaves >= 0;

/** Redis counts in signed 64 bits. */
const LARGEST_OFFSET = 2n ** 63n - 1n;

/** Redis writes the id that a server never had as forty zeros. */
const hasSecondLineage = (id: string | undefined): id is string => id !== undefined && /[^0]/.test(id);

/**
 * Null when the answer is not that of a master or slave, or holds what no server says.
 * `second_repl_offset` is the first byte that is no longer shared; the report holds the last that is.
 */
export function serverReport(fields: InfoFields): ServerReport | null {
  const role = fields.get('role');
  const runId = fields.get('run_id');
  const replicationId = fields.get('master_replid');
  if ((role !== 'master' && role !== 'slave') || !runId || !replicationId) return null;
  const offset = offsetOf(fields, role);
  if (offset === null) return null;
  const secondId = fields.get('master_replid2');
  const firstUnshared = integerField(fields, 'second_repl_offset') ?? 0n;
  const report: ServerReport = {
    incarnation: incarnation(runId),
    role,
    loading: isSet(fields, 'loading') || isSet(fields, 'async_loading'),
    lineage: lineage(replicationId),
    secondLineage: hasSecondLineage(secondId) ? lineage(secondId) : null,
    secondOffset: firstUnshared > 0n ? firstUnshared - 1n : 0n,
    offset,
    follows: role === 'slave' ? follows(fields) : null,
    connectedSlaves: Number(integerField(fields, 'connected_slaves') ?? 0n),
    epoch: null,
  };
  return isSound(report) ? report : null;
}

/** Keys over all databases; the fields of the keyspace section look like `db0:keys=2,expires=0,avg_ttl=0`. */
export function countKeys(fields: InfoFields): bigint {
  let keys = 0n;
  for (const [name, value] of fields) {
    const match = /^db\d+$/.test(name) ? /^keys=(\d+)/.exec(value) : null;
    if (match?.[1] !== undefined) keys += BigInt(match[1]);
  }
  return keys;
}

/** Major version, 0 when it can't be read. */
export const majorVersion = (fields: InfoFields): number =>
  Number.parseInt(fields.get('redis_version') ?? '', 10) || 0;
