/**
 * A server as its host keeps it over its lives: a file, what is on its disk, and at most one process. Killing a process
 * resets its connections; a stopped one is silent, takes what is sent, and goes on with it when it is let go.
 */
import type { AccessList } from './access-list.ts';
import type { Ground } from './ground.ts';
import type { Journal } from './journal.ts';
import type { End, Network, Place, Traffic } from './network.ts';
import type { Write } from './replication-stream.ts';
import type { ClientMessage, ServerMessage } from './reply.ts';
import { ServerProcess } from './server-process.ts';
import { type MasterAddress, parseServerFile, type ServerFile } from './server-settings.ts';

/** How long a snapshot travels, and how long it takes to load one. */
export type Pace = { transferMs(): number; loadMs(): number };

export type ModelServerOptions = {
  readonly port: number;
  readonly place: Place;
  readonly pace: Pace;
  /** Text of its `redis.conf`. */
  readonly fileText: string;
  /** False: all of that was given as arguments, and there is no file. */
  readonly hasFile?: boolean;
  /** Its file can't be written. */
  readonly readOnlyFile?: boolean;
};

type Saved = { readonly writes: readonly Write[]; readonly replicationId: string; readonly offset: bigint };

export class ModelServer {
  readonly ground: Ground;
  readonly network: Network;
  readonly journal: Journal;
  readonly place: Place;
  readonly port: number;
  readonly pace: Pace;
  readonly version = '7.0.15';
  readonly configPath: string;
  file: ServerFile | null;
  readonly #arguments: ServerFile;
  readonly #readOnlyFile: boolean;
  readonly #others: ReadonlyMap<string, ModelServer>;
  #process: ServerProcess | null = null;
  /** What its master sends is on its way until then; with the end of the connection it is lost. */
  laggingUntilMs = 0;
  /** When it last went on after standing still. */
  wentOnMs = Number.NEGATIVE_INFINITY;
  #stopped = false;
  #waiting: (() => void)[] = [];
  #saved: Saved | null = null;
  /** The log of writes as the system keeps it over the end of a process. */
  #logged: readonly Write[] | null = null;

  constructor(
    options: ModelServerOptions,
    world: { ground: Ground; network: Network; journal: Journal; servers: ReadonlyMap<string, ModelServer> },
  ) {
    this.ground = world.ground;
    this.network = world.network;
    this.journal = world.journal;
    this.#others = world.servers;
    this.port = options.port;
    this.place = options.place;
    this.pace = options.pace;
    this.configPath = `/etc/redis/${options.port}.conf`;
    this.#arguments = parseServerFile(options.fileText);
    this.file = options.hasFile === false ? null : this.#arguments;
    this.#readOnlyFile = options.readOnlyFile ?? false;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** What runs now; only for looking at it. */
  get process(): ServerProcess | null {
    return this.#process;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  find({ host, port }: MasterAddress): ModelServer | null {
    return this.#others.get(`${host}:${port}`) ?? null;
  }

  start(): void {
    if (this.#process !== null) return;
    const process = new ServerProcess(this, this.file ?? this.#arguments);
    this.#process = process;
    const logged = process.settings.isOn('appendonly') ? this.#logged : null;
    if (logged !== null) process.load([...logged], () => undefined);
    else if (this.#saved !== null && process.settings.text('save') !== '')
      this.#bootFromSnapshot(process, this.#saved);
    this.journal.started(process);
  }

  /** A snapshot knows the stream that it was taken of; a log of writes does not. */
  #bootFromSnapshot(process: ServerProcess, saved: Saved): void {
    const { stream, link } = process;
    if (link.master === null) {
      stream.secondId = saved.replicationId;
      stream.secondOffset = saved.offset + 1n;
      stream.offset = saved.offset;
      stream.createBacklog();
    } else {
      stream.replicationId = saved.replicationId;
      stream.offset = saved.offset;
      link.knowsItsPlace = true;
    }
    process.load([...saved.writes], () => undefined);
  }

  saved({ writes, stream }: ServerProcess): void {
    this.#saved = { writes: [...writes], replicationId: stream.replicationId, offset: stream.offset };
  }

  kill(): void {
    const process = this.#process;
    if (process === null) return;
    this.#logged = process.settings.isOn('appendonly') ? [...process.writes] : null;
    this.#process = null;
    this.#stopped = false;
    this.#waiting = [];
    process.end();
    this.journal.ended(process);
  }

  stop(): void {
    if (this.#process !== null) this.#stopped = true;
  }

  continue(): void {
    if (!this.#stopped) return;
    this.#stopped = false;
    this.wentOnMs = this.ground.nowMs();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const action of waiting) this.whenRunning(action);
  }

  /** Whoever connects is taken again, whatever somebody has set. */
  openDoors(): void {
    this.#process?.settings.reset('bind');
    this.#process?.settings.reset('maxclients');
  }

  whenRunning(action: () => void): void {
    if (this.#stopped) this.#waiting.push(action);
    else action();
  }

  /** A connection to whatever process listens here when it arrives. The system takes it, also for a stopped one. */
  dial(
    from: Place,
    traffic: Traffic,
    opened: (refusal: string | null) => void,
  ): End<ClientMessage, ServerMessage> {
    return this.network.dial<ClientMessage, ServerMessage>(
      { from, to: this.place, traffic },
      () => {
        const process = this.#process;
        return process?.isListening !== true ? null : (far) => process.accept(far);
      },
      opened,
    );
  }

  /** Null when it is written, or why not. */
  rewriteFile(process: ServerProcess): string | null {
    if (this.file === null) return 'ERR The server is running without a config file';
    if (this.#readOnlyFile) return 'ERR Rewriting config file: Permission denied';
    this.file = {
      settings: process.settings.changed(),
      users: copies(process.access),
      replicaOf: process.link.master,
    };
    this.journal.fileWritten(process, this.file);
    return null;
  }
}

const copies = (access: AccessList) => access.all().map((user) => user.copy());
