/** What a fault is: a layout and a policy, what is done, and what has to come of it. */
import type { Scene } from './scene.ts';

export type LayoutName = '2+1' | '2+2';
export type Policy = 'cross-idc' | 'any-one' | 'majority' | 'all';

/**
 * The ground that a fault needs. Faults with the same one stand on it one after the other, for a ground takes longer
 * to make than a fault to be tried.
 */
export type GroundSpec = {
  readonly layout: LayoutName;
  readonly policy: Policy;
  readonly onShortage: 'block' | 'degrade';
  /** What else is different: a name of `SPECIALS` in fault-ground.ts. */
  readonly special: Special;
};

export type Special =
  | 'plain'
  /** Nodes that can be ended at a line of their log. */
  | 'crashable'
  /** What nodes do to their files is recorded, so that the power can be cut. */
  | 'recorded'
  /** Nodes whose wall clocks can be set. */
  | 'clocks'
  /** Nodes whose clocks, also the monotonic ones, come apart by 8% as long as they run. */
  | 'drifting'
  /** Nodes take a snapshot after few entries. */
  | 'snapshots'
  /** The servers have an administrator beside pollux. */
  | 'administrator';

export type Fault = GroundSpec & {
  readonly name: string;
  /** One line: what is done, and what is expected of it. */
  readonly what: string;
  /** Ends once the fault is over and was mended; throws where something else happened than is expected. */
  readonly run: (scene: Scene) => Promise<void>;
  /** The ground is of no use to another fault afterwards. */
  readonly usesUp?: boolean;
};

/** A crash that did not happen where it should: the row is tried again, and says nothing about pollux. */
export class MissedError extends Error {
  override readonly name = 'MissedError';
}
