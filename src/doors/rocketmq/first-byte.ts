/**
 * What a connection begins with. The first byte of a frame's length is 0, or 1 for the largest frame there is; what
 * else people point at this port by mistake is told apart, so that the log can say what to change. Pollux speaks neither
 * TLS nor the PROXY protocol at this door.
 */
export type Stranger = 'tls' | 'proxyProtocol' | 'http' | 'unknown';

const TLS_HANDSHAKE = 0x16;
/** `P` of `PROXY` of version 1, and the first byte of version 2's signature. */
const PROXY_PROTOCOL = [0x50, 0x0d];
/** Of GET, HEAD, CONNECT, DELETE and OPTIONS; POST and PUT begin as the PROXY protocol does. */
const HTTP = ['G', 'H', 'C', 'D', 'O'].map((letter) => letter.charCodeAt(0));

/** Null for a remoting connection. */
export function strangerOf(firstByte: number): Stranger | null {
  if (firstByte <= 1) return null;
  if (firstByte === TLS_HANDSHAKE) return 'tls';
  if (PROXY_PROTOCOL.includes(firstByte)) return 'proxyProtocol';
  return HTTP.includes(firstByte) ? 'http' : 'unknown';
}

export const STRANGER_MEANINGS: Readonly<Record<Stranger, string>> = {
  tls: 'it speaks TLS, which this door does not: set tls.enable=false (or drop -Dtls.enable=true) on that side',
  proxyProtocol:
    'it begins with a PROXY protocol header, which this door does not read: switch it off at the load balancer',
  http: 'it speaks HTTP: the HTTP door listens on another port (`listen.http`)',
  unknown: 'it does not speak the remoting protocol of RocketMQ',
};
