/**
 * One life of a server, from its start to its end: everything that is in memory. It executes one command after the
 * other, never two at once; what a client waits for (an acknowledgement, the end of a pause) keeps its later commands.
 */
import type { Command } from '../../../src/drivers/redis/connections.ts';
import { AccessList } from './access-list.ts';
import { factsOf, fullName, wrongNumberOfWords } from './command-table.ts';
import { runCommand } from './commands/run-command.ts';
import { FailoverOrder } from './failover-order.ts';
import { MasterLink } from './master-link.ts';
import type { ModelServer, Pace } from './model-server.ts';
import type { End } from './network.ts';
import { ReplicaFeeds } from './replica-feeds.ts';
import { ReplicationStream, randomId, type StreamEntry, type Write } from './replication-stream.ts';
import { type AnyReply, type ClientMessage, ErrorReply, type ServerMessage } from './reply.ts';
import { type MasterAddress, type ServerFile, ServerSettings } from './server-settings.ts';
import { Session } from './session.ts';
import { Waiters } from './waiters.ts';

const CRON_MS = 1_000;
/** A server that is to save takes a snapshot so often, whatever its rules say in detail. */
const SNAPSHOT_SECONDS = 2;

export class ServerProcess {
  readonly host: ModelServer;
  readonly runId: string;
  readonly settings: ServerSettings;
  readonly access: AccessList;
  readonly stream: ReplicationStream;
  readonly feeds: ReplicaFeeds;
  readonly link: MasterLink;
  readonly waiters: Waiters;
  readonly failover: FailoverOrder;
  readonly sessions = new Map<number, Session>();
  writes: Write[] = [];
  loading = false;
  /** Every connection that the system took for this process. */
  readonly #ends = new Set<End<ServerMessage, ClientMessage>>();
  readonly #timers = new Set<() => void>();
  #alive = true;
  #pausedUntilMs = 0;
  #nextClientId = 3;
  #seconds = 0;

  constructor(host: ModelServer, file: ServerFile) {
    this.host = host;
    this.runId = randomId(host.ground.random);
    this.settings = new ServerSettings(file.settings);
    this.access = new AccessList(file.users);
    this.stream = new ReplicationStream(host.ground.random);
    this.waiters = new Waiters(this);
    this.failover = new FailoverOrder(this);
    this.feeds = new ReplicaFeeds(this);
    this.link = new MasterLink(this);
    if (file.replicaOf !== null) this.link.bootAs(file.replicaOf);
    this.after(1 + host.ground.random.next() * (CRON_MS - 1), () => this.#cron());
  }

  get pace(): Pace {
    return this.host.pace;
  }

  /** Every server of a life has one address; whether it is bound to that matters to new connections only. */
  get isListening(): boolean {
    const addresses = this.settings.text('bind').split(' ');
    return ['127.0.0.1', '0.0.0.0', '*'].some((address) => addresses.includes(address));
  }

  nowMs(): number {
    return this.host.ground.nowMs();
  }

  /** A timer of this process: it ends with it, and waits while it is stopped. */
  after(delayMs: number, action: () => void): () => void {
    const takeBack = this.host.ground.after(delayMs, () => {
      this.#timers.delete(takeBack);
      this.atWork(action);
    });
    this.#timers.add(takeBack);
    return () => {
      this.#timers.delete(takeBack);
      takeBack();
    };
  }

  /** Now, or once the process goes on; never after its end. */
  atWork(action: () => void): void {
    if (!this.#alive) return;
    this.host.whenRunning(() => {
      if (this.#alive) action();
    });
  }

  end(): void {
    this.#alive = false;
    for (const takeBack of this.#timers) takeBack();
    this.#timers.clear();
    for (const end of this.#ends) end.close('ECONNRESET');
    this.link.processEnds();
  }

  find(address: MasterAddress): ModelServer | null {
    return this.host.find(address);
  }

  dial(target: ModelServer, opened: (refusal: string | null) => void): End<ClientMessage, ServerMessage> {
    return target.dial(this.host.place, 'replication', (refusal) => this.atWork(() => opened(refusal)));
  }

  #cron(): void {
    this.#seconds += 1;
    this.after(CRON_MS, () => this.#cron());
    if (this.loading) return;
    if (this.settings.text('save') !== '' && this.#seconds % SNAPSHOT_SECONDS === 0) this.host.saved(this);
    this.link.cron();
    this.feeds.cron(this.#seconds);
  }

  /** Gives up what it has and has `then` put in what it reads; commands are refused meanwhile. */
  load(writes: Write[], then: () => void): void {
    this.loading = true;
    this.writes = writes;
    this.after(this.pace.loadMs(), () => {
      this.loading = false;
      then();
    });
  }

  accept(end: End<ServerMessage, ClientMessage>): void {
    let session: Session | null = null;
    this.#ends.add(end);
    this.atWork(() => {
      session = this.#welcome(end);
    });
    const whenWelcome = (action: (session: Session) => void) =>
      this.atWork(() => {
        if (session !== null) action(session);
      });
    end.listen({
      payload: (commands) => whenWelcome((one) => this.#receive(one, commands)),
      closed: () => whenWelcome((one) => this.#forget(one)),
    });
  }

  #welcome(end: End<ServerMessage, ClientMessage>): Session | null {
    const id = this.#nextClientId;
    this.#nextClientId += 1;
    const open = this.access.of('default');
    const session = new Session(id, end, open?.enabled === true && open.anyPassword ? open : null);
    if (this.sessions.size >= this.settings.number('maxclients')) {
      session.reply(new ErrorReply('ERR max number of clients reached'));
      end.close('closed by the server');
      return null;
    }
    this.sessions.set(id, session);
    return session;
  }

  #receive(session: Session, commands: readonly Command[]): void {
    if (session.gone) return;
    session.queue.push(...commands);
    this.#work(session);
  }

  #work(session: Session): void {
    while (session.blocked === null && !session.gone) {
      const command = session.queue.shift();
      if (command === undefined) return;
      const reply = this.#execute(session, command);
      if (reply !== null) session.reply(reply);
      if (session.closeAfterReply) this.drop(session, 'closed by the server');
    }
  }

  /** Ends a connection from this side. */
  drop(session: Session, why: string): void {
    session.end.close(why);
    this.#forget(session);
  }

  #forget(session: Session): void {
    session.gone = true;
    session.blocked?.takeBack();
    session.blocked = null;
    session.queue.length = 0;
    this.sessions.delete(session.id);
    this.#ends.delete(session.end);
    this.feeds.detach(session);
  }

  /** Answers what a client waited for; the rest of its commands follows. */
  unblock(session: Session, reply: AnyReply): void {
    session.blocked?.takeBack();
    session.blocked = null;
    session.reply(reply);
    if (session.closeAfterReply) this.drop(session, 'closed by the server');
    else this.#work(session);
  }

  #execute(session: Session, command: Command): AnyReply | null {
    const name = fullName(command);
    const refusal = this.#refusal(session, name, command);
    if (refusal !== null) {
      if (session.transaction !== null && name !== 'exec') session.transactionBroken = true;
      if (name === 'exec') {
        session.transaction = null;
        session.transactionBroken = false;
      }
      return refusal;
    }
    if (session.transaction !== null && !['exec', 'discard', 'multi'].includes(name)) {
      session.transaction.push(command);
      return 'QUEUED';
    }
    const writes = name === 'exec' ? (session.transaction ?? []).some(isWrite) : isWrite(command);
    if (writes && this.isPaused()) {
      session.queue.unshift(command);
      session.blocked = { kind: 'pause', takeBack: () => undefined };
      return null;
    }
    const reply = name === 'exec' ? this.#executeAll(session) : runCommand(this, session, name, command);
    session.offset = this.stream.offset;
    return reply;
  }

  #executeAll(session: Session): AnyReply {
    const commands = session.transaction;
    const broken = session.transactionBroken;
    session.transaction = null;
    session.transactionBroken = false;
    if (commands === null) return new ErrorReply('ERR EXEC without MULTI');
    if (broken) return new ErrorReply('EXECABORT Transaction discarded because of previous errors.');
    const replies: AnyReply[] = [];
    for (const command of commands) {
      const name = fullName(command);
      // Its own rules may have changed since it was queued.
      const reply = this.#forbidden(session, name) ?? runCommand(this, session, name, command, true);
      replies.push(reply ?? null);
    }
    return replies;
  }

  #forbidden(session: Session, name: string): ErrorReply | null {
    if (name === 'auth' || session.user?.may(name) === true) return null;
    return new ErrorReply(`NOPERM this user has no permissions to run the '${name}' command`);
  }

  #refusal(session: Session, name: string, command: Command): ErrorReply | null {
    const wrong = wrongNumberOfWords(name, command);
    if (wrong !== null) return new ErrorReply(wrong);
    if (session.user === null && name !== 'auth') return new ErrorReply('NOAUTH Authentication required.');
    const forbidden = this.#forbidden(session, name);
    if (forbidden !== null) return forbidden;
    const facts = factsOf(name);
    if (facts?.readsKeys === true && session.user?.allKeys !== true) {
      return new ErrorReply(
        'NOPERM this user has no permissions to access one of the keys used as arguments',
      );
    }
    if (this.loading && facts?.whileLoading !== true) {
      return new ErrorReply('LOADING Redis is loading the dataset in memory');
    }
    return facts?.isWrite === true ? this.#writeRefusal() : null;
  }

  #writeRefusal(): ErrorReply | null {
    const wanted = this.settings.number('min-replicas-to-write');
    const looks = this.link.master === null && wanted > 0 && this.settings.number('min-replicas-max-lag') > 0;
    if (looks && this.feeds.goodReplicas < wanted) {
      return new ErrorReply('NOREPLICAS Not enough good replicas to write.');
    }
    return this.link.master !== null && this.settings.isOn('replica-read-only')
      ? new ErrorReply("READONLY You can't write against a read only replica.")
      : null;
  }

  write(session: Session, write: Write): void {
    this.writes.push(write);
    this.produce('write', write);
    this.host.journal.wrote(this, session, write);
  }

  produce(kind: 'write' | 'ping' | 'getAck', write: Write | null): void {
    const limit = BigInt(this.settings.number('repl-backlog-size'));
    this.feeds.propagate(this.stream.produce(kind, write, limit));
  }

  takeFromMaster(entry: StreamEntry): void {
    if (entry.write !== null) this.writes.push(entry.write);
    this.stream.append(entry, BigInt(this.settings.number('repl-backlog-size')));
    this.feeds.propagate([entry]);
  }

  isPaused(): boolean {
    return this.nowMs() < this.#pausedUntilMs;
  }

  pauseWrites(forMs: number): void {
    const until = this.nowMs() + forMs;
    if (until <= this.#pausedUntilMs) return;
    this.#pausedUntilMs = until;
    this.after(forMs, () => {
      if (!this.isPaused()) this.resumeWrites();
    });
  }

  resumeWrites(): void {
    this.#pausedUntilMs = 0;
    this.feeds.pauseIsOver();
    for (const session of [...this.sessions.values()]) {
      if (session.blocked?.kind !== 'pause') continue;
      session.blocked = null;
      this.#work(session);
    }
  }
}

const isWrite = (command: Command): boolean => factsOf(fullName(command))?.isWrite === true;
