/**
 * One connection to one Redis server, for the whole of its life. It is never reopened: a client library that
 * reconnects would let the new master answer the WAIT of a write that only the old one took. Whoever needs another
 * connection opens another one; a reply therefore always comes from the connection that took the command.
 */
import type { ConnectionOptions } from 'node:tls';
import { Redis } from 'ioredis';
import { splitAddress } from '../core/primitives/address.ts';
import { SDK_LIMITS } from './limits.ts';

export type ConnectionTarget = {
  /** `host:port`, or `[address]:port`. */
  readonly address: string;
  readonly username: string;
  /** Empty where the user needs none. */
  readonly password: string;
  readonly tls: ConnectionOptions | null;
  /** Shown by CLIENT LIST. */
  readonly name: string;
};

export type Connection = {
  readonly redis: Redis;
  isOpen(): boolean;
  /** Sessions that the client library has opened; more than one means that a reply may be of another session. */
  sessions(): number;
  /** Called once, when the connection is gone for whatever reason. */
  onClose(listener: () => void): void;
  /** Cuts the connection without waiting for the other side; replies under way are lost. */
  close(): void;
};

export type Opened =
  | { readonly kind: 'opened'; readonly connection: Connection }
  | { readonly kind: 'failed'; readonly detail: string };

/** Never rejects. */
export async function openConnection(target: ConnectionTarget): Promise<Opened> {
  const { host, port } = splitAddress(target.address);
  const redis = new Redis({
    host,
    port: Number(port),
    username: target.username,
    password: target.password,
    connectionName: target.name,
    ...(target.tls === null ? {} : { tls: target.tls }),
    lazyConnect: true,
    connectTimeout: SDK_LIMITS.connectMs,
    protocol: 2,
    enableReadyCheck: false,
    disableClientInfo: true,
    enableOfflineQueue: false,
    // The two that matter: nothing is sent a second time behind our back, and the connection stays closed.
    autoResendUnfulfilledCommands: false,
    retryStrategy: null,
    maxRetriesPerRequest: 0,
  });
  let lastError = 'the connection was closed';
  let sessions = 0;
  let open = true;
  const listeners: (() => void)[] = [];
  redis.on('error', (error: Error) => {
    lastError = error.message;
  });
  redis.on('connect', () => {
    sessions += 1;
  });
  const gone = (): void => {
    if (!open) return;
    open = false;
    for (const listener of listeners) listener();
  };
  redis.on('close', gone);
  redis.on('end', gone);
  const close = (): void => {
    gone();
    redis.disconnect();
    // The other side may be stopped and never answer a farewell.
    redis.stream?.destroy();
  };

  const timer = setTimeout(() => {
    lastError = `no answer within ${2 * SDK_LIMITS.connectMs} ms`;
    close();
  }, 2 * SDK_LIMITS.connectMs);
  try {
    await redis.connect();
  } catch (error) {
    close();
    const detail = error instanceof Error && !/closed/.test(error.message) ? error.message : lastError;
    return { kind: 'failed', detail: `${target.address} as ${target.username}: ${detail}` };
  } finally {
    clearTimeout(timer);
  }
  return {
    kind: 'opened',
    connection: {
      redis,
      isOpen: () => open,
      sessions: () => sessions,
      onClose: (listener) => {
        if (open) listeners.push(listener);
        else listener();
      },
      close,
    },
  };
}
