/** `INFO`, in the form in which Redis 7.0 answers it, as far as anybody here reads it. */
import type { ServerProcess } from './server-process.ts';

type Lines = readonly string[];

const section = (title: string, lines: Lines): string => `# ${title}\r\n${lines.join('\r\n')}\r\n`;

function serverLines({ host, runId }: ServerProcess): Lines {
  return [
    `redis_version:${host.version}`,
    'redis_mode:standalone',
    `run_id:${runId}`,
    `tcp_port:${host.port}`,
    `config_file:${host.file === null ? '' : host.configPath}`,
  ];
}

function persistenceLines({ loading, settings }: ServerProcess): Lines {
  return [
    `loading:${loading ? 1 : 0}`,
    'async_loading:0',
    `aof_enabled:${settings.isOn('appendonly') ? 1 : 0}`,
  ];
}

function masterLines({ link, stream }: ServerProcess, now: number): Lines {
  if (link.master === null) return ['role:master'];
  const isUp = link.state === 'connected';
  // A server that has no place in any stream claims the first byte of one.
  const processed = isUp || link.knowsItsPlace ? stream.offset : 1n;
  const downSeconds = link.downSinceMs === null ? -1 : Math.floor((now - link.downSinceMs) / 1_000);
  return [
    'role:slave',
    `master_host:${link.master.host}`,
    `master_port:${link.master.port}`,
    `master_link_status:${isUp ? 'up' : 'down'}`,
    `master_last_io_seconds_ago:${link.lastHeardSecondsAgo()}`,
    `master_sync_in_progress:${link.state === 'transfer' || link.state === 'loading' ? 1 : 0}`,
    `slave_read_repl_offset:${processed}`,
    `slave_repl_offset:${processed}`,
    ...(isUp ? [] : [`master_link_down_since_seconds:${downSeconds}`]),
    'slave_priority:100',
    'slave_read_only:1',
  ];
}

function replicationLines(process: ServerProcess): Lines {
  const { feeds, settings, stream } = process;
  const wanted = settings.number('min-replicas-to-write');
  const first = stream.backlogFirst;
  return [
    ...masterLines(process, process.nowMs()),
    `connected_slaves:${feeds.size}`,
    ...(wanted > 0 ? [`min_slaves_good_slaves:${feeds.goodReplicas}`] : []),
    ...feeds.lines(),
    `master_failover_state:${process.failover.name}`,
    `master_replid:${stream.replicationId}`,
    `master_replid2:${stream.secondId}`,
    `master_repl_offset:${stream.offset}`,
    `second_repl_offset:${stream.secondOffset}`,
    `repl_backlog_active:${stream.hasBacklog ? 1 : 0}`,
    `repl_backlog_size:${settings.text('repl-backlog-size')}`,
    `repl_backlog_first_byte_offset:${first}`,
    `repl_backlog_histlen:${stream.backlogBytes}`,
  ];
}

function keyspaceLines({ writes }: ServerProcess): Lines {
  const keys = new Set(writes.map((write) => write.key)).size;
  return keys === 0 ? [] : [`db0:keys=${keys},expires=0,avg_ttl=0`];
}

const SECTIONS: readonly (readonly [
  name: string,
  title: string,
  lines: (process: ServerProcess) => Lines,
])[] = [
  ['server', 'Server', serverLines],
  ['persistence', 'Persistence', persistenceLines],
  ['replication', 'Replication', replicationLines],
  ['keyspace', 'Keyspace', keyspaceLines],
];

export function infoText(process: ServerProcess, wanted: readonly string[]): string {
  const names = wanted.map((name) => name.toLowerCase());
  return SECTIONS.filter(([name]) => names.length === 0 || names.includes(name))
    .map(([, title, lines]) => section(title, lines(process)))
    .join('\r\n');
}
