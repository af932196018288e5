/**
 * What a server that nobody has declared says of those around it: its slaves, out of its own INFO and as they announce
 * themselves, and the Sentinels that are connected to it.
 */
import type { ConnectionOptions } from 'node:tls';
import { LIMITS } from '../../core/primitives/limits.ts';
import { accepted, type Result, refused } from '../../core/primitives/refusal.ts';
import type { Command, Credentials, OpenConnection } from './connections.ts';
import { parseInfo } from './info-report.ts';
import { REDIS_LIMITS } from './limits.ts';
import type { CallFailure } from './outcome.ts';

/** `host:port` of two fields of an answer; null where they are none. */
export const addressIn = (host: string | undefined, port: string | undefined): string | null => {
  if (host === undefined || !/^[A-Za-z0-9._:-]{1,255}$/.test(host) || !/^[1-9]\d{0,4}$/.test(port ?? ''))
    return null;
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
};

type Account = { readonly owner: Credentials; readonly tls: ConnectionOptions | null };

export const slavesOf = (
  open: OpenConnection,
  account: Account,
  master: string,
): Promise<Result<readonly string[]>> =>
  ask(open, account, master, ['INFO', 'replication'], (text) => slavesIn(master, text));

/** How their ids begin: a Sentinel names its connections so. */
export const watchersOf = (
  open: OpenConnection,
  account: Account,
  server: string,
): Promise<Result<readonly string[]>> =>
  ask(open, account, server, ['CLIENT', 'LIST'], (text) => {
    const ids = new Set([...text.matchAll(/ name=sentinel-([0-9a-f]{1,40})-/g)].map(([, id = '']) => id));
    return accepted([...ids].slice(0, LIMITS.sentinelsPerMaster));
  });

async function ask<Value>(
  open: OpenConnection,
  { owner, tls }: Account,
  address: string,
  command: Command,
  read: (text: string) => Result<Value>,
): Promise<Result<Value>> {
  const timeoutMs = REDIS_LIMITS.steerConnectTimeoutMs;
  const opened = await open({ address, tls, timeoutMs, credentials: owner });
  if (!opened.ok) return refusalOf(address, opened);
  try {
    const answer = await opened.value.call(command, REDIS_LIMITS.steerCommandTimeoutMs);
    return answer.ok ? read(String(answer.value)) : refusalOf(address, answer);
  } finally {
    opened.value.close();
  }
}

/** As the end of a sentence. */
export const withDot = (detail: string): string => `${detail.trim().replace(/\.+$/, '')}.`;

function refusalOf(master: string, { kind, detail }: CallFailure) {
  return kind === 'answeredError'
    ? refused('brokerRefused', `${master} answers: ${withDot(detail)}`)
    : refused('brokerUnreachable', `${master} does not answer: ${withDot(detail)}`);
}

/** Lines such as `slave0:ip=10.1.0.2,port=6379,state=online,offset=1,lag=0`. */
function slavesIn(master: string, text: string): Result<readonly string[]> {
  const fields = parseInfo(text);
  if (fields.get('role') === 'slave') {
    const upstream = addressIn(fields.get('master_host'), fields.get('master_port'));
    return refused(
      'brokerRefused',
      `${master} is a slave of ${upstream ?? 'another server'}: name its master.`,
    );
  }
  if (fields.get('role') !== 'master') return refused('brokerRefused', `${master} is no data server.`);
  const slaves: string[] = [];
  for (const [name, value] of fields) {
    if (!/^slave\d+$/.test(name)) continue;
    const parts = new Map(
      value.split(',').map((part) => [part.split('=')[0] ?? '', part.split('=')[1] ?? '']),
    );
    const address = addressIn(parts.get('ip'), parts.get('port'));
    if (address === null || slaves.length >= LIMITS.slavesPerMaster)
      return refused('brokerRefused', `${master} names its slaves as no master does.`);
    slaves.push(address);
  }
  return accepted(slaves);
}
