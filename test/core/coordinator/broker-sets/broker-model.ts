/** What a broker is and what it makes of a role change, without the wire: both grounds of the contract stand on it. */
import type { BrokerAsk, BrokerEpoch } from '../../../../src/core/coordinator/broker-sets/rocketmq-port.ts';

/** End of the epoch that is not over. */
export const RUNNING = 2n ** 63n - 1n;

export type BrokerSetup = {
  readonly name: string;
  /** Its id at the controller, whether it is the master or not. */
  readonly brokerId: number;
  readonly isMaster: boolean;
  readonly epochs: readonly BrokerEpoch[];
  readonly maxOffset: bigint;
  /** False: a broker that knows name servers only. */
  readonly isControllerMode: boolean;
};

export type RoleChange = Extract<BrokerAsk, { kind: 'changeRole' }>;

export class BrokerModel {
  /** Role changes that it was told of, whether they changed anything or not. */
  readonly told: RoleChange[] = [];
  state: BrokerSetup;

  constructor(setup: BrokerSetup) {
    this.state = setup;
  }

  get epoch(): number {
    return this.state.epochs.at(-1)?.epoch ?? 0;
  }

  /** Nothing comes of an epoch that it has been in, or of a set that has lost its master; both are acknowledged. */
  changeRole(change: RoleChange): void {
    this.told.push(change);
    const { masterBrokerId, masterEpoch } = change;
    const { state } = this;
    if (!state.isControllerMode || masterBrokerId === null || masterEpoch <= this.epoch) return;
    const isMaster = masterBrokerId === state.brokerId;
    this.state = { ...state, isMaster, epochs: isMaster ? this.#promoted(masterEpoch) : state.epochs };
  }

  #promoted(epoch: number): readonly BrokerEpoch[] {
    const { epochs, maxOffset } = this.state;
    const ended = epochs.map((one) => (one.endOffset === RUNNING ? { ...one, endOffset: maxOffset } : one));
    return [...ended, { epoch, startOffset: maxOffset, endOffset: RUNNING }];
  }
}
