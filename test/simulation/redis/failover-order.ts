/**
 * `FAILOVER TO`: writes are held back until the replica has everything, then the master follows it and asks it to become
 * master. With FORCE it asks as well when the time is over, whatever has become of the replica meanwhile.
 */
import { type AnyReply, ErrorReply, OK } from './reply.ts';
import type { ServerProcess } from './server-process.ts';
import type { MasterAddress } from './server-settings.ts';

const UNTIL_IT_ENDS_MS = 1e9;

export class FailoverOrder {
  readonly #process: ServerProcess;
  #state: 'none' | 'waiting' | 'running' = 'none';
  #target: MasterAddress = { host: '', port: 0 };

  constructor(process: ServerProcess) {
    this.#process = process;
  }

  get isRunning(): boolean {
    return this.#state === 'running';
  }

  get name(): string {
    if (this.#state === 'none') return 'no-failover';
    return this.#state === 'waiting' ? 'waiting-for-sync' : 'failover-in-progress';
  }

  start(target: MasterAddress, force: boolean, timeoutMs: number): AnyReply {
    if (this.#process.link.master !== null)
      return new ErrorReply('ERR FAILOVER is not valid when server is a replica.');
    if (this.#state !== 'none') return new ErrorReply('ERR FAILOVER already in progress.');
    if (this.#process.feeds.confirmedBy(target.port) === null)
      return new ErrorReply('ERR FAILOVER target HOST and PORT is not a replica.');
    this.#state = 'waiting';
    this.#target = target;
    this.#process.pauseWrites(UNTIL_IT_ENDS_MS);
    if (timeoutMs > 0) {
      this.#process.after(timeoutMs, () => {
        if (this.#state !== 'waiting') return;
        if (force) this.#run();
        else this.over();
      });
    }
    this.acknowledged();
    return OK;
  }

  acknowledged(): void {
    if (this.#state !== 'waiting') return;
    const { feeds, stream } = this.#process;
    if (feeds.confirmedBy(this.#target.port) === stream.offset) this.#run();
  }

  #run(): void {
    this.#state = 'running';
    this.#process.link.follow(this.#target);
  }

  /** The target took it, or would not: then this server is a master again. */
  over(): void {
    const wasRunning = this.isRunning;
    this.#state = 'none';
    this.#process.resumeWrites();
    if (wasRunning && this.#process.link.state !== 'connected' && this.#process.link.state !== 'transfer')
      this.#process.link.followNobody();
  }
}
