/**
 * Asks real Sentinels what they watch, and tells them to stop. Each question has a connection of its own; what comes
 * back is bounded before anybody sees it, for what answers need not be a Sentinel.
 */
import type { ConnectionOptions } from 'node:tls';
import { z } from 'zod';
import { LIMITS } from '../../core/primitives/limits.ts';
import { accepted, type Result, refused } from '../../core/primitives/refusal.ts';
import type {
  MasterSeen,
  SentinelPort,
  SentinelSeen,
  SlaveSeen,
} from '../../core/sentinels/sentinel-port.ts';
import { type Connection, type Credentials, type OpenConnection, openConnection } from './connections.ts';
import { REDIS_LIMITS } from './limits.ts';
import type { CallFailure } from './outcome.ts';
import type { DriverLogger } from './redis-driver.ts';
import { addressIn, slavesOf, watchersOf, withDot } from './undeclared-server.ts';

export type SentinelClientOptions = {
  /** Null: Sentinels that ask for no password. */
  readonly login: Credentials;
  /** The account of data servers that are not prepared. */
  readonly owner: Credentials;
  readonly tls: ConnectionOptions | null;
};

export type SentinelClientPorts = {
  readonly logger: DriverLogger;
  /** Real connections where it is left out. */
  readonly openConnection?: OpenConnection;
};

/** Nothing that would reach a terminal as a command of its own. */
const word = z
  .string()
  .max(LIMITS.opaqueCharacters)
  .regex(/^\P{C}*$/u);
/** Field, value, field, value ... */
const recordSchema = z
  .array(word)
  .max(256)
  .transform((words) => {
    const fields = new Map<string, string>();
    for (let at = 0; at + 1 < words.length; at += 2) fields.set(words[at] ?? '', words[at + 1] ?? '');
    return fields;
  });
type Fields = z.output<typeof recordSchema>;

const recordsSchema = (most: number) => z.array(recordSchema).max(most);
/** Only so many are read at all. */
const mastersSchema = z
  .array(z.unknown())
  .transform((all) => ({ first: all.slice(0, LIMITS.mastersPerSentinel), leftOff: all.length }))
  .pipe(z.object({ first: recordsSchema(LIMITS.mastersPerSentinel), leftOff: z.number() }))
  .transform(({ first, leftOff }) => ({ first, leftOff: leftOff - first.length }));
const idSchema = z.string().regex(/^[0-9a-f]{40}$/);

/** What SENTINEL SET takes, under the names that the record has. */
const SETTINGS = [
  'down-after-milliseconds',
  'failover-timeout',
  'parallel-syncs',
  'notification-script',
  'client-reconfig-script',
] as const;

const ownAddress = (fields: Fields): string | null => addressIn(fields.get('ip'), fields.get('port'));
const flagsIn = (fields: Fields): readonly string[] => (fields.get('flags') ?? '').split(',');

function slaveIn(fields: Fields): SlaveSeen | null {
  const address = ownAddress(fields);
  const priority = Number(fields.get('slave-priority'));
  if (address === null || !Number.isSafeInteger(priority) || priority < 0) return null;
  return {
    address,
    flags: flagsIn(fields),
    follows: addressIn(fields.get('master-host'), fields.get('master-port')),
    linkUp: fields.get('master-link-status') === 'ok',
    priority,
  };
}

function otherIn(fields: Fields): SentinelSeen | null {
  const address = ownAddress(fields);
  const id = idSchema.safeParse(fields.get('runid'));
  return address === null || !id.success ? null : { address, id: id.data };
}

/** Null as soon as one of them is none. */
function allOf<Value>(records: readonly Fields[], read: (fields: Fields) => Value | null): Value[] | null {
  const values = records.flatMap((fields) => read(fields) ?? []);
  return values.length === records.length ? values : null;
}

const NO_SUCH_MASTER = /No such master with that name/;

function refusalOf(sentinel: string, master: string | null, failure: CallFailure) {
  const { kind, detail } = failure;
  if (kind !== 'answeredError')
    return refused('brokerUnreachable', `Sentinel ${sentinel} does not answer: ${withDot(detail)}`);
  if (NO_SUCH_MASTER.test(detail))
    return refused('unknownMaster', `Sentinel ${sentinel} watches no master ${master}.`, { field: 'master' });
  if (/NOAUTH|WRONGPASS|invalid password/.test(detail)) {
    return refused(
      'brokerRefused',
      `Sentinel ${sentinel} asks for another password: give it to the nodes, redis.sentinels in their configuration.`,
    );
  }
  if (/NOPERM/.test(detail))
    return refused(
      'brokerRefused',
      `Sentinel ${sentinel} does not let this account do it: ${withDot(detail)}`,
    );
  if (/unknown command/i.test(detail))
    return refused(
      'brokerRefused',
      `${sentinel} is no Sentinel: it knows no such command. A data server does not.`,
    );
  return refused('brokerRefused', `Sentinel ${sentinel} answers: ${withDot(detail)}`);
}

const unreadable = (sentinel: string, command: string) =>
  refused('brokerRefused', `${sentinel} answers ${command} as no Sentinel does.`);

export function createSentinelClient(
  options: SentinelClientOptions,
  ports: SentinelClientPorts,
): SentinelPort {
  const open = ports.openConnection ?? openConnection;

  const ask = async <Schema extends z.ZodType>(
    connection: Connection,
    sentinel: string,
    command: readonly [name: string, master?: string],
    schema: Schema,
  ): Promise<Result<z.output<Schema>>> => {
    const [name, master = null] = command;
    const words = ['SENTINEL', name, ...(master === null ? [] : [master])];
    const answer = await connection.call(words, REDIS_LIMITS.steerCommandTimeoutMs);
    if (!answer.ok) return refusalOf(sentinel, master, answer);
    const parsed = schema.safeParse(answer.value);
    return parsed.success ? accepted(parsed.data) : unreadable(sentinel, `SENTINEL ${name}`);
  };

  const during = async <Value>(
    sentinel: string,
    work: (connection: Connection) => Promise<Result<Value>>,
  ): Promise<Result<Value>> => {
    const timeoutMs = REDIS_LIMITS.steerConnectTimeoutMs;
    const opened = await open({ address: sentinel, tls: options.tls, timeoutMs, credentials: options.login });
    if (!opened.ok) return refusalOf(sentinel, null, opened);
    try {
      return await work(opened.value);
    } finally {
      opened.value.close();
    }
  };

  const lookWith = async (
    connection: Connection,
    sentinel: string,
    name: string,
  ): Promise<Result<MasterSeen>> => {
    const id = await ask(connection, sentinel, ['MYID'], idSchema);
    if (!id.ok) return id;
    const master = await ask(connection, sentinel, ['MASTER', name], recordSchema);
    if (!master.ok) return master;
    const slaves = await ask(connection, sentinel, ['SLAVES', name], recordsSchema(LIMITS.slavesPerMaster));
    if (!slaves.ok) return slaves;
    const others = await ask(
      connection,
      sentinel,
      ['SENTINELS', name],
      recordsSchema(LIMITS.sentinelsPerMaster),
    );
    if (!others.ok) return others;
    const seen = masterIn({ id: id.value, address: sentinel }, master.value, slaves.value, others.value);
    return seen === null ? unreadable(sentinel, `SENTINEL MASTER ${name}`) : accepted(seen);
  };

  return {
    masters: (sentinel) =>
      during(sentinel, async (connection) => {
        const records = await ask(connection, sentinel, ['MASTERS'], mastersSchema);
        if (!records.ok) return records;
        const { first, leftOff } = records.value;
        return accepted({ names: first.flatMap((fields) => fields.get('name') ?? []).sort(), leftOff });
      }),
    slavesOf: (master) => slavesOf(open, options, master),
    watchersOf: (server) => watchersOf(open, options, server),
    look: (sentinel, name) => during(sentinel, (connection) => lookWith(connection, sentinel, name)),
    remove: (sentinel, name) =>
      during(sentinel, async (connection) => {
        const removed = await ask(connection, sentinel, ['REMOVE', name], z.literal('OK'));
        const isGone = removed.ok || removed.refusal.code === 'unknownMaster';
        ports.logger.info({ sentinel, master: name, isGone }, 'a Sentinel was told to stop watching');
        return isGone ? accepted(null) : removed;
      }),
  };
}

function masterIn(
  sentinel: SentinelSeen,
  fields: Fields,
  slaveRecords: readonly Fields[],
  otherRecords: readonly Fields[],
): MasterSeen | null {
  const address = ownAddress(fields);
  const quorum = Number(fields.get('quorum'));
  const slaves = allOf(slaveRecords, slaveIn);
  const others = allOf(otherRecords, otherIn);
  if (address === null || slaves === null || others === null) return null;
  if (!Number.isSafeInteger(quorum) || quorum < 1) return null;
  const settings = SETTINGS.flatMap((name) => {
    const value = fields.get(name);
    return value === undefined || value === '' ? [] : [[name, value] as const];
  });
  return { sentinel, address, flags: flagsIn(fields), quorum, settings, slaves, others };
}
