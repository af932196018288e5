/** A client of RocketMQ's protocol as a script needs it: one connection, one call after the other, everything kept. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { RemotingConnection } from '../../src/remoting/connection.ts';
import { type ConnectionEnd, endText } from '../../src/remoting/connection-end.ts';
import {
  type FieldValue,
  fieldsOf,
  type RemotingCommand,
  type SerializeType,
} from '../../src/remoting/remoting-command.ts';
import type { RequestCode } from '../../src/remoting/request-codes.ts';

export type Asked = {
  readonly fields?: Readonly<Record<string, FieldValue>>;
  /** Bytes as they are, anything else as JSON. */
  readonly body?: unknown;
  readonly serializeType?: SerializeType;
};

export type RemotingClient = {
  readonly socket: Socket;
  /** What came back, whatever it says; throws when nothing did. */
  ask(code: number, asked?: Asked): Promise<RemotingCommand>;
  tell(code: number, asked?: Asked): void;
  readonly ended: Promise<ConnectionEnd>;
  close(): void;
};

const ANSWER_TIMEOUT_MS = 20_000;
const BOUNDS = {
  frameBytes: 16_777_216,
  outgoingBytes: 64 * 1024 * 1024,
  served: 1,
  asked: 4_096,
  idleMs: 120_000,
};

const contentOf = (code: number, { fields = {}, body, serializeType = 'json' }: Asked) => ({
  // Any number may be sent; scripts send unknown ones as well.
  code: code as RequestCode,
  fields: fieldsOf(fields),
  serializeType,
  ...(body === undefined ? {} : { body: Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body)) }),
});

export async function remotingClient(at: {
  readonly host?: string;
  readonly port: number;
}): Promise<RemotingClient> {
  const socket = connect({ host: at.host ?? '127.0.0.1', port: at.port });
  await once(socket, 'connect');
  let onEnd: (end: ConnectionEnd) => void = () => undefined;
  const ended = new Promise<ConnectionEnd>((resolve) => {
    onEnd = resolve;
  });
  const connection = new RemotingConnection(socket, BOUNDS, {
    onRequest: () => ({ code: 0 }),
    onBug: (error) => {
      throw error;
    },
    onEnd,
  });
  return {
    socket,
    ended,
    async ask(code, asked = {}) {
      const outcome = await connection.request(contentOf(code, asked), ANSWER_TIMEOUT_MS);
      if (outcome.kind === 'answered') return outcome.answer;
      const why = outcome.kind === 'ended' ? endText(outcome.end) : outcome.kind;
      throw new Error(`request ${code} was not answered: ${why}`);
    },
    tell: (code, asked = {}) => connection.tell(contentOf(code, asked)),
    close: () => connection.destroy('the script is over'),
  };
}

export const bodyOf = (answer: RemotingCommand): unknown => JSON.parse(answer.body.toString());
