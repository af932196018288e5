/**
 * RocketMQ brokers of one set as the protocol has them, in memory: they heartbeat, poll, apply for mastership, replicate,
 * report their sync state set and acknowledge what all of it holds. Unmodified, they know of no lease: a master that is cut
 * off goes on until it learns of a higher epoch.
 */
import type { BrokerAnswer, BrokerAsk } from '../../../../src/core/coordinator/broker-sets/rocketmq-port.ts';
import type { BrokerSet } from '../../../../src/core/metadata/broker-set-state.ts';
import type { NodeName, SiteName } from '../../../../src/core/primitives/identifiers.ts';
import { NAME } from './broker-signs.ts';

/** Messages that wait for slaves until they run into their timeout. */
const WAITING = 30;
/** A master that is there when its successor is elected is told sooner; what it has just then is not looked at. */
const LIVE_STEPS = 10;

type SyncStateSet = Pick<BrokerSet, 'syncStateSet' | 'syncStateSetEpoch'>;

export class FakeBroker {
  readonly id: number;
  readonly site: SiteName;
  readonly address: string;
  state: 'up' | 'down' | 'silent' = 'up';
  role: 'master' | 'slave' | 'fenced' = 'fenced';
  masterEpoch = 0;
  /** Whom it follows; itself where it reigns. */
  follows: number | null = null;
  /** Epochs of its epoch file. */
  epochs: number[] = [];
  /** Messages, by where they were written. */
  log: string[] = [];
  /** As a master: who has to hold a message before it is acknowledged. */
  syncStateSet: number[] = [];
  /** Highest that it was told; it is kept in memory through every reign, and no set at or below it is heeded. */
  syncStateSetEpoch = 0;
  /** A change that is asked for: until it is answered both sets have to hold everything. */
  asked: readonly number[] | null = null;
  /** Members of a change whose outcome it does not know: they have to hold everything as well. */
  doubted: readonly number[] = [];
  readonly caughtUpMs = new Map<number, number>();
  /** How long it has reigned beside its successor. */
  ghostSteps = 0;
  /** What it took for acknowledged by all when its slaves and it parted. */
  readonly acknowledgedAlone: string[] = [];
  readonly #heldIn = new Map<string, number>();
  /** Nodes that hear nothing of it, and cannot reach it. */
  readonly unreachableFrom = new Set<NodeName>();
  /** Of the connection to each node; a new one where the last has ended. */
  readonly channels = new Map<NodeName, number>();

  constructor(id: number, site: SiteName) {
    this.id = id;
    this.site = site;
    this.address = `10.0.0.${id}:10911`;
  }

  /** What 1007 and 1008 come to. */
  answer(ask: BrokerAsk): BrokerAnswer {
    if (ask.kind === 'probe')
      return {
        kind: 'answered',
        answerMs: 1,
        epochs: this.epochs.map((epoch) => ({ epoch, startOffset: 0n, endOffset: 2n ** 63n - 1n })),
        maxOffset: BigInt(this.log.length),
        brokerId: this.role === 'master' ? 0 : this.id,
        brokerName: NAME,
      };
    this.changeRole(ask.masterBrokerId, ask.masterEpoch, ask);
    return { kind: 'acknowledged' };
  }

  /** As brokers do: only an epoch above the own one counts. */
  changeRole(master: number | null, masterEpoch: number, told: SyncStateSet): void {
    if (master === null || masterEpoch <= this.masterEpoch) return;
    if (this.role === 'master' && master !== this.id && this.ghostSteps > LIVE_STEPS)
      this.#acknowledgeAlone();
    this.masterEpoch = masterEpoch;
    this.follows = master;
    this.asked = null;
    this.caughtUpMs.clear();
    if (master !== this.id) {
      this.role = 'slave';
      return;
    }
    this.role = 'master';
    this.epochs.push(masterEpoch);
    this.#changeSyncStateSet(told);
  }

  /** Newer than 5.3.3: without its slaves it is all of its sync state set, unless somebody is in it who never was there. */
  #acknowledgeAlone(): void {
    if (this.syncStateSet.every((id) => id > 0)) this.acknowledgedAlone.push(...this.log.slice(-WAITING));
  }

  /** What its controller told it of the set. */
  heed(set: BrokerSet): void {
    this.changeRole(set.master, set.masterEpoch, set);
    if (this.role === 'master' && set.masterEpoch === this.masterEpoch && set.master === this.id)
      this.#changeSyncStateSet(set);
  }

  #changeSyncStateSet({ syncStateSet, syncStateSetEpoch }: SyncStateSet): void {
    if (syncStateSetEpoch <= this.syncStateSetEpoch) return;
    this.syncStateSetEpoch = syncStateSetEpoch;
    this.syncStateSet = [...syncStateSet];
    this.doubted = [];
  }

  /**
   * What 1004 comes to at a door. Where an old master may not know of its successor, and none of these brokers ever
   * registers, the first answer on a connection holds it, and says nothing to others.
   */
  learn(set: BrokerSet, node: NodeName): void {
    const connection = `${node} ${this.channels.get(node)}`;
    const isFirst = this.#heldIn.get(connection) !== set.masterEpoch;
    this.#heldIn.set(connection, set.masterEpoch);
    if (!isFirst || this.masterEpoch >= set.masterEpoch) this.heed(set);
    else if (this.role === 'master')
      this.#changeSyncStateSet({ syncStateSet: [0, this.id], syncStateSetEpoch: set.syncStateSetEpoch });
  }

  /** Down and up again: its disk stays, and until it is told who is master it serves nobody. */
  restart(): void {
    this.state = 'up';
    this.role = 'fenced';
    this.follows = null;
    this.asked = null;
    this.masterEpoch = 0;
    this.syncStateSetEpoch = 0;
    this.doubted = [];
  }

  /** Follows the master's log: what it has beyond the common part is cut off, then it takes some of what it lacks. */
  replicate(master: FakeBroker, most: number): void {
    let common = 0;
    while (common < this.log.length && common < master.log.length && this.log[common] === master.log[common])
      common += 1;
    this.log = master.log.slice(0, Math.min(master.log.length, common + most));
    this.epochs = [...master.epochs];
  }
}
