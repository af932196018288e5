/**
 * One connection to one server. It never reconnects, never resends and never queues: a command was sent on the
 * connection that it was meant for, or it failed. A connection that did not answer in time is closed, because
 * nobody can tell what it would still do.
 */

import type { ConnectionOptions } from 'node:tls';
import { Redis } from 'ioredis';
import { REDIS_LIMITS } from './limits.ts';
import type { Answer, CallFailure } from './outcome.ts';

export type Reply = string | number | null | readonly Reply[];
export type Command = readonly string[];

/** `null`: log in as nobody, which is `default` on a server that asks for no password. */
export type Credentials = { readonly username: string; readonly password: string } | null;

export type ConnectionSettings = {
  readonly address: string;
  readonly credentials: Credentials;
  readonly tls: ConnectionOptions | null;
  readonly timeoutMs: number;
};

export type Connection = {
  call(command: Command, timeoutMs: number): Promise<Answer<Reply>>;
  /** MULTI, the commands, EXEC. An error anywhere is a failure that names the command, never its arguments. */
  transaction(commands: readonly Command[], timeoutMs: number): Promise<Answer<readonly Reply[]>>;
  isOpen(): boolean;
  /** Called once when the other side ends the connection, at once if it has; not for {@link Connection.close}. */
  onLost(handler: (error: string) => void): void;
  close(): void;
};

/** The door to servers: {@link openConnection} in a node, servers of a model in the simulator. */
export type OpenConnection = (settings: ConnectionSettings) => Promise<Answer<Connection>>;

/** `host:port` or `[v6]:port`; null for anything else. */
export function parseAddress(address: string): { readonly host: string; readonly port: number } | null {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]]+)):(\d{1,5})$/.exec(address);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  return host === undefined || !(port >= 1 && port <= 65_535) ? null : { host, port };
}

const failure = (kind: CallFailure['kind'], detail: string): CallFailure => ({
  ok: false,
  kind,
  detail: detail.slice(0, REDIS_LIMITS.errorCharacters),
});

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const isReplyError = (error: unknown): boolean => error instanceof Error && error.name === 'ReplyError';

/** The library asks to be told of answers that it cannot parse; here they come from something that is no Redis. */
const inPlainWords = (message: string): string =>
  message.startsWith('Unknown RESP type') ? 'what answers there does not speak the Redis protocol' : message;

/** Name and subcommand. Arguments may hold passwords, so they are never part of a message. */
const nameOf = (command: Command): string => {
  const [name = '', subcommand] = command;
  return /^(ACL|CLIENT|CONFIG|PUBSUB|SENTINEL)$/.test(name) ? `${name} ${subcommand ?? ''}` : name;
};

/**
 * Settles to null when the promise takes longer. What has already arrived at the socket counts as in time: after
 * a stall of this process timers run before the sockets are read.
 */
function within<Value>(promise: Promise<Value>, timeoutMs: number): Promise<Value | null> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => setImmediate(() => resolve(null)), timeoutMs);
    promise.then((value) => {
      clearTimeout(timer);
      resolve(value);
    });
  });
}

function connectFailure(error: Error | null, timeoutMs: number): CallFailure {
  const code = error !== null && 'code' in error ? String(error.code) : '';
  const detail = error === null ? 'connection closed while it was opened' : `${code} ${error.message}`.trim();
  if (error === null || code === 'ECONNREFUSED' || code === 'ECONNRESET' || code === 'EPIPE') {
    return failure('connectionRefused', detail);
  }
  if (isReplyError(error)) return failure('answeredError', error.message);
  return failure('silent', code === 'ETIMEDOUT' ? `no connection within ${timeoutMs} ms` : detail);
}

function wrap(redis: Redis): Connection {
  let lost: string | null = null;
  let closedByUs = false;
  let lostHandler: ((error: string) => void) | null = null;
  let lastError = 'closed by the server';
  redis.on('error', (error: Error) => {
    lastError = error.message;
  });
  redis.once('end', () => {
    lost = lastError;
    if (!closedByUs) lostHandler?.(lastError);
  });
  const close = (): void => {
    closedByUs = true;
    redis.disconnect();
  };
  const settle = async <Value>(sent: Promise<Answer<Value>>, timeoutMs: number): Promise<Answer<Value>> => {
    const answer = await within(sent, timeoutMs);
    if (answer !== null) return answer;
    close();
    return failure('silent', `no answer within ${timeoutMs} ms`);
  };
  const failedCall = (name: string, error: unknown): CallFailure =>
    isReplyError(error)
      ? failure('answeredError', `${name}: ${messageOf(error)}`)
      : failure('disconnected', `${name}: ${inPlainWords(lost ?? messageOf(error))}`);
  return {
    call: (command, timeoutMs) => {
      const [name = '', ...args] = command;
      const sent = redis.call(name, ...args).then(
        (value): Answer<Reply> => ({ ok: true, value: value as Reply }),
        (error: unknown): Answer<Reply> => failedCall(nameOf(command), error),
      );
      return settle(sent, timeoutMs);
    },
    transaction: (commands, timeoutMs) => {
      const pipeline = redis.multi();
      for (const [name = '', ...args] of commands) pipeline.call(name, ...args);
      const sent = pipeline.exec().then(
        (replies): Answer<readonly Reply[]> => {
          const answers = replies ?? [];
          const broken = answers.findIndex(([error]) => error !== null);
          if (broken >= 0) return failedCall(nameOf(commands[broken] ?? []), answers[broken]?.[0]);
          if (answers.length !== commands.length)
            return failure('answeredError', 'EXEC: answer is incomplete');
          return { ok: true, value: answers.map(([, reply]) => reply as Reply) };
        },
        (error: unknown): Answer<readonly Reply[]> => failedCall('EXEC', rootOf(error)),
      );
      return settle(sent, timeoutMs);
    },
    isOpen: () => lost === null && !closedByUs,
    onLost: (handler) => {
      if (lost !== null && !closedByUs) handler(lost);
      else lostHandler = handler;
    },
    close,
  };
}

/** A discarded transaction says only that it was discarded; the reason is the first error before it. */
function rootOf(error: unknown): unknown {
  if (error instanceof Error && 'previousErrors' in error && Array.isArray(error.previousErrors)) {
    return error.previousErrors[0] ?? error;
  }
  return error;
}

async function connectAndLogIn(redis: Redis, settings: ConnectionSettings): Promise<Answer<Connection>> {
  let connectError: Error | null = null;
  const remember = (error: Error): void => {
    connectError ??= error;
  };
  redis.on('error', remember);
  const connected = await redis.connect().then(
    () => true,
    () => false,
  );
  redis.off('error', remember);
  if (!connected) return connectFailure(connectError, settings.timeoutMs);
  const connection = wrap(redis);
  if (settings.credentials === null) return { ok: true, value: connection };
  const { username, password } = settings.credentials;
  const login = await connection.call(['AUTH', username, password], settings.timeoutMs);
  if (login.ok) return { ok: true, value: connection };
  connection.close();
  // A server that closes before it answered the login took the connection from its backlog only to drop it.
  return login.kind === 'disconnected' ? failure('connectionRefused', login.detail) : login;
}

/** Connects and logs in, all within `timeoutMs`. */
export const openConnection: OpenConnection = async (settings) => {
  const endpoint = parseAddress(settings.address);
  if (endpoint === null) return failure('silent', `badAddress: ${settings.address} is not host:port`);
  const redis = new Redis({
    ...endpoint,
    ...(settings.tls === null ? {} : { tls: settings.tls }),
    lazyConnect: true,
    protocol: 2,
    retryStrategy: null,
    autoResendUnfulfilledCommands: false,
    enableOfflineQueue: false,
    enableReadyCheck: false,
    disableClientInfo: true,
    maxRetriesPerRequest: 0,
    connectTimeout: settings.timeoutMs,
    disconnectTimeout: REDIS_LIMITS.disconnectTimeoutMs,
  });
  // The library prints errors that nobody listens to.
  redis.on('error', () => undefined);
  const opened = await within(connectAndLogIn(redis, settings), settings.timeoutMs);
  if (opened !== null) return opened;
  redis.disconnect();
  return failure('silent', `no connection within ${settings.timeoutMs} ms`);
};
