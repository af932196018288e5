import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { STRANGER_MEANINGS, strangerOf } from '../../../src/doors/rocketmq/first-byte.ts';

describe('strangerOf', () => {
  const cases: readonly (readonly [what: string, bytes: string, stranger: string | null])[] = [
    ['a frame', '\x00\x00\x00\x84', null],
    ['the largest frame there is', '\x01\x00\x00\x00', null],
    ['a TLS ClientHello', '\x16\x03\x01', 'tls'],
    ['the PROXY protocol, version 1', 'PROXY TCP4', 'proxyProtocol'],
    ['the PROXY protocol, version 2', '\r\n\r\n\0\r\nQUIT\n', 'proxyProtocol'],
    ['a browser', 'GET / HTTP/1.1', 'http'],
    ['a Redis client', '*1\r\n$4\r\nPING', 'unknown'],
  ];
  for (const [what, bytes, stranger] of cases) {
    it(`takes ${what} for ${stranger ?? 'one of ours'}`, () => {
      const found = strangerOf(bytes.charCodeAt(0));
      assert.equal(found, stranger);
      if (found !== null) assert.notEqual(STRANGER_MEANINGS[found], '');
    });
  }
});
