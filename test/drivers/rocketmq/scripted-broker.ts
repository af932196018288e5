/**
 * A broker at a real socket, as far as it can be asked: what it is says a model, and each request may be answered by a
 * script instead, in whatever bytes. It reads and writes frames of its own; the codecs of messages are not used here.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { FrameReader } from '../../../src/remoting/frame-reader.ts';
import { encodeFrame } from '../../../src/remoting/frame-writer.ts';
import {
  createResponse,
  type RemotingCommand,
  type ResponseParts,
} from '../../../src/remoting/remoting-command.ts';
import { REQUEST } from '../../../src/remoting/request-codes.ts';
import { RESPONSE } from '../../../src/remoting/response-codes.ts';
import { BrokerModel, type BrokerSetup } from '../../core/coordinator/broker-sets/broker-model.ts';
import { freePort } from '../../support/ports.ts';

type Script = (request: RemotingCommand, socket: Socket) => void;

export function bytesOf(request: RemotingCommand, parts: ResponseParts): Buffer {
  const bytes = encodeFrame(createResponse(request, parts));
  assert.ok(bytes !== 'tooLarge');
  return bytes;
}

/** As Java writes it: 64-bit numbers as they are, keys sorted. */
export function epochCacheText({ brokerId, isMaster, name, epochs, maxOffset }: BrokerSetup): string {
  const list = epochs.map(
    ({ epoch, startOffset, endOffset }) =>
      `{"endOffset":${endOffset},"epoch":${epoch},"startOffset":${startOffset}}`,
  );
  const id = isMaster ? 0 : brokerId;
  return `{"brokerId":${id},"brokerName":"${name}","clusterName":"C","epochList":[${list.join(',')}],"maxOffset":${maxOffset}}`;
}

export class ScriptedBroker {
  readonly address: string;
  readonly model: BrokerModel;
  readonly requests: RemotingCommand[] = [];
  readonly sockets = new Set<Socket>();
  /** Connections that were ever taken. */
  taken = 0;
  /** Runs in the place of the model, from now on. */
  script: Script | null = null;
  #stalled: (() => void)[] | null = null;
  readonly #server: Server;

  private constructor(address: string, server: Server, setup: BrokerSetup) {
    this.address = address;
    this.model = new BrokerModel(setup);
    this.#server = server;
    server.on('connection', (socket) => this.#accept(socket));
  }

  static async start(setup: BrokerSetup): Promise<ScriptedBroker> {
    const port = await freePort();
    const server = createServer();
    const broker = new ScriptedBroker(`127.0.0.1:${port}`, server, setup);
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return broker;
  }

  stall(): void {
    this.#stalled ??= [];
  }

  /** Does what it was asked while it stood still. */
  goOn(): void {
    const waiting = this.#stalled ?? [];
    this.#stalled = null;
    for (const act of waiting) act();
  }

  async kill(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.sockets) socket.resetAndDestroy();
    await closed;
  }

  #accept(socket: Socket): void {
    const reader = new FrameReader();
    this.taken += 1;
    this.sockets.add(socket);
    socket.on('data', (piece: Buffer) => {
      reader.push(piece);
      for (let next = reader.next(); next.kind === 'command'; next = reader.next())
        this.#receive(next.command, socket);
    });
    // Who asks may be gone before it is answered.
    socket.on('error', () => undefined);
    socket.on('close', () => this.sockets.delete(socket));
  }

  #receive(request: RemotingCommand, socket: Socket): void {
    this.requests.push(request);
    const act = (): void => (this.script ?? this.#answer)(request, socket);
    if (this.#stalled === null) act();
    else this.#stalled.push(act);
  }

  readonly #answer: Script = (request, socket) => {
    const parts = this.#partsFor(request);
    if (!request.isOneWay && !socket.destroyed) socket.write(bytesOf(request, parts));
  };

  #partsFor({ code, fields, body }: RemotingCommand): ResponseParts {
    const { state } = this.model;
    if (code === REQUEST.notifyBrokerRoleChanged) {
      const numberOf = (name: string): number | null => (fields.has(name) ? Number(fields.get(name)) : null);
      const { syncStateSet, syncStateSetEpoch } = JSON.parse(String(body));
      this.model.changeRole({
        kind: 'changeRole',
        masterAddress: fields.get('masterAddress') ?? null,
        masterBrokerId: numberOf('masterBrokerId'),
        masterEpoch: numberOf('masterEpoch') ?? 0,
        syncStateSet,
        syncStateSetEpoch,
      });
      return { code: RESPONSE.success };
    }
    if (code !== REQUEST.getBrokerEpochCache) return { code: RESPONSE.requestCodeNotSupported };
    return state.isControllerMode
      ? { code: RESPONSE.success, body: Buffer.from(epochCacheText(state)) }
      : { code: RESPONSE.systemError, remark: 'the broker is not in controller mode' };
  }
}
