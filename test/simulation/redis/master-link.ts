/**
 * A server's own place in replication: whom it follows and how far it has come. Old data stay until a snapshot is there
 * as a whole; only while it is loaded nothing is left of them.
 */
import type { End } from './network.ts';
import type { StreamEntry } from './replication-stream.ts';
import type { AnyReply, ClientMessage, ServerMessage, Snapshot } from './reply.ts';
import { ErrorReply } from './reply.ts';
import type { ServerProcess } from './server-process.ts';
import type { MasterAddress } from './server-settings.ts';

type LinkState = 'none' | 'connect' | 'handshake' | 'transfer' | 'loading' | 'connected';
type Wire = End<ClientMessage, ServerMessage>;

export class MasterLink {
  master: MasterAddress | null = null;
  state: LinkState = 'none';
  /** Its place in a stream is known, so it may ask for what it lacks. */
  knowsItsPlace = false;
  downSinceMs: number | null = null;
  #lastHeardMs = 0;
  #wire: Wire | null = null;
  /** Replies that the handshake waits for, in order. */
  #expected: ('auth' | 'replconf' | 'psync')[] = [];
  /** Sent and not here yet, because the server lags. */
  readonly #underway: { readonly wire: Wire; readonly message: ServerMessage }[] = [];
  /** The stream behind a snapshot that is being loaded. */
  #kept: StreamEntry[] = [];
  readonly #process: ServerProcess;

  constructor(process: ServerProcess) {
    this.#process = process;
  }

  lastHeardSecondsAgo(): number {
    return this.state === 'connected' ? Math.floor((this.#process.nowMs() - this.#lastHeardMs) / 1_000) : -1;
  }

  follow(master: MasterAddress): void {
    const wasMaster = this.master === null;
    this.#hangUp();
    this.#process.waiters.disconnectAll();
    this.master = master;
    if (wasMaster) this.knowsItsPlace = true;
    this.state = 'connect';
    this.#connect();
  }

  /** A server that boots as a replica. */
  bootAs(master: MasterAddress): void {
    this.master = master;
    this.state = 'connect';
  }

  followNobody(): void {
    if (this.master === null) return;
    const { stream, feeds } = this.#process;
    this.#hangUp();
    this.master = null;
    this.state = 'none';
    this.knowsItsPlace = false;
    stream.shiftHistory();
    feeds.disconnectAll('the replication id changed');
  }

  #hangUp(): void {
    if (this.state === 'connected') this.downSinceMs = this.#process.nowMs();
    this.#wire?.close('the replica follows another server');
    this.#wire = null;
    this.#kept = [];
  }

  processEnds(): void {
    this.#wire?.close('ECONNRESET');
    this.#wire = null;
  }

  #connect(): void {
    const { master } = this;
    if (master === null || this.state !== 'connect') return;
    const target = this.#process.find(master);
    const wire =
      target === null ? null : this.#process.dial(target, (refusal) => this.#opened(wire, refusal));
    // Nobody listens there: tried again in a second.
    if (wire === null) return;
    this.#wire = wire;
    this.state = 'handshake';
    this.#lastHeardMs = this.#process.nowMs();
    wire.listen({
      payload: (message) => this.#process.atWork(() => this.#arrives(wire, message)),
      closed: () => this.#process.atWork(() => this.#lost(wire)),
    });
  }

  #opened(wire: Wire | null, refusal: string | null): void {
    if (wire === null || wire !== this.#wire) return;
    if (refusal !== null) {
      this.#failed();
      return;
    }
    const user = this.#process.settings.text('masteruser');
    const password = this.#process.settings.text('masterauth');
    this.#expected = [];
    if (password !== '') {
      this.#expected.push('auth');
      wire.send([user === '' ? ['AUTH', password] : ['AUTH', user, password]]);
    } else this.#introduce(wire);
  }

  #introduce(wire: Wire): void {
    this.#expected.push('replconf');
    const port = String(this.#process.host.port);
    wire.send([
      ['REPLCONF', 'listening-port', port, 'capa', 'eof', 'capa', 'psync2', 'run-id', this.#process.runId],
    ]);
  }

  #failed(): void {
    this.#wire?.close('the replica gave up');
    this.#wire = null;
    this.state = 'connect';
  }

  #arrives(wire: Wire, message: ServerMessage): void {
    const lagMs = this.#process.host.laggingUntilMs - this.#process.nowMs();
    if (lagMs <= 0 && this.#underway.length === 0) {
      this.#heard(wire, message);
      return;
    }
    this.#underway.push({ wire, message });
    if (this.#underway.length === 1) this.#process.after(Math.max(0, lagMs), () => this.#catchUp());
  }

  #catchUp(): void {
    const lagMs = this.#process.host.laggingUntilMs - this.#process.nowMs();
    if (lagMs > 0) {
      this.#process.after(lagMs, () => this.#catchUp());
      return;
    }
    for (const { wire, message } of this.#underway.splice(0)) this.#heard(wire, message);
  }

  #heard(wire: Wire, message: ServerMessage): void {
    if (wire !== this.#wire) return;
    this.#lastHeardMs = this.#process.nowMs();
    switch (message.kind) {
      case 'reply':
        this.#replied(wire, message.reply);
        return;
      case 'continue':
        this.#continue(message.replicationId);
        return;
      case 'fullResync':
        this.state = 'transfer';
        this.#process.host.journal.resyncs(this.#process);
        if (this.#process.failover.isRunning) this.#process.failover.over();
        return;
      case 'snapshot':
        this.#load(wire, message.snapshot);
        return;
      case 'stream':
        if (this.state === 'loading') this.#kept.push(message.entry);
        else if (this.state === 'connected') this.#take(message.entry);
        return;
    }
  }

  #replied(wire: Wire, reply: AnyReply): void {
    const step = this.#expected.shift();
    if (step === undefined) return;
    // Who has no right to introduce itself still asks; only for who steps down does it matter what it is told then.
    const goesOn = step === 'replconf' && this.#process.failover.isRunning;
    if (reply instanceof ErrorReply && !goesOn) {
      this.#failed();
      if (step === 'psync' && this.#process.failover.isRunning) this.#process.failover.over();
      return;
    }
    if (step === 'auth') this.#introduce(wire);
    else if (step === 'replconf') {
      const { stream } = this.#process;
      const place = this.knowsItsPlace ? [stream.replicationId, String(stream.offset + 1n)] : ['?', '-1'];
      this.#expected.push('psync');
      wire.send([['PSYNC', ...place, ...(this.#process.failover.isRunning ? ['FAILOVER'] : [])]]);
    }
  }

  #continue(replicationId: string): void {
    const { stream, feeds } = this.#process;
    this.#expected = [];
    this.state = 'connected';
    if (replicationId !== stream.replicationId) {
      stream.followHistory(replicationId);
      feeds.disconnectAll('the replication id changed');
    }
    stream.createBacklog();
    this.downSinceMs = null;
    if (this.#process.failover.isRunning) this.#process.failover.over();
  }

  #load(wire: Wire, snapshot: Snapshot): void {
    const { stream, feeds } = this.#process;
    this.state = 'loading';
    this.knowsItsPlace = false;
    feeds.disconnectAll('everything is loaded anew');
    stream.freeBacklog();
    this.#process.load([], () => {
      this.#process.writes = [...snapshot.writes];
      stream.adopt(snapshot.replicationId, snapshot.offset);
      this.knowsItsPlace = true;
      this.state = 'connected';
      this.downSinceMs = null;
      this.#lastHeardMs = this.#process.nowMs();
      this.acknowledge();
      const kept = this.#kept;
      this.#kept = [];
      for (const entry of kept) this.#take(entry);
      this.#process.host.journal.resynced(this.#process);
      if (!wire.isOpen()) this.#lost(wire);
    });
  }

  #take(entry: StreamEntry): void {
    // The answer counts what came before the question.
    if (entry.kind === 'getAck') this.acknowledge();
    this.#process.takeFromMaster(entry);
  }

  acknowledge(): void {
    this.#wire?.send([['REPLCONF', 'ACK', String(this.#process.stream.offset)]]);
  }

  #lost(wire: Wire): void {
    if (wire !== this.#wire || this.state === 'loading') return;
    this.#wire = null;
    const wasConnected = this.state === 'connected';
    this.state = 'connect';
    if (!wasConnected) return;
    this.knowsItsPlace = true;
    this.downSinceMs = this.#process.nowMs();
    this.#connect();
  }

  /** Once a second. */
  cron(): void {
    const timeoutMs = this.#process.settings.number('repl-timeout') * 1_000;
    const silentMs = this.#process.nowMs() - this.#lastHeardMs;
    if (this.state === 'connect') this.#connect();
    else if (this.state === 'connected') {
      if (silentMs > timeoutMs && this.#wire !== null) {
        const wire = this.#wire;
        wire.close('the master fell silent');
        this.#lost(wire);
      } else this.acknowledge();
    } else if ((this.state === 'handshake' || this.state === 'transfer') && silentMs > timeoutMs)
      this.#failed();
  }
}
