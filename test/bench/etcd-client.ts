/**
 * As little of a client of etcd as puts need: gRPC by hand on HTTP/2 of Node itself, any number of puts under way on
 * one connection. That is faster for etcd than its JSON gateway, which translates every request inside the server,
 * and than a gRPC library with its layers.
 */
import { connect } from 'node:http2';

const FRAME_HEAD_BYTES = 5;
const KEY_FIELD = 0x0a;
const VALUE_FIELD = 0x12;
const VARINT_BITS = 7;

/** A field of bytes: its tag, its length as a varint, the bytes. */
function field(tag: number, text: string): Buffer {
  const bytes = Buffer.from(text);
  const head = [tag];
  let length = bytes.length;
  while (length >= 1 << VARINT_BITS) {
    head.push((length & 0x7f) | 0x80);
    length >>>= VARINT_BITS;
  }
  head.push(length);
  return Buffer.concat([Buffer.from(head), bytes]);
}

/** `etcdserverpb.PutRequest` in a frame of gRPC that is not compressed. */
export function encodePut(key: string, value: string): Buffer {
  const request = Buffer.concat([field(KEY_FIELD, key), field(VALUE_FIELD, value)]);
  const head = Buffer.alloc(FRAME_HEAD_BYTES);
  head.writeUInt32BE(request.length, 1);
  return Buffer.concat([head, request]);
}

export type EtcdClient = {
  /** Resolves once the put is committed; rejects with what etcd says otherwise. */
  put(key: string, value: string): Promise<void>;
  close(): void;
};

/** Resolves once connected. A connection that breaks later rejects what is under way, and every put after. */
export function connectEtcd(port: number): Promise<EtcdClient> {
  const authority = `127.0.0.1:${port}`;
  const session = connect(`http://${authority}`, { settings: { enablePush: false } });
  const headers = {
    ':method': 'POST',
    ':path': '/etcdserverpb.KV/Put',
    'content-type': 'application/grpc',
    te: 'trailers',
  };
  const put = (key: string, value: string): Promise<void> =>
    new Promise((done, fail) => {
      const stream = session.request(headers);
      let status: unknown = 'none';
      let message: unknown = '';
      // An answer that is a refusal has its status in the first headers.
      stream.on('response', (answer) => {
        if (answer['grpc-status'] !== undefined) status = answer['grpc-status'];
        message = answer['grpc-message'] ?? message;
      });
      stream.on('trailers', (trailers) => {
        status = trailers['grpc-status'];
        message = trailers['grpc-message'] ?? message;
      });
      stream.on('error', fail);
      stream.on('close', () => {
        if (String(status) === '0') done();
        else fail(new Error(`etcd refused a put: status ${String(status)} ${String(message)}`));
      });
      stream.resume();
      stream.end(encodePut(key, value));
    });
  return new Promise((done, fail) => {
    session.once('error', fail);
    session.once('connect', () => {
      session.off('error', fail);
      // Whoever waits for a put is told by its stream.
      session.on('error', () => undefined);
      done({ put, close: () => session.destroy() });
    });
  });
}
