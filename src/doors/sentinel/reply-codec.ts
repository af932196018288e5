/** Replies as RESP2 or RESP3 text, to be written as latin1. */
import { unreachable } from '../../core/primitives/assert.ts';
import type { Protocol, Reply } from './reply.ts';

/** A line break inside a line would be read as the end of it. */
const oneLine = (text: string): string => text.replace(/[\r\n]+/g, ' ');

export function encodeReply(reply: Reply, protocol: Protocol): string {
  switch (reply.kind) {
    case 'simple':
      return `+${oneLine(reply.text)}\r\n`;
    case 'error':
      return `-${oneLine(reply.text)}\r\n`;
    case 'integer':
      return `:${reply.value}\r\n`;
    case 'bulk':
      return `$${reply.text.length}\r\n${reply.text}\r\n`;
    case 'verbatim':
      return protocol === 3
        ? `=${reply.text.length + 4}\r\ntxt:${reply.text}\r\n`
        : `$${reply.text.length}\r\n${reply.text}\r\n`;
    case 'null':
      if (protocol === 3) return '_\r\n';
      return reply.of === 'array' ? '*-1\r\n' : '$-1\r\n';
    case 'array':
      return `*${reply.items.length}\r\n${encodeAll(reply.items, protocol)}`;
    case 'map': {
      const { pairs } = reply;
      const head = protocol === 3 ? `%${pairs.length}` : `*${pairs.length * 2}`;
      return `${head}\r\n${encodeAll(pairs.flat(), protocol)}`;
    }
    case 'push':
      return `${protocol === 3 ? '>' : '*'}${reply.items.length}\r\n${encodeAll(reply.items, protocol)}`;
    case 'sequence':
      return encodeAll(reply.items, protocol);
    default:
      return unreachable(reply);
  }
}

function encodeAll(replies: readonly Reply[], protocol: Protocol): string {
  let text = '';
  for (const reply of replies) text += encodeReply(reply, protocol);
  return text;
}
