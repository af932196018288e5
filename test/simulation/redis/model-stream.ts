/** Reading a piece of a model server's stream, as the production driver's `readStream` does of a real one. */
import type { ReadStream } from '../../../src/drivers/redis/replication-stream.ts';
import type { ClientGround } from './ground.ts';
import type { ModelServer } from './model-server.ts';
import type { Place } from './network.ts';
import { type StreamEntry, wireWords } from './replication-stream.ts';
import { ErrorReply } from './reply.ts';

function wordsOf({ kind, write }: StreamEntry): readonly string[] {
  switch (kind) {
    case 'write':
      return ['SET', write?.key ?? '', write?.value ?? ''];
    case 'ping':
      return ['PING'];
    case 'getAck':
      return ['REPLCONF', 'GETACK', '*'];
    case 'select':
      return ['SELECT', '0'];
  }
}

export const modelStream =
  (ground: ClientGround, servers: ReadonlyMap<string, ModelServer>, from: Place): ReadStream =>
  ({ address, username, password, lineage, from: first, bytes, timeoutMs }) =>
    new Promise((resolve) => {
      const server = servers.get(address);
      let text = '';
      let isStreaming = false;
      const finish = (why: string): void => {
        stopTimer();
        end?.close('closed by the client');
        if (isStreaming) resolve({ ok: true, value: Buffer.from(text).subarray(0, bytes) });
        else resolve({ ok: false, kind: 'silent', detail: why });
      };
      const stopTimer = ground.after(timeoutMs, () => finish(`nothing within ${timeoutMs} ms`));
      const end = server?.dial(from, 'steering', (refusal) =>
        ground.arrive(() => {
          if (refusal !== null) finish(refusal);
          else
            end?.send([
              ['AUTH', username, password],
              ['REPLCONF', 'capa', 'psync2'],
              ['PSYNC', lineage, String(first)],
            ]);
        }),
      );
      end?.listen({
        payload: (message) =>
          ground.arrive(() => {
            if (message.kind === 'reply' && message.reply instanceof ErrorReply)
              finish(message.reply.message);
            else if (message.kind === 'fullResync') finish('its backlog does not reach back so far');
            else if (message.kind === 'continue') isStreaming = true;
            else if (message.kind === 'stream') {
              text += wireWords(...wordsOf(message.entry));
              if (text.length >= bytes) finish('');
            }
          }),
        closed: (error) => ground.arrive(() => finish(error)),
      });
    });
