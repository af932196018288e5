/**
 * A new connection to a broker, or why there is none. Only what the other host refuses is told as refused: where the
 * way to it fails nothing is known of the broker, and where this node fails not even of the way.
 */
import { connect, isIP, type Socket } from 'node:net';
import { splitAddress } from '../../core/primitives/address.ts';

export type Dialled =
  | { readonly kind: 'connected'; readonly socket: Socket }
  | { readonly kind: 'refused'; readonly error: string }
  /** Nothing by the deadline, or the network says that there is no way. */
  | { readonly kind: 'unreachable' }
  /** Nothing was sent: no such address, no socket to be had, or given up by this side. */
  | { readonly kind: 'notTried' };

const REFUSED: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE']);
const NO_WAY: ReadonlySet<string> = new Set(['EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ETIMEDOUT']);
const LARGEST_PORT = 65_535;

function failed(error: Error): Dialled {
  const code = 'code' in error ? String(error.code) : '';
  if (REFUSED.has(code)) return { kind: 'refused', error: error.message };
  return NO_WAY.has(code) ? { kind: 'unreachable' } : { kind: 'notTried' };
}

/** Null for what is no `host:port`. Java writes IPv6 hosts without brackets. */
export function endpointOf(address: string): { readonly host: string; readonly port: number } | null {
  const { host, port } = splitAddress(address);
  const isPort = /^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= LARGEST_PORT;
  return host === '' || /[\s/]/.test(host) || !isPort ? null : { host, port: Number(port) };
}

/** Never rejects. `onSocket` gets the socket before it is connected: to destroy it gives up. */
export function dial(
  endpoint: { readonly host: string; readonly port: number },
  timeoutMs: number,
  onSocket: (socket: Socket) => void,
): Promise<Dialled> {
  return new Promise((resolve) => {
    const socket = connect(endpoint);
    let isResolved = isIP(endpoint.host) !== 0;
    const settle = (dialled: Dialled): void => {
      clearTimeout(timer);
      resolve(dialled);
    };
    const late = (): void => {
      settle({ kind: isResolved ? 'unreachable' : 'notTried' });
      if (socket.connecting) socket.destroy();
    };
    // After a stall of this process timers run before sockets are looked at.
    const timer = setTimeout(() => setImmediate(late), timeoutMs);
    socket.on('lookup', (error) => {
      isResolved ||= error === null;
    });
    socket.once('connect', () => settle({ kind: 'connected', socket }));
    socket.on('error', (error) => settle(failed(error)));
    socket.once('close', () => settle({ kind: 'notTried' }));
    onSocket(socket);
  });
}
