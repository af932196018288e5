import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  array,
  bulk,
  bulks,
  error,
  integer,
  NULL_ARRAY,
  NULL_BULK,
  type Reply,
  record,
  simple,
  verbatim,
} from '../../../src/doors/sentinel/reply.ts';
import { encodeReply } from '../../../src/doors/sentinel/reply-codec.ts';

describe('encodeReply', () => {
  const cases: readonly (readonly [what: string, reply: Reply, two: string, three: string])[] = [
    ['a line', simple('OK'), '+OK\r\n', '+OK\r\n'],
    ['an error, on one line whatever it says', error('ERR a\r\nb'), '-ERR a b\r\n', '-ERR a b\r\n'],
    ['a number', integer(-1), ':-1\r\n', ':-1\r\n'],
    ['text', bulk('a\r\nb'), '$4\r\na\r\nb\r\n', '$4\r\na\r\nb\r\n'],
    ['text for people', verbatim('ab'), '$2\r\nab\r\n', '=6\r\ntxt:ab\r\n'],
    ['nothing', NULL_BULK, '$-1\r\n', '_\r\n'],
    ['nothing where an array is asked for', NULL_ARRAY, '*-1\r\n', '_\r\n'],
    ['an array', bulks(['a', '']), '*2\r\n$1\r\na\r\n$0\r\n\r\n', '*2\r\n$1\r\na\r\n$0\r\n\r\n'],
    [
      'a record, whose numbers are text',
      record([['port', '7001']]),
      '*2\r\n$4\r\nport\r\n$4\r\n7001\r\n',
      '%1\r\n$4\r\nport\r\n$4\r\n7001\r\n',
    ],
    ['a message', { kind: 'push', items: [bulk('m')] }, '*1\r\n$1\r\nm\r\n', '>1\r\n$1\r\nm\r\n'],
    ['several replies', { kind: 'sequence', items: [integer(1), array([])] }, ':1\r\n*0\r\n', ':1\r\n*0\r\n'],
  ];
  for (const [what, reply, two, three] of cases) {
    it(`writes ${what}`, () => {
      assert.equal(encodeReply(reply, 2), two);
      assert.equal(encodeReply(reply, 3), three);
    });
  }
});
