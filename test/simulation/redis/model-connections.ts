/**
 * The door to model servers for whoever uses the connections of the production driver. Like the real one it never
 * reconnects, never resends and never queues, and closes a connection that did not answer in time.
 */
import type {
  Command,
  Connection,
  ConnectionSettings,
  OpenConnection,
  Reply,
} from '../../../src/drivers/redis/connections.ts';
import type { Answer, CallFailure } from '../../../src/drivers/redis/outcome.ts';
import type { ClientGround } from './ground.ts';
import type { ModelServer } from './model-server.ts';
import type { End, Place, Traffic } from './network.ts';
import { type AnyReply, type ClientMessage, ErrorReply, plain, type ServerMessage } from './reply.ts';

const failure = (kind: CallFailure['kind'], detail: string): CallFailure => ({ ok: false, kind, detail });

type Waiting = {
  readonly replies: AnyReply[];
  readonly count: number;
  settle(answer: Answer<AnyReply[]>): void;
};

/** One connection with replies in the order of the commands. */
export class ModelClient {
  readonly #ground: ClientGround;
  readonly #end: End<ClientMessage, ServerMessage>;
  readonly #waiting: Waiting[] = [];
  #early: AnyReply | null = null;
  #lost: string | null = null;
  #closedByUs = false;
  #lostHandler: ((error: string) => void) | null = null;

  constructor(
    ground: ClientGround,
    server: ModelServer,
    from: Place,
    traffic: Traffic,
    opened: (refusal: string | null) => void,
  ) {
    this.#ground = ground;
    this.#end = server.dial(from, traffic, (refusal) => ground.arrive(() => opened(refusal)));
    this.#end.listen({
      payload: (message) => ground.arrive(() => this.#heard(message)),
      closed: (error) => ground.arrive(() => this.#ended(error)),
    });
  }

  get lost(): string | null {
    return this.#lost;
  }

  isOpen(): boolean {
    return this.#lost === null && !this.#closedByUs;
  }

  close(): void {
    this.#closedByUs = true;
    this.#end.close('closed by the client');
    this.#failAll('Connection is closed.');
  }

  onLost(handler: (error: string) => void): void {
    if (this.#lost !== null && !this.#closedByUs) handler(this.#lost);
    else this.#lostHandler = handler;
  }

  /** All at once on the socket; `settle` gets as many replies as there were commands. */
  send(commands: readonly Command[], timeoutMs: number, settle: (answer: Answer<AnyReply[]>) => void): void {
    if (this.#early !== null) {
      settle({ ok: true, value: [this.#early] });
      return;
    }
    if (!this.isOpen()) {
      settle(failure('disconnected', this.#lost ?? 'Connection is closed.'));
      return;
    }
    let settled = false;
    const waiting: Waiting = {
      replies: [],
      count: commands.length,
      settle: (answer) => {
        if (settled) return;
        settled = true;
        stopTimer();
        settle(answer);
      },
    };
    this.#waiting.push(waiting);
    const stopTimer = this.#ground.after(timeoutMs, () => {
      waiting.settle(failure('silent', `no answer within ${timeoutMs} ms`));
      this.close();
    });
    this.#end.send(commands);
  }

  #heard(message: ServerMessage): void {
    const waiting = this.#waiting[0];
    if (message.kind !== 'reply') return;
    // A server that is full answers before it is asked.
    if (waiting === undefined) {
      this.#early = message.reply;
      return;
    }
    waiting.replies.push(message.reply);
    if (waiting.replies.length < waiting.count) return;
    this.#waiting.shift();
    waiting.settle({ ok: true, value: waiting.replies });
  }

  #ended(error: string): void {
    this.#lost = error;
    this.#failAll(error);
    if (!this.#closedByUs) this.#lostHandler?.(error);
  }

  #failAll(error: string): void {
    for (const { settle } of this.#waiting.splice(0)) settle(failure('disconnected', error));
  }
}

const nameOf = (command: Command): string => command.slice(0, 2).join(' ');

function asReply(name: string, given: AnyReply | undefined): Answer<Reply> {
  const reply = plain(given ?? null);
  return reply instanceof ErrorReply
    ? failure('answeredError', `${name}: ${reply.message}`)
    : { ok: true, value: reply };
}

function asTransaction(commands: readonly Command[], replies: readonly AnyReply[]): Answer<readonly Reply[]> {
  const early = replies.findIndex((reply) => reply instanceof ErrorReply);
  const first = replies[early];
  if (first instanceof ErrorReply) {
    return failure('answeredError', `${nameOf(commands[early - 1] ?? ['EXEC'])}: ${first.message}`);
  }
  const results = replies.at(-1) ?? null;
  if (results === null || typeof results !== 'object' || results instanceof ErrorReply) {
    return failure('answeredError', 'EXEC: answer is incomplete');
  }
  const values: Reply[] = [];
  for (const [index, result] of results.entries()) {
    const value = plain(result);
    if (value instanceof ErrorReply) {
      return failure('answeredError', `${nameOf(commands[index] ?? [])}: ${value.message}`);
    }
    values.push(value);
  }
  return { ok: true, value: values };
}

function connectionOn(client: ModelClient, answered: () => void): Connection {
  return {
    call: (command, timeoutMs) =>
      new Promise((resolve) => {
        client.send([command], timeoutMs, (answer) => {
          if (answer.ok) answered();
          resolve(answer.ok ? asReply(nameOf(command), answer.value[0]) : answer);
        });
      }),
    transaction: (commands, timeoutMs) =>
      new Promise((resolve) => {
        client.send([['MULTI'], ...commands, ['EXEC']], timeoutMs, (answer) =>
          resolve(answer.ok ? asTransaction(commands, answer.value) : answer),
        );
      }),
    isOpen: () => client.isOpen(),
    onLost: (handler) => client.onLost(handler),
    close: () => client.close(),
  };
}

/** Connects and logs in, all within the time that the settings give. */
function open(
  ground: ClientGround,
  server: ModelServer | undefined,
  from: Place,
  { address, credentials, timeoutMs }: ConnectionSettings,
  answered: () => void,
): Promise<Answer<Connection>> {
  return new Promise((resolve) => {
    if (server === undefined) {
      resolve(failure('silent', `no connection within ${timeoutMs} ms`));
      return;
    }
    let settled = false;
    const settle = (answer: Answer<Connection>): void => {
      if (settled) return;
      settled = true;
      stopTimer();
      if (!answer.ok) client.close();
      resolve(answer);
    };
    const client = new ModelClient(ground, server, from, 'steering', (refusal) => {
      if (refusal !== null) settle(failure('connectionRefused', `${refusal} ${address}`));
      else if (credentials === null) settle({ ok: true, value: connectionOn(client, answered) });
      else
        client.send([['AUTH', credentials.username, credentials.password]], timeoutMs, (answer) => {
          if (answer.ok) answered();
          const login = answer.ok ? asReply('AUTH', answer.value[0]) : answer;
          if (login.ok) settle({ ok: true, value: connectionOn(client, answered) });
          else settle(login.kind === 'disconnected' ? { ...login, kind: 'connectionRefused' } : login);
        });
    });
    const stopTimer = ground.after(timeoutMs, () =>
      settle(failure('silent', `no connection within ${timeoutMs} ms`)),
    );
  });
}

/** `answered` is told of every single answer that arrives, whatever it says. */
export const modelConnections =
  (
    ground: ClientGround,
    servers: ReadonlyMap<string, ModelServer>,
    from: Place,
    answered: (settings: ConnectionSettings) => void = () => undefined,
  ): OpenConnection =>
  (settings) =>
    open(ground, servers.get(settings.address), from, settings, () => answered(settings));
